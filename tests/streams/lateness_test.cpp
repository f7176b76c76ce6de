#include <tocsin/streams/lateness.hpp>

#include <algorithm>
#include <limits>
#include <vector>

#include <rapidcheck.h>

#include "support/test.hpp"

namespace tocsin::streams {
namespace {

using namespace std::chrono_literals;

Lateness counted(const std::vector<std::optional<Duration>>& events, const std::vector<Duration>& slacks = {}) {
    Lateness lateness(slacks);
    for (const auto& needed : events) {
        lateness.add(needed);
    }
    return lateness;
}

TEST_CASE("events that need no slack are not behind") {
    const Lateness lateness = counted({0s, 0s, 3s, std::nullopt});
    CHECK(lateness.events() == 4);
    CHECK(lateness.behind() == 2);
    CHECK(lateness.beyond_slack() == 1);
    CHECK(lateness.largest() == 3s);
}

TEST_CASE("a step of the histogram holds what needs no more than it, and more than the step before") {
    const auto steps = counted({0s, 1us, 100ms, 100'001us, 1s, 2'592'000s, 2'592'001s}).histogram();
    CHECK(steps.front().up_to == 0s);
    CHECK(steps.front().events == 1);
    CHECK(steps[1].up_to == 100ms);
    CHECK(steps[1].events == 2);
    CHECK(steps[2].up_to == 1s);
    CHECK(steps[2].events == 2);
    CHECK(steps[steps.size() - 2].events == 1);
    CHECK_FALSE(steps.back().up_to.has_value());
    CHECK(steps.back().events == 1);
}

TEST_CASE("an event that needs just the slack is in time") {
    const auto slacks = counted({10s, 10'000'001us, std::nullopt}, {10s, 11s, 0s}).slacks();
    REQUIRE(slacks.size() == 3);
    CHECK(slacks[0].too_late == 2);
    CHECK(slacks[1].too_late == 1);
    CHECK(slacks[2].too_late == 3);
}

TEST_CASE("the slack that covers all events is the largest that one needs, in whole milliseconds") {
    CHECK(counted({0s, 1'000'001us}).covering(0)->slack == 1'001ms);
    CHECK(counted({0s, 1'000'001us}).covering(1)->slack == 0s);
    CHECK(counted({}).covering(0)->slack == 0s);
}

TEST_CASE("an event that needs no slack is not too late where none is given") {
    const Lateness lateness = counted({0s, 0s, 5s});
    CHECK(lateness.covering(3)->slack == 0s);
    CHECK(lateness.covering(3)->too_late == 1);
}

TEST_CASE("no slack covers events that are too late with any") {
    const Lateness lateness = counted({0s, 5s, std::nullopt});
    CHECK_FALSE(lateness.covering(0).has_value());
    CHECK(lateness.covering(1)->slack == 5s);
    CHECK(lateness.covering(1)->too_late == 1);
    CHECK(lateness.covering(2)->too_late == 2);
}

TEST_CASE("the longest duration there is can be counted") {
    const Lateness lateness = counted({Duration::max()});
    CHECK(lateness.largest() == Duration::max());
    CHECK(lateness.histogram().back().events == 1);
}

/// Of `sorted`, those that need more than the slack.
std::uint64_t need_more(const std::vector<std::int64_t>& sorted, Duration slack) {
    return static_cast<std::uint64_t>(sorted.end() - std::ranges::upper_bound(sorted, slack.count()));
}

TEST_CASE("all that is counted agrees with a sorted list of what the events need") {
    const bool holds = rc::check([] {
        const auto wide = rc::gen::mapcat(rc::gen::inRange(0, 45),
                                          [](int bits) { return rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits); });
        std::vector<std::int64_t> sorted = *rc::gen::container<std::vector<std::int64_t>>(wide);
        const auto beyond = *rc::gen::inRange<std::uint64_t>(0, 4);
        const std::vector<std::int64_t> given = *rc::gen::container<std::vector<std::int64_t>>(wide);
        const std::vector<Duration> slacks(given.begin(), given.end());
        Lateness lateness(slacks);
        for (const std::int64_t needed : sorted) {
            lateness.add(Duration(needed));
        }
        for (std::uint64_t i = 0; i < beyond; ++i) {
            lateness.add(std::nullopt);
        }
        std::ranges::sort(sorted);
        RC_ASSERT(lateness.events() == sorted.size() + beyond);
        RC_ASSERT(lateness.behind() == need_more(sorted, 0s) + beyond);
        RC_ASSERT(lateness.largest() == Duration(sorted.empty() ? 0 : sorted.back()));
        for (std::size_t i = 0; i < slacks.size(); ++i) {
            RC_ASSERT(lateness.slacks()[i].slack == slacks[i]);
            RC_ASSERT(lateness.slacks()[i].too_late == need_more(sorted, slacks[i]) + beyond);
        }
        std::uint64_t up_to = 0;
        for (const Lateness::Step& step : lateness.histogram()) {
            up_to += step.events;
            RC_ASSERT(up_to == sorted.size() - (step.up_to ? need_more(sorted, *step.up_to) : 0));
        }
        const auto allowed = *rc::gen::inRange<std::uint64_t>(0, sorted.size() + beyond + 1);
        const auto covering = lateness.covering(allowed);
        RC_ASSERT(covering.has_value() == (beyond <= allowed));
        if (covering) {
            RC_ASSERT(covering->too_late == need_more(sorted, covering->slack) + beyond);
            RC_ASSERT(covering->too_late <= allowed);
            // With a slack that is 1/128 and a millisecond less more would be too late.
            const Duration less = covering->slack - covering->slack / 128 - 1ms;
            RC_ASSERT(covering->slack == 0s || need_more(sorted, less) + beyond > allowed);
        }
    });
    CHECK(holds);
}

}  // namespace
}  // namespace tocsin::streams
