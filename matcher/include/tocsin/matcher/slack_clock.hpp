#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/matcher/watermark.hpp>

namespace tocsin::matcher {

/// The clock of a rule that reads one stream, for all slacks at once: told what a StreamClock is told, it says of an event
/// the least slack with which that clock would not have passed it. The watermark with slack S never goes back; at its highest
/// it was the least of max(largest event time − S, heartbeat) over the partitions, so an event at `ts` is behind it for
/// exactly the S below max over the past of min over the partitions whose heartbeat is not after ts of (largest − ts).
///
/// Memory: the partitions, and of the past as many steps as partitions had heartbeats between the slowest and the fastest of
/// them. `needed` is constant for an event that nothing is ahead of, else linear in the partitions, as is a StreamClock.
/// Thread-compatible.
class SlackClock {
public:
    using Partition = StreamClock::Partition;

    /// The least slack with which an event that comes now is not behind the watermark: zero for one that is in order. Nothing
    /// if heartbeats have passed it, which no slack mends.
    [[nodiscard]] std::optional<Duration> needed(EventTime time) const;

    // As those of a StreamClock.
    void know(Partition partition);
    void event(Partition partition, EventTime time);
    void heartbeat(Partition partition, EventTime time);
    void idle(Partition partition);
    void end_input(event::InputId input, bool all_ended);

    [[nodiscard]] std::size_t partitions() const { return partitions_.size(); }

private:
    struct State {
        EventTime newest{EventTime::lowest()};
        EventTime heartbeat{EventTime::lowest()};
        bool idle{false};
        bool ended{false};
    };
    /// For times before `below`, down to the step before: the largest time that holds against a slack; highest() if none does.
    struct Step {
        EventTime below;
        EventTime newest;
    };
    /// By `below`, which goes up to highest(), while `newest` goes down.
    using Stairs = std::vector<Step>;

    [[nodiscard]] static EventTime at(const Stairs& stairs, EventTime time);
    [[nodiscard]] static Stairs higher(const Stairs& a, const Stairs& b);
    [[nodiscard]] Stairs now() const;
    [[nodiscard]] EventTime now(EventTime time) const;
    State& state(Partition partition);
    /// Before what may move the clock back: it stays where it is.
    void hold();
    void moved();

    std::map<Partition, State> partitions_;
    Stairs held_{{EventTime::highest(), EventTime::lowest()}};
    EventTime ahead_{EventTime::lowest()};  ///< nothing told was after it
    bool some_ended_{false};
    bool follows_{true};  ///< false: only ended partitions are left, and the clock stands
};

}  // namespace tocsin::matcher
