#include "clocks.hpp"

#include <algorithm>

namespace tocsin::engine {

using matcher::ClockId;
using matcher::StreamClock;

Clocks::Clocks(const plan::Program& program, const matcher::RoutingTable& routing)
    : clocks_of_stream_(program.streams.size()), bare_clocks_of_stream_(program.streams.size()), history_(routing.clocks.size()) {
    for (const plan::StreamPlan& stream : program.streams) {
        streams_.emplace_back(stream.slack);
        without_slack_.emplace_back(Duration(0));
    }
    for (std::uint32_t clock = 0; clock < routing.clocks.size(); ++clock) {
        const matcher::ClockPlan& plan = routing.clocks[clock];
        rules_.push_back({matcher::RuleClock(plan.streams), plan.without_slack, {}, {}});
        for (const plan::StreamId stream : plan.streams) {
            (plan.without_slack ? bare_clocks_of_stream_ : clocks_of_stream_)[index(stream)].push_back(clock);
        }
    }
    follow(program, routing);
}

/// The watermark of a rule's alerts is the rule's. Without slack it is that before which the rule shows its alerts: nothing is shown
/// that waits for alerts which are still to come.
void Clocks::follow(const plan::Program& program, const matcher::RoutingTable& routing) {
    for (std::size_t r = 0; r < program.rules.size(); ++r) {
        const auto& stream = routing.alerts_of[r];
        if (!stream) {
            continue;
        }
        const matcher::Routing& of = routing.routing_of(plan::RuleId{static_cast<std::uint32_t>(r)});
        rules_[static_cast<std::size_t>(of.clock)].alerts.push_back(*stream);
        rules_[static_cast<std::size_t>(of.shown)].alerts_without_slack.push_back(*stream);
    }
}

void Clocks::know(plan::StreamId stream, Partition partition) {
    streams_[index(stream)].know(partition);
    without_slack_[index(stream)].know(partition);
}

void Clocks::event(plan::StreamId stream, Partition partition, EventTime time) {
    if (streams_[index(stream)].event(partition, time)) {
        moved_.push_back(stream);
    }
    if (!bare_clocks_of_stream_[index(stream)].empty() && without_slack_[index(stream)].event(partition, time)) {
        moved_without_slack_.push_back(stream);
    }
}

void Clocks::follow_events(std::uint64_t cause) {
    for (const plan::StreamId stream : moved_) {
        refresh(stream, false, cause);
    }
    for (const plan::StreamId stream : moved_without_slack_) {
        refresh(stream, true, cause);
    }
    moved_.clear();
    moved_without_slack_.clear();
}

void Clocks::heartbeat(plan::StreamId stream, Partition partition, EventTime time, std::uint64_t cause) {
    if (streams_[index(stream)].heartbeat(partition, time)) {
        refresh(stream, false, cause);
    }
    if (without_slack_[index(stream)].heartbeat(partition, time)) {
        refresh(stream, true, cause);
    }
}

void Clocks::idle(plan::StreamId stream, Partition partition, std::uint64_t cause) {
    if (streams_[index(stream)].idle(partition)) {
        refresh(stream, false, cause);
    }
    if (without_slack_[index(stream)].idle(partition)) {
        refresh(stream, true, cause);
    }
}

void Clocks::end_input(plan::StreamId stream, event::InputId input, bool all_ended, std::uint64_t cause) {
    streams_[index(stream)].end_input(input, all_ended);
    without_slack_[index(stream)].end_input(input, all_ended);
    refresh(stream, false, cause);
    refresh(stream, true, cause);
}

void Clocks::end_all(std::uint64_t cause) {
    for (std::uint32_t clock = 0; clock < rules_.size(); ++clock) {
        history_.move(ClockId{clock}, EventTime::highest(), cause);
    }
}

EventTime Clocks::least() const {
    EventTime least = EventTime::highest();
    for (std::uint32_t clock = 0; clock < rules_.size(); ++clock) {
        if (!rules_[clock].without_slack) {
            least = std::min(least, history_.now(ClockId{clock}));
        }
    }
    return least;
}

void Clocks::refresh(plan::StreamId stream, bool without_slack, std::uint64_t cause) {
    for (const std::uint32_t clock : (without_slack ? bare_clocks_of_stream_ : clocks_of_stream_)[index(stream)]) {
        if (rules_[clock].clock.refresh(without_slack ? without_slack_ : streams_)) {
            moved(clock, rules_[clock].clock.watermark(), cause);
        }
    }
}

void Clocks::moved(std::uint32_t clock, EventTime watermark, std::uint64_t cause) {
    history_.move(ClockId{clock}, watermark, cause);
    // No input feeds the alerts of a rule: any one partition does for their clock.
    const Partition made{event::InputId{0}, matcher::PartitionId{0}};
    for (const plan::StreamId stream : rules_[clock].alerts) {
        if (streams_[index(stream)].heartbeat(made, watermark)) {
            refresh(stream, false, cause);
        }
    }
    for (const plan::StreamId stream : rules_[clock].alerts_without_slack) {
        if (without_slack_[index(stream)].heartbeat(made, watermark)) {
            refresh(stream, true, cause);
        }
    }
}

}  // namespace tocsin::engine
