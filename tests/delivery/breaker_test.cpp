#include <tocsin/delivery/breaker.hpp>

#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
using delivery::Breaker;
using delivery::WallTime;

const WallTime kStart{std::chrono::seconds(1'767'225'600)};

Breaker opened() {
    Breaker breaker({2, 10s, 1min});
    breaker.failed(kStart);
    breaker.failed(kStart);
    return breaker;
}

TEST_CASE("a breaker opens after so many failures in a row, lets one call through after its pause, and closes with a success") {
    Breaker breaker({2, 10s, 1min});
    breaker.failed(kStart);
    CHECK(breaker.room(kStart, 4) == 4);
    breaker.succeeded();
    breaker.failed(kStart);
    CHECK(breaker.room(kStart, 4) == 4);
    breaker.failed(kStart);
    CHECK(breaker.open());
    CHECK(breaker.room(kStart, 4) == 0);
    CHECK(breaker.closed_to_calls_until(kStart) == kStart + 10s);
    CHECK(breaker.room(kStart + 10s - 1ms, 4) == 0);
    CHECK(breaker.room(kStart + 10s, 4) == 1);
    breaker.succeeded();
    CHECK_FALSE(breaker.open());
    CHECK(breaker.room(kStart + 10s, 4) == 4);
}

TEST_CASE("pauses double up to the longest, and begin anew after a success") {
    Breaker breaker = opened();
    WallTime now = kStart;
    for (const auto pause : {10s, 20s, 40s, 60s, 60s}) {
        CHECK(breaker.closed_to_calls_until(now) == now + pause);
        now += pause;
        breaker.failed(now);
    }
    breaker.succeeded();
    breaker.failed(now);
    breaker.failed(now);
    CHECK(breaker.closed_to_calls_until(now) == now + 10s);
}

TEST_CASE("calls that were under way when it opened make no pause longer") {
    Breaker breaker = opened();
    breaker.failed(kStart + 3s);
    breaker.failed(kStart + 9s);
    CHECK(breaker.closed_to_calls_until(kStart + 9s) == kStart + 10s);
}

TEST_CASE("a clock that is set back makes no pause longer than it is") {
    Breaker breaker = opened();
    CHECK(breaker.closed_to_calls_until(kStart - 2h) == kStart - 2h + 10s);
    Breaker held({0, 10s, 1min});
    held.hold(kStart, 30s);
    CHECK(held.closed_to_calls_until(kStart - 2h) == kStart - 2h + 30s);
}

TEST_CASE("a receiver that asks for time has it, and then takes as many calls as before") {
    Breaker breaker({2, 10s, 1min});
    breaker.hold(kStart, 30s);
    CHECK(breaker.room(kStart + 29s, 4) == 0);
    CHECK_FALSE(breaker.open());
    CHECK(breaker.room(kStart + 30s, 4) == 4);
}

}  // namespace
}  // namespace tocsin::test
