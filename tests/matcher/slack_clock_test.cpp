#include <tocsin/matcher/slack_clock.hpp>

#include <array>
#include <vector>

#include <rapidcheck.h>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using Partition = SlackClock::Partition;

constexpr Partition kFirst{event::InputId{0}, PartitionId{0}};
constexpr Partition kSecond{event::InputId{0}, PartitionId{1}};

EventTime s(std::int64_t seconds) { return EventTime::from_millis(seconds * 1000); }
constexpr std::chrono::seconds seconds(std::int64_t count) { return std::chrono::seconds(count); }

TEST_CASE("events in order need no slack") {
    SlackClock clock;
    CHECK(clock.needed(s(10)) == seconds(0));
    clock.event(kFirst, s(10));
    CHECK(clock.needed(s(10)) == seconds(0));
    CHECK(clock.needed(s(11)) == seconds(0));
}

TEST_CASE("an event needs as much slack as it is behind the largest time") {
    SlackClock clock;
    clock.event(kFirst, s(10));
    clock.event(kFirst, s(4));
    CHECK(clock.needed(s(3)) == seconds(7));
}

TEST_CASE("the slowest partition is what an event is behind") {
    SlackClock clock;
    clock.event(kFirst, s(5));
    clock.event(kSecond, s(10));
    clock.event(kFirst, s(8));
    CHECK(clock.needed(s(7)) == seconds(1));
    CHECK(clock.partitions() == 2);
}

TEST_CASE("a partition that joins does not turn the clock back") {
    SlackClock clock;
    clock.event(kFirst, s(10));
    CHECK(clock.needed(s(2)) == seconds(8));
    clock.event(kSecond, s(2));
    CHECK(clock.needed(s(3)) == seconds(7));
}

TEST_CASE("a known partition holds the clock until it speaks, and idle ones do not") {
    SlackClock clock;
    clock.know(kSecond);
    clock.event(kFirst, s(10));
    CHECK(clock.needed(s(2)) == seconds(0));
    clock.idle(kSecond);
    CHECK(clock.needed(s(2)) == seconds(8));
}

TEST_CASE("no slack mends what a heartbeat has passed") {
    SlackClock clock;
    clock.event(kFirst, s(20));
    clock.heartbeat(kFirst, s(10));
    CHECK_FALSE(clock.needed(s(9)).has_value());
    CHECK(clock.needed(s(10)) == seconds(10));
}

TEST_CASE("a heartbeat of one partition counts only where the others have passed it too") {
    SlackClock clock;
    clock.know(kSecond);
    clock.heartbeat(kFirst, s(10));
    clock.event(kSecond, s(15));
    CHECK(clock.needed(s(9)) == seconds(6));
    CHECK(clock.needed(s(10)) == seconds(0));
}

TEST_CASE("an input that has ended holds nothing back") {
    SlackClock clock;
    constexpr Partition other{event::InputId{1}, PartitionId{0}};
    clock.event(kFirst, s(5));
    clock.event(other, s(10));
    CHECK(clock.needed(s(6)) == seconds(0));
    clock.end_input(event::InputId{0}, false);
    CHECK(clock.needed(s(6)) == seconds(4));
}

// The clocks of the engine, one for each slack, told the same.
struct Clocks {
    explicit Clocks(Duration slack) : stream{StreamClock(slack)} {}

    template <class Tell>
    void told(Tell tell) {
        tell(stream.front());
        static_cast<void>(rule.refresh(stream));
    }
    std::vector<StreamClock> stream;
    RuleClock rule{{plan::StreamId{0}}};
};

TEST_CASE("an event is too late for a clock if it needs more than its slack, whatever the slack and whatever went before") {
    const bool holds = rc::check([] {
        constexpr std::array<std::int64_t, 7> kSlacks{0, 1, 3, 5, 10, 25, 1000};
        std::vector<Clocks> clocks;
        for (const std::int64_t slack : kSlacks) {
            clocks.emplace_back(seconds(slack));
        }
        SlackClock all;
        const auto tell = [&](auto what) {
            for (Clocks& one : clocks) {
                one.told(what);
            }
            what(all);
        };
        const int length = *rc::gen::inRange(1, 60);
        for (int i = 0; i < length; ++i) {
            const Partition partition{event::InputId{*rc::gen::inRange(0U, 2U)}, PartitionId{*rc::gen::inRange(0U, 3U)}};
            const EventTime time = s(i / 2 + *rc::gen::inRange(-15, 15));
            const auto needed = all.needed(time);
            for (std::size_t c = 0; c < kSlacks.size(); ++c) {
                const bool too_late = !needed || *needed > seconds(kSlacks[c]);
                RC_ASSERT(too_late == (time < clocks[c].rule.watermark()));
            }
            switch (*rc::gen::inRange(0, 12)) {
                case 0: tell([&](auto& clock) { clock.know(partition); }); break;
                case 1: tell([&](auto& clock) { clock.idle(partition); }); break;
                case 2:
                case 3: tell([&](auto& clock) { clock.heartbeat(partition, time); }); break;
                case 4: {
                    const bool last = *rc::gen::inRange(0, 10) == 0;
                    tell([&](auto& clock) { clock.end_input(partition.first, last); });
                    break;
                }
                default: tell([&](auto& clock) { clock.event(partition, time); }); break;
            }
        }
    });
    CHECK(holds);
}

}  // namespace
}  // namespace tocsin::matcher
