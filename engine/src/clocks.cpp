#include "clocks.hpp"

#include <algorithm>
#include <cassert>

namespace tocsin::engine {

Clocks::Clocks(const plan::Program& program, const matcher::RoutingTable& routing)
    : clocks_of_stream_(program.streams.size()),
      watermarks_(routing.clock_streams.size(), EventTime::lowest()),
      moves_(routing.clock_streams.size()) {
    for (const plan::StreamPlan& stream : program.streams) {
        streams_.emplace_back(stream.slack);
    }
    for (std::uint32_t clock = 0; clock < routing.clock_streams.size(); ++clock) {
        rules_.emplace_back(routing.clock_streams[clock]);
        for (const plan::StreamId stream : routing.clock_streams[clock]) {
            clocks_of_stream_[index(stream)].push_back(clock);
        }
    }
}

void Clocks::event(plan::StreamId stream, Partition partition, EventTime time, std::uint64_t cause) {
    if (streams_[index(stream)].event(partition, time)) {
        refresh(stream, cause);
    }
}

void Clocks::heartbeat(plan::StreamId stream, Partition partition, EventTime time, std::uint64_t cause) {
    if (streams_[index(stream)].heartbeat(partition, time)) {
        refresh(stream, cause);
    }
}

void Clocks::idle(plan::StreamId stream, Partition partition, std::uint64_t cause) {
    if (streams_[index(stream)].idle(partition)) {
        refresh(stream, cause);
    }
}

void Clocks::end_input(plan::StreamId stream, event::InputId input, bool all_ended, std::uint64_t cause) {
    streams_[index(stream)].end_input(input, all_ended);
    refresh(stream, cause);
}

void Clocks::end_all(std::uint64_t cause) {
    for (std::size_t clock = 0; clock < watermarks_.size(); ++clock) {
        moved(clock, EventTime::highest(), cause);
    }
}

void Clocks::refresh(plan::StreamId stream, std::uint64_t cause) {
    for (const std::uint32_t clock : clocks_of_stream_[index(stream)]) {
        if (rules_[clock].refresh(streams_)) {
            moved(clock, rules_[clock].watermark(), cause);
        }
    }
}

void Clocks::moved(std::size_t clock, EventTime watermark, std::uint64_t cause) {
    watermarks_[clock] = watermark;
    moves_[clock].push_back({cause, watermark});
}

std::uint64_t Clocks::cause_of(matcher::ClockId clock, EventTime time) const {
    const std::vector<Move>& moves = moves_[static_cast<std::size_t>(clock)];
    const auto found = std::partition_point(moves.begin(), moves.end(), [&](const Move& move) { return move.watermark <= time; });
    assert(found != moves.end() && "what is shown was made visible by a move of its clock");
    return found->cause;
}

void Clocks::forget_moves() {
    for (auto& moves : moves_) {
        moves.clear();
    }
}

}  // namespace tocsin::engine
