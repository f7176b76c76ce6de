#include <tocsin/matcher/event_pool.hpp>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include <tocsin/plan/expr.hpp>

#include "slots.hpp"

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

namespace {

/// A string of an event as its place in the event's bytes; everything else as it is.
struct StoredValue {
    plan::Constant plain;
    std::optional<std::pair<std::size_t, std::size_t>> in_bytes;

    template <class Archive>
    void archive(Archive& a) {
        a(plain, in_bytes);
    }
};

StoredValue stored(const event::Value& value, const std::string& bytes) {
    if (value.type() != event::Type::string) {
        return {plan::Constant::of(value), std::nullopt};
    }
    const std::string_view text = value.as_string();
    return {{}, std::pair(static_cast<std::size_t>(text.data() - bytes.data()), text.size())};
}

void restore_event(StateReader& in, StoredEvent& event) {
    in(event.position, event.references, event.raw_size, event.bytes);
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        StoredValue one;
        in(one);
        if (one.in_bytes && (one.in_bytes->first > event.bytes.size() || one.in_bytes->second > event.bytes.size() - one.in_bytes->first)) {
            in.fail();
            return;
        }
        event.values.push_back(one.in_bytes ? event::Value::of_string(std::string_view(event.bytes).substr(one.in_bytes->first, one.in_bytes->second))
                                            : one.plain.view());
    }
    if (event.raw_size > event.bytes.size()) {
        in.fail();
    }
}

}  // namespace

void EventPool::save(StateWriter& out) {
    save_slots(out, events_, free_, [&](StoredEvent& event) {
        out(event.position, event.references, event.raw_size, event.bytes);
        out.number(event.values.size());
        for (const event::Value& value : event.values) {
            StoredValue one = stored(value, event.bytes);
            out(one);
        }
    });
}

void EventPool::restore(StateReader& in) {
    restore_slots(in, events_, free_, [&](StoredEvent& event) { restore_event(in, event); });
}

}  // namespace tocsin::matcher
