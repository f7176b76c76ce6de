#pragma once

#include <cstdint>
#include <vector>

#include <tocsin/engine/engine.hpp>
#include <tocsin/matcher/clock_history.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/matcher/watermark.hpp>

namespace tocsin::engine {

/// All clocks of an engine: those of the streams, with their slack and without, and those of the rules.
class Clocks {
public:
    Clocks(const plan::Program& program, const matcher::RoutingTable& routing);

    using Partition = matcher::StreamClock::Partition;
    void know(plan::StreamId stream, Partition partition);
    /// An event of the stream. The rules' clocks follow at the next `follow_events`: a record that belongs to several streams
    /// moves them all before a rule looks at one.
    void event(plan::StreamId stream, Partition partition, EventTime time);
    /// Each notes what moves under `cause`, the arrival number of the record.
    void follow_events(std::uint64_t cause);
    void heartbeat(plan::StreamId stream, Partition partition, EventTime time, std::uint64_t cause);
    void idle(plan::StreamId stream, Partition partition, std::uint64_t cause);
    void end_input(plan::StreamId stream, event::InputId input, bool all_ended, std::uint64_t cause);
    void end_all(std::uint64_t cause);

    [[nodiscard]] const matcher::ClockHistory& history() const { return history_; }
    [[nodiscard]] EventTime watermark(matcher::ClockId clock) const { return history_.now(clock); }
    /// The least of all that events are judged by.
    [[nodiscard]] EventTime least() const;
    /// Forgets when the clocks moved: what that made visible has been shown.
    void forget_moves() { history_.forget(); }

    /// Requires: between forget_moves() and what moves them next.
    template <class Archive>
    void archive(Archive& a) {
        for (std::size_t s = 0; s < streams_.size(); ++s) {
            a(streams_[s], without_slack_[s]);
        }
        for (Follower& rule : rules_) {
            a(rule.clock);
        }
        a(history_);
    }

private:
    /// A rule's clock, and the streams of the alerts of the rules that go by it: theirs follows it.
    struct Follower {
        matcher::RuleClock clock;
        bool without_slack{false};
        std::vector<plan::StreamId> alerts;
        std::vector<plan::StreamId> alerts_without_slack;
    };
    static std::size_t index(plan::StreamId stream) { return static_cast<std::size_t>(stream); }
    void follow(const plan::Program& program, const matcher::RoutingTable& routing);
    void refresh(plan::StreamId stream, bool without_slack, std::uint64_t cause);
    void moved(std::uint32_t clock, EventTime watermark, std::uint64_t cause);

    std::vector<matcher::StreamClock> streams_;
    std::vector<matcher::StreamClock> without_slack_;
    std::vector<Follower> rules_;                                   ///< by ClockId
    std::vector<std::vector<std::uint32_t>> clocks_of_stream_;      ///< by stream: those with slack
    std::vector<std::vector<std::uint32_t>> bare_clocks_of_stream_; ///< by stream: those without
    std::vector<plan::StreamId> moved_;                             ///< by events, since the rules' clocks followed
    std::vector<plan::StreamId> moved_without_slack_;
    matcher::ClockHistory history_;
};

}  // namespace tocsin::engine
