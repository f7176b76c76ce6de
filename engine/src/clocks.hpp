#pragma once

#include <cstdint>
#include <vector>

#include <tocsin/engine/engine.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/matcher/watermark.hpp>

#include "prepared.hpp"

namespace tocsin::engine {

/// All clocks of an engine, and when each rule clock moved: so that what a watermark makes visible can be laid at the door of
/// the record that moved it.
class Clocks {
public:
    Clocks(const plan::Program& program, const matcher::RoutingTable& routing);

    using Partition = matcher::StreamClock::Partition;
    void know(plan::StreamId stream, Partition partition) { streams_[index(stream)].know(partition); }
    /// Each notes what moves under `cause`, the arrival number of the record.
    void event(plan::StreamId stream, Partition partition, EventTime time, std::uint64_t cause);
    void heartbeat(plan::StreamId stream, Partition partition, EventTime time, std::uint64_t cause);
    void idle(plan::StreamId stream, Partition partition, std::uint64_t cause);
    void end_input(plan::StreamId stream, event::InputId input, bool all_ended, std::uint64_t cause);
    void end_all(std::uint64_t cause);

    [[nodiscard]] EventTime watermark(matcher::ClockId clock) const { return watermarks_[static_cast<std::size_t>(clock)]; }
    [[nodiscard]] const std::vector<EventTime>& watermarks() const { return watermarks_; }

    /// The record at which the clock went beyond `time`.
    [[nodiscard]] std::uint64_t cause_of(matcher::ClockId clock, EventTime time) const;
    /// Forgets all moves: what they made visible has been shown.
    void forget_moves();

private:
    struct Move {
        std::uint64_t cause;
        EventTime watermark;
    };
    static std::size_t index(plan::StreamId stream) { return static_cast<std::size_t>(stream); }
    void refresh(plan::StreamId stream, std::uint64_t cause);
    void moved(std::size_t clock, EventTime watermark, std::uint64_t cause);

    std::vector<matcher::StreamClock> streams_;
    std::vector<matcher::RuleClock> rules_;                         ///< by ClockId
    std::vector<std::vector<std::uint32_t>> clocks_of_stream_;
    std::vector<EventTime> watermarks_;                             ///< by ClockId
    std::vector<std::vector<Move>> moves_;                          ///< by ClockId, since forget_moves()
};

}  // namespace tocsin::engine
