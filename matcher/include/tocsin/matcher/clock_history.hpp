#pragma once

#include <cstdint>
#include <limits>
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

    /// Goes through the moves of one clock, record by record.
    class Cursor {
    public:
        Cursor(const ClockHistory& history, ClockId clock)
            : moves_(history.moves(clock)), before_(history.start(clock)), after_(before_) {}
        /// Requires: not a record before the one that it stands at.
        void go_to(std::uint64_t cause);
        /// Where the clock stood when the record had come and not yet moved it, and where the record left it.
        [[nodiscard]] EventTime before() const { return before_; }
        [[nodiscard]] EventTime after() const { return after_; }
        /// The next record, from where it stands, at which the clock goes beyond `time`; kNever if it does not.
        [[nodiscard]] std::uint64_t next_beyond(EventTime time) const;

    private:
        std::span<const Move> moves_;
        std::size_t next_{0};
        EventTime before_;
        EventTime after_;
    };
    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max() - 1;  ///< after every record

    explicit ClockHistory(std::size_t clocks) : clocks_(clocks) {}

    /// Requires: causes and watermarks that do not go down.
    void move(ClockId clock, EventTime watermark, std::uint64_t cause);
    /// Forgets the moves, not where the clocks stand.
    void forget();

    [[nodiscard]] EventTime now(ClockId clock) const { return of(clock).now; }
    /// Where the clock stood when the record had come and not yet moved it.
    [[nodiscard]] EventTime before(ClockId clock, std::uint64_t cause) const;
    [[nodiscard]] std::span<const Move> moves(ClockId clock) const { return of(clock).moves; }
    [[nodiscard]] EventTime start(ClockId clock) const { return of(clock).start; }
    /// The record at which the clock went beyond `time`. Requires: it did, since the last forget().
    [[nodiscard]] std::uint64_t cause_of(ClockId clock, EventTime time) const;

    /// Requires: nothing moved since the last forget().
    template <class Archive>
    void archive(Archive& a) {
        for (Clock& clock : clocks_) {
            a(clock.start, clock.now);
        }
    }

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
