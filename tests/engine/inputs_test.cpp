// Inputs, and the clock that they drive.

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

using Lines = std::vector<std::string>;

const std::string kOne = "stream A(ts: time) time ts\nrule r when A\n";

std::string at(std::int64_t ms) { return fmt::format(R"({{"ts":{}}})", ms); }

EventTime ms(std::int64_t value) { return EventTime::from_millis(value); }

TEST_CASE("an alert is shown once the watermark has passed it") {
    Driver driver(kOne);
    driver.push({at(10)});
    CHECK(driver.take().empty());
    driver.push({at(11)});
    CHECK(driver.take() == Lines{"r at 10000 A[ 0/1 ]"});
    driver.finish();
    CHECK(driver.take() == Lines{"r at 11000 A[ 0/2 ]"});
}

TEST_CASE("finishing twice shows nothing twice") {
    Driver driver(kOne);
    driver.push({at(10)});
    driver.finish();
    CHECK(driver.take().size() == 1);
    driver.finish();
    CHECK(driver.take().empty());
}

TEST_CASE("a heartbeat given by a call moves the watermark as a record does") {
    Driver driver(kOne);
    driver.push({at(10)});
    driver.engine().watermark(event::InputId{0}, "A", "0", ms(50), driver.output);
    CHECK(driver.take().size() == 1);
    CHECK(driver.engine().low_watermark() == ms(50));
    driver.push({at(49)});
    CHECK(driver.engine().counters().rules[0].too_late == 1);
}

TEST_CASE("idleness given by a call lets the other partitions go on") {
    Driver driver(kOne);
    driver.push({R"({"ts":10,"$partition":1})", R"({"ts":40,"$partition":2})"});
    CHECK(driver.engine().low_watermark() == ms(10));
    driver.engine().idle(event::InputId{0}, "A", "1", driver.output);
    CHECK(driver.engine().low_watermark() == ms(40));
    CHECK(driver.take().size() == 1);
}

TEST_CASE("a record of two idle streams wakes both before a rule looks at either's watermark") {
    Driver driver(
        "stream A(n: int, ts: time) time ts where n <= 1\nstream B(n: int, ts: time) time ts where n >= 1\nrule r when A or B\n");
    driver.engine().watermark(event::InputId{0}, "A", "0", ms(50), driver.output);
    driver.engine().idle(event::InputId{0}, "A", "0", driver.output);
    driver.engine().idle(event::InputId{0}, "B", "0", driver.output);
    driver.push({R"({"n":1,"ts":30})"});
    CHECK(driver.engine().low_watermark() == ms(30));
    driver.push({R"({"n":2,"ts":40})"});
    CHECK(driver.engine().counters().rules[0].too_late == 0);
}

TEST_CASE("a heartbeat of a stream that nobody declared is unassigned") {
    Driver driver(kOne);
    driver.engine().watermark(event::InputId{0}, "Nobody", "0", ms(50), driver.output);
    CHECK(driver.engine().counters().unassigned == 1);
    CHECK(driver.engine().low_watermark() == EventTime::lowest());
}

// ---- several inputs

const std::string kTwo =
    "stream A(u: string, ts: time) time ts from \"a\"\nstream B(u: string, ts: time) time ts from \"b\"\n"
    "rule r when A -> B within 1m\n";

TEST_CASE("a record belongs to the stream whose `from` is its input") {
    Driver driver(kTwo, {"a", "b"});
    driver.push({at(1)}, 0);
    driver.push({at(2)}, 1);
    driver.finish();
    CHECK(driver.take() == Lines{"r at 2000 A[ 0/1 ] B[ 0/1 ]"});
}

TEST_CASE("a record of an input that no stream names is unassigned") {
    Driver driver(kTwo, {"a", "b", "c"});
    driver.push({at(1)}, 2);
    CHECK(driver.engine().counters().unassigned == 1);
}

TEST_CASE("an input that has not spoken holds its rules back") {
    Driver driver(kTwo, {"a", "b"});
    driver.push({at(1), at(100'000)}, 0);
    CHECK(driver.engine().low_watermark() == EventTime::lowest());
    driver.push({at(5)}, 1);
    CHECK(driver.engine().low_watermark() == ms(5));
}

TEST_CASE("an input that has ended holds nothing back") {
    Driver driver(kTwo, {"a", "b"});
    driver.push({at(1)}, 0);
    driver.push({at(2), at(3)}, 1);
    CHECK(driver.take().empty());
    driver.end_input(0);
    CHECK(driver.engine().low_watermark() == ms(3));
    CHECK(driver.take() == Lines{"r at 2000 A[ 0/1 ] B[ 0/1 ]"});
}

TEST_CASE("when the last input has ended the watermark has passed everything") {
    Driver driver(kTwo, {"a", "b"});
    driver.push({at(1)}, 0);
    driver.push({at(2)}, 1);
    driver.end_input(0);
    driver.end_input(1);
    CHECK(driver.engine().low_watermark() == EventTime::highest());
    CHECK(driver.take().size() == 1);
}

TEST_CASE("events of one time are in the order of their inputs") {
    const std::string rules = "stream A(u: string, ts: time) time ts\nrule r when a: A -> b: A within 1m\n";
    Driver driver(rules, {"first", "second"});
    driver.push({at(1)}, 1);
    driver.push({at(1)}, 0);
    driver.finish();
    REQUIRE(driver.output.size() == 1);
    const auto& alert = std::get<alerts::Alert>(driver.output[0]);
    CHECK(alert.steps[0].events[0].input == "first");
    CHECK(alert.steps[1].events[0].input == "second");
}

TEST_CASE("one stream of two inputs waits for the slower one") {
    Driver driver(kOne, {"x", "y"});
    driver.push({at(1), at(100)}, 0);
    driver.push({at(100), at(101)}, 1);
    (void)driver.take();
    CHECK(driver.engine().low_watermark() == ms(100));
    driver.end_input(0);
    CHECK(driver.engine().low_watermark() == ms(101));
}

// ---- from … to

TEST_CASE("events before `from` and at or after `to` are passed over and counted") {
    engine::Options options;
    options.from = ms(10);
    options.to = ms(20);
    Driver driver(kOne, {"input"}, options);
    driver.push({at(9), at(10), at(19), at(20), at(21)});
    driver.finish();
    CHECK(driver.take() == Lines{"r at 10000 A[ 0/2 ]", "r at 19000 A[ 0/3 ]"});
    CHECK(driver.engine().counters().outside_range == 3);
    CHECK(driver.engine().counters().rules[0].received == 2);
}

TEST_CASE("an event that is passed over moves no watermark") {
    engine::Options options;
    options.to = ms(20);
    Driver driver(kOne, {"input"}, options);
    driver.push({at(5), at(1000)});
    CHECK(driver.engine().low_watermark() == ms(5));
}

}  // namespace
}  // namespace tocsin::test
