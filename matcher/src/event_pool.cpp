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

}  // namespace tocsin::matcher
