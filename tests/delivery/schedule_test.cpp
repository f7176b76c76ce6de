#include <tocsin/delivery/schedule.hpp>

#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
using delivery::Answer;
using delivery::decide;
using delivery::Decision;
using delivery::Millis;
using delivery::RetrySchedule;
using Verdict = Decision::Verdict;

Answer status(int number) {
    Answer answer;
    answer.status = number;
    return answer;
}

Answer retry_after(int number, std::chrono::seconds wait) {
    Answer answer = status(number);
    answer.retry_after = wait;
    return answer;
}

TEST_CASE("the tries come after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, and then no more") {
    const RetrySchedule schedule;
    const std::vector<Millis> delays{5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
    REQUIRE(schedule.delays == delays);
    for (std::uint32_t tries = 1; tries <= delays.size(); ++tries) {
        INFO("after try " << tries);
        const Decision decision = decide(status(500), tries, schedule, 0);
        CHECK(decision.verdict == Verdict::again);
        CHECK(decision.wait == delays[tries - 1]);
    }
    CHECK(decide(status(500), 10, schedule, 0).verdict == Verdict::give_up);
}

TEST_CASE("jitter makes a delay longer, by its part at most, and never shorter") {
    RetrySchedule schedule;
    schedule.delays = {100s};
    schedule.jitter = 0.25;
    CHECK(decide(status(500), 1, schedule, 0).wait == 100s);
    CHECK(decide(status(500), 1, schedule, 0.5).wait == 112'500ms);
    CHECK(decide(status(500), 1, schedule, 0.999).wait < 125s);
    schedule.jitter = 0;
    CHECK(decide(status(500), 1, schedule, 0.999).wait == 100s);
}

TEST_CASE("Retry-After makes the wait longer, never shorter, and at most a day") {
    RetrySchedule schedule;
    schedule.delays = {5min};
    CHECK(decide(retry_after(503, 10min), 1, schedule, 0).wait == 10min);
    CHECK(decide(retry_after(503, 1s), 1, schedule, 0).wait == 5min);
    CHECK(decide(retry_after(503, 48h), 1, schedule, 0).wait == 24h);
    CHECK(decide(retry_after(503, std::chrono::seconds::max()), 1, schedule, 0).wait == 24h);
}

TEST_CASE("Retry-After gives no try beyond the last one") {
    RetrySchedule schedule;
    schedule.delays = {5min};
    CHECK(decide(retry_after(503, 10min), 2, schedule, 0).verdict == Verdict::give_up);
}

TEST_CASE("every 2xx is taken, nothing else is") {
    const RetrySchedule schedule;
    for (const int number : {200, 201, 202, 204, 299}) {
        INFO(number);
        CHECK(decide(status(number), 1, schedule, 0).verdict == Verdict::delivered);
    }
    for (const int number : {0, 100, 199, 300, 301, 302, 307, 308, 400, 401, 404, 408, 409, 429, 500, 503, 599}) {
        INFO(number);
        CHECK(decide(status(number), 1, schedule, 0).verdict == Verdict::again);
    }
}

TEST_CASE("a 410 ends it at any try") {
    const RetrySchedule schedule;
    CHECK(decide(status(410), 1, schedule, 0).verdict == Verdict::gone);
    CHECK(decide(status(410), 99, schedule, 0).verdict == Verdict::gone);
}

TEST_CASE("without delays there is one try") {
    RetrySchedule schedule;
    schedule.delays.clear();
    CHECK(decide(status(500), 1, schedule, 0).verdict == Verdict::give_up);
    CHECK(decide(status(200), 1, schedule, 0).verdict == Verdict::delivered);
}

}  // namespace
}  // namespace tocsin::test
