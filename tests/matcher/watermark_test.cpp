#include <tocsin/matcher/watermark.hpp>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

constexpr StreamClock::Partition partition(std::uint32_t input, std::uint32_t id) {
    return {event::InputId{input}, PartitionId{id}};
}
constexpr auto kFirst = partition(0, 0);
constexpr auto kSecond = partition(0, 1);
constexpr auto kOther = partition(1, 0);

EventTime s(std::int64_t seconds) { return EventTime::from_millis(seconds * 1000); }

StreamClock clock_with_slack(std::int64_t seconds) { return StreamClock(std::chrono::seconds(seconds)); }

TEST_CASE("a stream that nothing was heard of holds its clock at the lowest time") {
    CHECK(clock_with_slack(0).watermark() == EventTime::lowest());
    CHECK_FALSE(clock_with_slack(0).is_idle());
}

TEST_CASE("a partition's clock is its largest time less the slack") {
    StreamClock clock = clock_with_slack(10);
    clock.event(kFirst, s(100));
    CHECK(clock.watermark() == s(90));
}

TEST_CASE("an earlier event moves no clock") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    CHECK_FALSE(clock.event(kFirst, s(40)));
    CHECK(clock.watermark() == s(100));
}

TEST_CASE("the stream has the least clock of its partitions") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.event(kSecond, s(50));
    CHECK(clock.watermark() == s(50));
    clock.event(kSecond, s(200));
    CHECK(clock.watermark() == s(100));
}

TEST_CASE("equal partitions of two inputs are two partitions") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.event(kOther, s(50));
    CHECK(clock.watermark() == s(50));
}

TEST_CASE("a known partition holds the clock until it speaks") {
    StreamClock clock = clock_with_slack(0);
    clock.know(kSecond);
    clock.event(kFirst, s(100));
    CHECK(clock.watermark() == EventTime::lowest());
    clock.event(kSecond, s(30));
    CHECK(clock.watermark() == s(30));
}

TEST_CASE("a heartbeat counts without the slack") {
    StreamClock clock = clock_with_slack(10);
    clock.event(kFirst, s(100));
    CHECK(clock.heartbeat(kFirst, s(95)));
    CHECK(clock.watermark() == s(95));
}

TEST_CASE("a heartbeat before the clock moves nothing") {
    StreamClock clock = clock_with_slack(10);
    clock.event(kFirst, s(100));
    CHECK_FALSE(clock.heartbeat(kFirst, s(80)));
    CHECK(clock.watermark() == s(90));
}

TEST_CASE("a heartbeat before an earlier one moves nothing") {
    StreamClock clock = clock_with_slack(0);
    clock.heartbeat(kFirst, s(100));
    clock.heartbeat(kFirst, s(50));
    CHECK(clock.watermark() == s(100));
}

TEST_CASE("an idle partition holds nothing back") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.event(kSecond, s(50));
    clock.idle(kSecond);
    CHECK(clock.watermark() == s(100));
    CHECK_FALSE(clock.is_idle());
}

TEST_CASE("a partition that is known and idle holds nothing back") {
    StreamClock clock = clock_with_slack(0);
    clock.know(kSecond);
    clock.event(kFirst, s(100));
    clock.idle(kSecond);
    CHECK(clock.watermark() == s(100));
}

TEST_CASE("an event ends idleness, also one that is no later than those before") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.event(kSecond, s(50));
    clock.idle(kSecond);
    CHECK(clock.event(kSecond, s(20)));
    CHECK(clock.watermark() == s(50));
}

TEST_CASE("a heartbeat ends idleness") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.event(kSecond, s(50));
    clock.idle(kSecond);
    CHECK(clock.heartbeat(kSecond, s(60)));
    CHECK(clock.watermark() == s(60));
}

TEST_CASE("a stream is idle where all its partitions are, and its clock stays") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.idle(kFirst);
    CHECK(clock.is_idle());
    CHECK(clock.watermark() == s(100));
}

TEST_CASE("a stream's clock goes back where a slow partition joins") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.event(kSecond, s(10));
    CHECK(clock.watermark() == s(10));
}

TEST_CASE("the partitions of an ended input hold nothing back") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.event(kOther, s(50));
    clock.end_input(event::InputId{1}, false);
    CHECK(clock.watermark() == s(100));
}

TEST_CASE("where the last input ends, the clock has passed everything") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.end_input(event::InputId{0}, true);
    CHECK(clock.watermark() == EventTime::highest());
    CHECK_FALSE(clock.is_idle());
}

TEST_CASE("a stream whose idle partitions' inputs all end has passed everything") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.idle(kFirst);
    clock.end_input(event::InputId{0}, true);
    CHECK(clock.watermark() == EventTime::highest());
    CHECK_FALSE(clock.is_idle());
}

TEST_CASE("a stream of ended partitions alone waits for an input that may still feed it") {
    StreamClock clock = clock_with_slack(0);
    clock.event(kFirst, s(100));
    clock.end_input(event::InputId{0}, false);
    CHECK(clock.watermark() == s(100));
}

// ---- as a rule sees it

const plan::StreamId kA{0};
const plan::StreamId kB{1};

TEST_CASE("a rule has the least clock of its streams") {
    std::vector<StreamClock> clocks(2, clock_with_slack(0));
    RuleClock rule({kA, kB});
    clocks[0].event(kFirst, s(100));
    CHECK_FALSE(rule.refresh(clocks));
    clocks[1].event(kFirst, s(40));
    CHECK(rule.refresh(clocks));
    CHECK(rule.watermark() == s(40));
}

TEST_CASE("a rule's clock does not look at streams that the rule does not name") {
    std::vector<StreamClock> clocks(2, clock_with_slack(0));
    RuleClock rule({kA});
    clocks[0].event(kFirst, s(100));
    rule.refresh(clocks);
    CHECK(rule.watermark() == s(100));
}

TEST_CASE("an idle stream does not hold a rule back") {
    std::vector<StreamClock> clocks(2, clock_with_slack(0));
    RuleClock rule({kA, kB});
    clocks[0].event(kFirst, s(100));
    clocks[1].event(kFirst, s(40));
    clocks[1].idle(kFirst);
    CHECK(rule.refresh(clocks));
    CHECK(rule.watermark() == s(100));
}

TEST_CASE("where all its streams are idle, a rule's clock stays") {
    std::vector<StreamClock> clocks(2, clock_with_slack(0));
    RuleClock rule({kA, kB});
    clocks[0].event(kFirst, s(100));
    clocks[1].event(kFirst, s(40));
    rule.refresh(clocks);
    clocks[0].idle(kFirst);
    clocks[1].idle(kFirst);
    CHECK_FALSE(rule.refresh(clocks));
    CHECK(rule.watermark() == s(40));
}

TEST_CASE("a rule's clock never goes back") {
    std::vector<StreamClock> clocks(1, clock_with_slack(0));
    RuleClock rule({kA});
    clocks[0].event(kFirst, s(100));
    rule.refresh(clocks);
    clocks[0].event(kSecond, s(10));
    REQUIRE(clocks[0].watermark() == s(10));
    CHECK_FALSE(rule.refresh(clocks));
    CHECK(rule.watermark() == s(100));
}

TEST_CASE("a rule's clock passes everything only with its last stream") {
    std::vector<StreamClock> clocks(2, clock_with_slack(0));
    RuleClock rule({kA, kB});
    clocks[0].end_input(event::InputId{0}, true);
    clocks[1].event(kFirst, s(40));
    rule.refresh(clocks);
    CHECK(rule.watermark() == s(40));
    clocks[1].end_input(event::InputId{0}, true);
    rule.refresh(clocks);
    CHECK(rule.watermark() == EventTime::highest());
}

}  // namespace
}  // namespace tocsin::matcher
