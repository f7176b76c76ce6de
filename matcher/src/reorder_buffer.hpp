#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <tocsin/matcher/event_pool.hpp>
#include <tocsin/matcher/shard.hpp>

namespace tocsin::matcher {

/// The events of one routing that wait for the watermark, the earliest on top. Holds a reference to each.
class ReorderBuffer {
public:
    ReorderBuffer(EventPool& events, const PartitionTable& partitions) : events_(&events), partitions_(&partitions) {}

    /// An event that waits.
    struct Waiting {
        EventId event{};
        std::string key;
        std::vector<Touch> touches;
    };

    /// Retains the event.
    void add(const Position& position, EventId event, std::string_view key, std::span<const Touch> touches);
    /// The event there is not to come out. Requires: it waits.
    void remove(const Position& position) { removed_.insert(place(position)); }
    [[nodiscard]] bool empty() const { return heap_.empty(); }
    /// Requires: not empty.
    [[nodiscard]] EventTime first_time() const { return heap_.front().position.time; }
    /// Gives the events before `watermark` to `visit(const Waiting&)` in their order, and lets go of them.
    template <class Visit>
    void drain(EventTime watermark, Visit visit) {
        while (!heap_.empty() && heap_.front().position.time < watermark) {
            const Queued top = pop();
            const Waiting& waiting = slots_[top.slot];
            if (removed_.empty() || removed_.erase(place(top.position)) == 0) {
                visit(waiting);
            }
            events_->release(waiting.event);
            free_.push_back(top.slot);
        }
    }

private:
    struct Queued {
        Position position;
        std::uint32_t slot;
    };
    using Place = std::tuple<EventTime, event::InputId, PartitionId, std::uint64_t>;
    static Place place(const Position& at) { return {at.time, at.input, at.partition, at.offset}; }
    [[nodiscard]] bool later(const Queued& a, const Queued& b) const { return compare(a.position, b.position, *partitions_) > 0; }
    Queued pop();

    EventPool* events_;
    const PartitionTable* partitions_;
    std::vector<Queued> heap_;
    std::vector<Waiting> slots_;
    std::vector<std::uint32_t> free_;
    std::multiset<Place> removed_;
};

}  // namespace tocsin::matcher
