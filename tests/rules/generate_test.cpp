// The generator keeps what its header says.
#include <algorithm>
#include <string>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/streams/generate.hpp>

#include "generated.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

std::vector<EventTime> times_of(const std::string& events) {
    constexpr std::string_view kBefore = "\"ts\":\"";
    constexpr std::size_t kLength = std::string_view("2026-01-05T00:00:00.000Z").size();
    std::vector<EventTime> times;
    for (std::size_t at = events.find(kBefore); at != std::string::npos; at = events.find(kBefore, at + 1)) {
        times.push_back(parse_rfc3339(events.substr(at + kBefore.size(), kLength)).value());
    }
    return times;
}

std::string scenario(std::size_t index) { return std::string(streams::scenarios()[index]); }

TEST_CASE("a generated stream has as many records as asked for, in order of time") {
    for (std::size_t i = 0; i < streams::scenarios().size(); ++i) {
        for (const std::uint64_t events : {1'000u, 1'001u, 7'777u}) {
            INFO(scenario(i) << " " << events);
            const Generated made = generate({.scenario = scenario(i), .seed = 5, .events = events});
            const std::vector<EventTime> times = times_of(made.events);
            CHECK(times.size() == events);
            CHECK(std::is_sorted(times.begin(), times.end()));
            CHECK(made.report.events == events);
            CHECK(made.report.bytes == made.events.size());
            CHECK(made.report.first == times.front());
            CHECK(made.report.last == times.back());
            CHECK(made.report.incidents == incidents_of_truth(made.truth).size());
        }
    }
}

TEST_CASE("the same seed gives the same stream, another seed another one") {
    for (std::size_t i = 0; i < streams::scenarios().size(); ++i) {
        const Generated made = generate({.scenario = scenario(i), .seed = 5, .events = 2'000});
        const Generated again = generate({.scenario = scenario(i), .seed = 5, .events = 2'000});
        const Generated other = generate({.scenario = scenario(i), .seed = 6, .events = 2'000});
        CHECK(made.events == again.events);
        CHECK(made.truth == again.truth);
        CHECK(made.events != other.events);
    }
}

TEST_CASE("disorder stays within what was asked for, and is there") {
    for (std::size_t i = 0; i < streams::scenarios().size(); ++i) {
        const Duration disorder = std::chrono::minutes(10);
        const Generated made = generate({.scenario = scenario(i), .seed = 5, .events = 3'000, .disorder = disorder});
        const std::vector<EventTime> times = times_of(made.events);
        CHECK(times.size() == 3'000);
        CHECK(!std::is_sorted(times.begin(), times.end()));
        EventTime latest = EventTime::lowest();
        bool within = true;
        for (const EventTime time : times) {
            within = within && latest - disorder <= time;
            latest = std::max(latest, time);
        }
        CHECK(within);
    }
}

TEST_CASE("the generator says what it cannot do") {
    const streams::TextSink nowhere = [](std::string_view) -> Result<void> { return {}; };
    const auto unknown = streams::generate({.scenario = "weather"}, nowhere, nowhere);
    REQUIRE(!unknown);
    CHECK(unknown.error().code == Errc::invalid);
    CHECK(unknown.error().message == "there is no scenario `weather`; there are fraud, monitoring, security and stock");
    const auto few = streams::generate({.scenario = "fraud", .events = 999}, nowhere, nowhere);
    REQUIRE(!few);
    CHECK(few.error().message == "a stream has at least 1000 events");
    const auto negative = streams::generate({.scenario = "fraud", .disorder = std::chrono::seconds(-1)}, nowhere, nowhere);
    REQUIRE(!negative);
    CHECK(negative.error().message == "disorder is not negative");
}

TEST_CASE("a sink that fails ends the generation with its error") {
    std::size_t calls = 0;
    const streams::TextSink full = [&calls](std::string_view) -> Result<void> {
        ++calls;
        return fail(Errc::io, "no space left");
    };
    const streams::TextSink nowhere = [](std::string_view) -> Result<void> { return {}; };
    for (const std::string_view name : streams::scenarios()) {
        calls = 0;
        const auto made = streams::generate({.scenario = std::string(name), .events = 100'000}, full, nowhere);
        REQUIRE(!made);
        CHECK(made.error().message == "no space left");
        CHECK(calls == 1);
    }
}

}  // namespace
}  // namespace tocsin::test
