#include "support/test.hpp"

#include <chrono>
#include <string>

#include <rapidcheck.h>

#include <tocsin/base/time.hpp>

using namespace tocsin;
using namespace std::chrono_literals;

namespace {

std::string reformatted(std::string_view text) {
    const auto time = parse_rfc3339(text);
    return time ? format_rfc3339(*time) : "nothing";
}

}  // namespace

TEST_CASE("RFC 3339 is read in all its forms") {
    CHECK(parse_rfc3339("1970-01-01T00:00:00Z") == EventTime(0));
    CHECK(parse_rfc3339("2017-03-27T13:06:56Z") == EventTime::from_millis(1490620016000));
    CHECK(reformatted("2026-11-23t10:02:00z") == "2026-11-23T10:02:00.000Z");
    CHECK(reformatted("2026-11-23 10:02:00.5Z") == "2026-11-23T10:02:00.500Z");
    CHECK(reformatted("2026-11-23T10:02:00.123456789Z") == "2026-11-23T10:02:00.123456Z");
    CHECK(reformatted("2026-11-23T10:02:00+05:30") == "2026-11-23T04:32:00.000Z");
    CHECK(reformatted("2026-12-31T23:00:00-02:00") == "2027-01-01T01:00:00.000Z");
    CHECK(reformatted("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00.000Z");
    CHECK(reformatted("0000-01-01T00:00:00Z") == "0000-01-01T00:00:00.000Z");
    CHECK(reformatted("9999-12-31T23:59:59.999999Z") == "9999-12-31T23:59:59.999999Z");
    CHECK(reformatted("1969-12-31T23:59:59.9Z") == "1969-12-31T23:59:59.900Z");
}

TEST_CASE("a leap second is the second that follows, and stands only at the end of a UTC day") {
    CHECK(reformatted("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00.000Z");
    CHECK(reformatted("2016-12-31T15:59:60.25-08:00") == "2017-01-01T00:00:00.250Z");
    CHECK(reformatted("2016-12-31T12:00:60Z") == "nothing");
    CHECK(reformatted("2016-12-31T23:59:61Z") == "nothing");
}

TEST_CASE("what is not RFC 3339 is no time") {
    for (const char* text : {"",
                             "2026-11-23",
                             "2026-11-23T10:02:00",
                             "2026-11-23T10:02:00.Z",
                             "2026-11-23T10:02:00.1234567890Z",
                             "2026-02-29T00:00:00Z",
                             "2026-04-31T00:00:00Z",
                             "1900-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-01-00T00:00:00Z",
                             "2026-11-23T24:00:00Z",
                             "2026-11-23T10:60:00Z",
                             "2026-11-23T10:02:00Z ",
                             " 2026-11-23T10:02:00Z",
                             "2026-11-23T10:02:00+5:30",
                             "2026-11-23T10:02:00+24:00",
                             "2026-11-23T10:02:00+05:60",
                             "2026-11-23T10:02:00+0530",
                             "2026-11-23_10:02:00Z",
                             "2026/11/23T10:02:00Z",
                             "202a-11-23T10:02:00Z",
                             "2026-1a-23T10:02:00Z",
                             "2026-11-23T10:02:0:Z",
                             "+026-11-23T10:02:00Z",
                             "2026-11-23T10:02:00,5Z",
                             "1490620016000"}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text).has_value());
    }
}

TEST_CASE("an epoch number is taken in its unit, and refused where it does not fit") {
    CHECK(from_epoch(1490620016, TimeUnit::s) == EventTime(1490620016000000));
    CHECK(from_epoch(1490620016000, TimeUnit::ms) == EventTime(1490620016000000));
    CHECK(from_epoch(-1, TimeUnit::us) == EventTime(-1));
    CHECK(from_epoch(1999, TimeUnit::ns) == EventTime(1));
    CHECK(from_epoch(-1, TimeUnit::ns) == EventTime(-1));
    CHECK(from_epoch(-1000, TimeUnit::ns) == EventTime(-1));
    CHECK(from_epoch(-1001, TimeUnit::ns) == EventTime(-2));
    CHECK_FALSE(from_epoch(9223372036855, TimeUnit::s).has_value());
    CHECK_FALSE(from_epoch(std::numeric_limits<std::int64_t>::max(), TimeUnit::us).has_value());
    CHECK_FALSE(from_epoch(std::numeric_limits<std::int64_t>::min(), TimeUnit::us).has_value());
}

TEST_CASE("durations are one number and one unit") {
    CHECK(parse_duration("500ms") == Duration(500ms));
    CHECK(parse_duration("30s") == Duration(30s));
    CHECK(parse_duration("5m") == Duration(5min));
    CHECK(parse_duration("2h") == Duration(2h));
    CHECK(parse_duration("1d") == Duration(24h));
    CHECK(parse_duration("0s") == Duration(0));
    for (const char* text : {"", "5", "m", "5 m", "5m ", "-5m", "+5m", "1h30m", "1.5s", "5M", "5us", "5ns", "106751992d",
                             "99999999999999999999s"}) {
        INFO(text);
        CHECK_FALSE(parse_duration(text).has_value());
    }
}

TEST_CASE("a duration is written in the largest unit that is exact") {
    CHECK(format_duration(90s) == "90s");
    CHECK(format_duration(120s) == "2m");
    CHECK(format_duration(0s) == "0s");
    CHECK(format_duration(48h) == "2d");
    CHECK(format_duration(1500ms) == "1500ms");
    CHECK(format_duration(-90s) == "-90s");
    CHECK(format_duration(1500us) == "1.5ms");
    CHECK(format_duration(-20us) == "-0.02ms");
}

TEST_CASE("time that was written reads back the same") {
    CHECK(rc::check("within the years 0 to 9999", [] {
        const auto micros = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000'000, 253'402'300'800'000'000);
        RC_ASSERT(parse_rfc3339(format_rfc3339(EventTime(micros))) == EventTime(micros));
    }));
    CHECK(rc::check("durations of whole milliseconds", [] {
        const Duration duration = 1ms * *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
        RC_ASSERT(parse_duration(format_duration(duration)) == duration);
    }));
}

TEST_CASE("time agrees with the standard library's calendar") {
    CHECK(rc::check([] {
        const std::chrono::sys_days day{std::chrono::days(*rc::gen::inRange(-719'528, 2'932'897))};
        const std::chrono::year_month_day date{day};
        const std::string text = format_rfc3339(EventTime(std::chrono::microseconds(day.time_since_epoch()).count()));
        RC_ASSERT(std::stoi(text.substr(0, 4)) == static_cast<int>(date.year()));
        RC_ASSERT(std::stoul(text.substr(5, 2)) == static_cast<unsigned>(date.month()));
        RC_ASSERT(std::stoul(text.substr(8, 2)) == static_cast<unsigned>(date.day()));
        RC_ASSERT(parse_rfc3339(text) == EventTime(std::chrono::microseconds(day.time_since_epoch()).count()));
    }));
}
