#include <tocsin/matcher/clock_history.hpp>

#include <algorithm>
#include <cassert>

namespace tocsin::matcher {

void ClockHistory::move(ClockId clock, EventTime watermark, std::uint64_t cause) {
    Clock& own = clocks_[static_cast<std::size_t>(clock)];
    own.now = watermark;
    if (!own.moves.empty() && own.moves.back().cause == cause) {
        own.moves.back().watermark = watermark;
    } else {
        own.moves.push_back({cause, watermark});
    }
}

void ClockHistory::forget() {
    for (Clock& clock : clocks_) {
        clock.start = clock.now;
        clock.moves.clear();
    }
}

void ClockHistory::Cursor::go_to(std::uint64_t cause) {
    before_ = after_;
    for (; next_ < moves_.size() && moves_[next_].cause <= cause; ++next_) {
        before_ = moves_[next_].cause < cause ? moves_[next_].watermark : before_;
        after_ = moves_[next_].watermark;
    }
}

std::uint64_t ClockHistory::Cursor::next_beyond(EventTime time) const {
    const auto left = moves_.subspan(next_);
    const auto found = std::partition_point(left.begin(), left.end(), [&](const Move& move) { return move.watermark <= time; });
    return found == left.end() ? kNever : found->cause;
}

EventTime ClockHistory::before(ClockId clock, std::uint64_t cause) const {
    const Clock& own = of(clock);
    if (own.moves.empty() || own.moves.back().cause < cause) {
        return own.now;
    }
    const auto next = std::partition_point(own.moves.begin(), own.moves.end(), [&](const Move& move) { return move.cause < cause; });
    return next == own.moves.begin() ? own.start : std::prev(next)->watermark;
}

std::uint64_t ClockHistory::cause_of(ClockId clock, EventTime time) const {
    const std::vector<Move>& moves = of(clock).moves;
    const auto found = std::partition_point(moves.begin(), moves.end(), [&](const Move& move) { return move.watermark <= time; });
    assert(found != moves.end() && "what is shown was made visible by a move of its clock");
    return found->cause;
}

}  // namespace tocsin::matcher
