#include <tocsin/matcher/event_pool.hpp>

#include <algorithm>
#include <cassert>

namespace tocsin::matcher {
namespace {

/// A slot that held a larger record gives its memory back, so that one huge record does not stay for ever.
constexpr std::size_t kKeptCapacity = 4096;

}  // namespace

EventId EventPool::add(const Position& position, std::string_view raw, std::span<const event::Value> values) {
    EventId id{};
    if (free_.empty()) {
        id = EventId{static_cast<std::uint32_t>(events_.size())};
        events_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    StoredEvent& event = events_[static_cast<std::size_t>(id)];
    event.position = position;
    event.references = 1;
    event.raw_size = raw.size();

    std::size_t size = raw.size();
    for (const event::Value& value : values) {
        size += value.type() == event::Type::string ? value.as_string().size() : 0;
    }
    event.bytes.clear();
    event.bytes.reserve(size);      // views into it are made below: it must not move
    event.bytes.append(raw);
    event.values.assign(values.begin(), values.end());
    for (event::Value& value : event.values) {
        if (value.type() == event::Type::string) {
            const std::string_view text = value.as_string();
            const std::size_t at = event.bytes.size();
            event.bytes.append(text);
            value = event::Value::of_string(std::string_view(event.bytes).substr(at, text.size()));
        }
    }
    return id;
}

void EventPool::release(EventId id) {
    StoredEvent& event = events_[static_cast<std::size_t>(id)];
    assert(event.references > 0);
    if (--event.references > 0) {
        return;
    }
    if (event.bytes.capacity() > kKeptCapacity) {
        std::string().swap(event.bytes);        // assigning an empty string would keep the memory
    }
    free_.push_back(id);
}

PastId PastPool::extend(PastId before, EventId event, nfa::StepId step) {
    PastId id{};
    if (free_.empty()) {
        id = PastId{static_cast<std::uint32_t>(nodes_.size())};
        nodes_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    std::uint32_t length = 1;
    if (before != kNoPast) {
        retain(before);
        length += (*this)[before].length;
    }
    events_->retain(event);
    nodes_[static_cast<std::size_t>(id)] = {event, step, before, 1, length};
    return id;
}

void PastPool::retain(PastId id) {
    if (id != kNoPast) {
        ++nodes_[static_cast<std::size_t>(id)].references;
    }
}

void PastPool::release(PastId id) {
    // A loop, not a recursion: a past can be as long as the stream.
    while (id != kNoPast) {
        PastNode& node = nodes_[static_cast<std::size_t>(id)];
        assert(node.references > 0);
        if (--node.references > 0) {
            return;
        }
        events_->release(node.event);
        free_.push_back(id);
        id = node.before;
    }
}

void PastPool::list(PastId id, std::vector<Taken>& out) const {
    out.clear();
    for (; id != kNoPast; id = (*this)[id].before) {
        out.push_back({(*this)[id].event, (*this)[id].step});
    }
    std::reverse(out.begin(), out.end());
}

}  // namespace tocsin::matcher
