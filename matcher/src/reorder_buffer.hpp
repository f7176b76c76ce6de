#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <tocsin/matcher/event_pool.hpp>
#include <tocsin/matcher/shard.hpp>

namespace tocsin::matcher {

/// The events of one routing that wait for the watermark. Holds a reference to each. Those that come in order stand in a queue, where
/// one costs what it is; only those behind a later one are in a heap.
class ReorderBuffer {
public:
    ReorderBuffer(EventPool& events, const PartitionTable& partitions) : events_(&events), partitions_(&partitions) {}

    /// An event that waits.
    struct Waiting {
        EventId event{};
        std::string key;
        std::vector<Touch> touches;

        template <class Archive>
        void archive(Archive& a) {
            a(event, key, touches);
        }
    };

    /// Retains the event.
    void add(const Position& position, EventId event, std::string_view key, std::span<const Touch> touches);
    /// The event there is not to come out. Requires: it waits.
    void remove(const Position& position) { removed_.insert(place(position)); }
    [[nodiscard]] bool empty() const { return queue_.empty() && heap_.empty(); }
    /// Requires: not empty.
    [[nodiscard]] EventTime first_time() const { return first().position.time; }
    /// Gives the events before `watermark` to `visit(const Waiting&)` in their order, and lets go of them.
    template <class Visit>
    void drain(EventTime watermark, Visit visit) {
        while (!empty() && first_time() < watermark) {
            const Queued top = pop();
            const Waiting& waiting = slots_[top.slot];
            if (const auto removed = removed_.find(place(top.position)); removed != removed_.end()) {
                removed_.erase(removed);
            } else {
                visit(waiting);
            }
            events_->release(waiting.event);
            free_.push_back(top.slot);
        }
    }

    /// What waits, in its order. References to events are not counted again.
    void save(StateWriter& out);
    void restore(StateReader& in);

private:
    struct Queued {
        Position position;
        std::uint32_t slot;
        std::uint64_t added;  ///< how many were added before it
    };
    using Place = std::tuple<EventTime, event::InputId, PartitionId, std::uint64_t>;
    static Place place(const Position& at) { return {at.time, at.input, at.partition, at.offset}; }
    /// What comes back to a place from which an event was removed comes out behind that one: the first at a place are those removed.
    [[nodiscard]] bool later(const Queued& a, const Queued& b) const {
        const auto order = compare(a.position, b.position, *partitions_);
        return order > 0 || (order == 0 && a.added > b.added);
    }
    [[nodiscard]] bool first_is_queued() const {
        return heap_.empty() || (!queue_.empty() && later(heap_.front(), queue_.front()));
    }
    [[nodiscard]] const Queued& first() const { return first_is_queued() ? queue_.front() : heap_.front(); }
    Queued pop();

    EventPool* events_;
    const PartitionTable* partitions_;
    std::deque<Queued> queue_;
    std::vector<Queued> heap_;
    std::vector<Waiting> slots_;
    std::vector<std::uint32_t> free_;
    std::multiset<Place> removed_;
    std::uint64_t added_{0};
};

}  // namespace tocsin::matcher
