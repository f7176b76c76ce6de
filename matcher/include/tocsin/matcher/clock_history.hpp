#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/matcher/routing.hpp>

namespace tocsin::matcher {

/// Where the clocks of the rules stand, and at which records they moved since the history was forgotten last: what a record makes
/// visible is then the same however records were cut into batches. Written by one thread while no other reads.
class ClockHistory {
public:
    struct Move {
        std::uint64_t cause;        ///< the record, by arrival
        EventTime watermark;
    };

    explicit ClockHistory(std::size_t clocks) : clocks_(clocks) {}

    /// Requires: causes and watermarks that do not go down.
    void move(ClockId clock, EventTime watermark, std::uint64_t cause);
    /// Forgets the moves, not where the clocks stand.
    void forget();

    [[nodiscard]] EventTime now(ClockId clock) const { return of(clock).now; }
    /// Where the clock stood when the record had come and not yet moved it.
    [[nodiscard]] EventTime before(ClockId clock, std::uint64_t cause) const;
    /// Where the record left it.
    [[nodiscard]] EventTime after(ClockId clock, std::uint64_t cause) const { return before(clock, cause + 1); }
    [[nodiscard]] std::span<const Move> moves(ClockId clock) const { return of(clock).moves; }
    /// The record at which the clock went beyond `time`. Requires: it did, since the last forget().
    [[nodiscard]] std::uint64_t cause_of(ClockId clock, EventTime time) const;

private:
    struct Clock {
        EventTime start{EventTime::lowest()};
        EventTime now{EventTime::lowest()};
        std::vector<Move> moves;
    };
    [[nodiscard]] const Clock& of(ClockId clock) const { return clocks_[static_cast<std::size_t>(clock)]; }

    std::vector<Clock> clocks_;
};

}  // namespace tocsin::matcher
