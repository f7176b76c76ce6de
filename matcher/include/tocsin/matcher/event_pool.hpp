#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/archive.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/matcher/position.hpp>

namespace tocsin::matcher {

enum class EventId : std::uint32_t {};

/// What is kept of an event after its batch is gone: its place, the values that later conditions read, its bytes.
/// What is looked at most stands together, in one line of the cache.
struct alignas(64) StoredEvent {
    Position position;
    std::uint32_t references{0};
    std::size_t raw_size{0};
    std::vector<event::Value> values;       ///< by slot of Program::kept_slot; strings point into `bytes`
    std::string bytes;                      ///< the raw record, then the kept strings

    [[nodiscard]] std::string_view raw() const { return std::string_view(bytes).substr(0, raw_size); }
};

/// The events that runs of one shard refer to, counted by reference; slots are used again, with their memory.
/// Owned by one shard.
class EventPool {
public:
    /// A copy with one reference. Copies raw and strings.
    EventId add(const Position& position, std::string_view raw, std::span<const event::Value> values);
    [[nodiscard]] const StoredEvent& operator[](EventId id) const { return events_[static_cast<std::size_t>(id)]; }
    void retain(EventId id) { ++events_[static_cast<std::size_t>(id)].references; }
    void release(EventId id);
    [[nodiscard]] std::size_t live() const { return events_.size() - free_.size(); }

    /// Ids stay as they are.
        void save(StateWriter& out);
    void restore(StateReader& in);

private:
    std::deque<StoredEvent> events_;
    std::vector<EventId> free_;
};

}  // namespace tocsin::matcher
