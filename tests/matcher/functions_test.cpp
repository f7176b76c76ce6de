#include "functions.hpp"

#include <limits>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

EventTime at(const char* text) { return parse_rfc3339(text).value(); }

TEST_CASE("like: a pattern without wildcards fits itself alone") {
    CHECK(like("admin", "admin"));
    CHECK_FALSE(like("admin", "admi"));
    CHECK_FALSE(like("admin", "admins"));
    CHECK_FALSE(like("admin", "Admin"));
}

TEST_CASE("like: * fits any run, the empty one too") {
    CHECK(like("", "*"));
    CHECK(like("abc", "a*"));
    CHECK(like("abc", "abc*"));
    CHECK(like("abc", "*c"));
    CHECK(like("a-b-c", "a*b*c"));
    CHECK_FALSE(like("a-b-c", "a*d*c"));
}

TEST_CASE("like: * goes back to find a later fit") {
    CHECK(like("aab", "*ab"));
    CHECK(like("abcabd", "*ab?"));
    CHECK_FALSE(like("abcabd", "*abc"));
}

TEST_CASE("like: ? fits one code point, however many bytes it has") {
    CHECK(like("é", "?"));
    CHECK(like("日本", "??"));
    CHECK(like("😀x", "?x"));
    CHECK_FALSE(like("é", "??"));
    CHECK_FALSE(like("", "?"));
}

TEST_CASE("like: ? behind * fits a code point of several bytes") {
    CHECK(like("aé", "*?"));
    CHECK(like("naïve", "*a?v*"));
    CHECK_FALSE(like("é", "*??"));
}

TEST_CASE("like: the empty pattern fits the empty text alone") {
    CHECK(like("", ""));
    CHECK_FALSE(like("a", ""));
}

TEST_CASE("like: many wildcards over a long text end soon") {
    const std::string text(20'000, 'a');
    CHECK_FALSE(like(text, "*a*a*a*a*a*a*a*a*b"));
}

TEST_CASE("lower and upper change ASCII letters only") {
    CHECK(lower("ÀBC-Z9[") == "Àbc-z9[");
    CHECK(upper("àbc-z9{") == "àBC-Z9{");
}

TEST_CASE("length counts code points") {
    CHECK(length("") == 0);
    CHECK(length("abc") == 3);
    CHECK(length("né😀") == 3);
}

TEST_CASE("substring counts code points from 0") {
    CHECK(substring("abcdef", 0, 2) == "ab");
    CHECK(substring("abcdef", 2, 3) == "cde");
    CHECK(substring("né😀x", 1, 2) == "é😀");
}

TEST_CASE("substring without a count goes to the end") {
    CHECK(substring("né😀x", 2, std::nullopt) == "😀x");
    CHECK(substring("abc", 0, std::nullopt) == "abc");
}

TEST_CASE("substring leaves out what lies outside the text") {
    CHECK(substring("abc", 5, 2) == "");
    CHECK(substring("abc", 1, 100) == "bc");
    CHECK(substring("abc", -2, 3) == "a");
    CHECK(substring("abc", -2, std::nullopt) == "abc");
    CHECK(substring("abc", -5, 2) == "");
}

TEST_CASE("substring of no or less than no characters is empty") {
    CHECK(substring("abc", 1, 0) == "");
    CHECK(substring("abc", 1, -1) == "");
}

TEST_CASE("substring bears the largest and smallest numbers") {
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
    CHECK(substring("abc", 0, kMax) == "abc");
    CHECK(substring("abc", kMax, kMax) == "");
    CHECK(substring("abc", kMin, kMax) == "");
    CHECK(substring("abc", kMin, kMin) == "");
}

TEST_CASE("hour is that of UTC") {
    CHECK(hour(at("2026-11-23T00:00:00Z")) == 0);
    CHECK(hour(at("2026-11-23T23:59:59.999999Z")) == 23);
    CHECK(hour(at("2026-11-23T01:30:00+02:00")) == 23);
}

TEST_CASE("hour and date hold before 1970") {
    CHECK(hour(at("1969-12-31T23:00:00Z")) == 23);
    CHECK(date(at("1969-12-31T23:00:00Z")) == "1969-12-31");
}

TEST_CASE("weekday goes from Monday 1 to Sunday 7") {
    CHECK(weekday(at("2026-11-23T12:00:00Z")) == 1);
    CHECK(weekday(at("2026-11-28T12:00:00Z")) == 6);
    CHECK(weekday(at("2026-11-29T23:59:59Z")) == 7);
    CHECK(weekday(at("1970-01-01T00:00:00Z")) == 4);
}

TEST_CASE("date is written year, month, day") {
    CHECK(date(at("2024-02-29T12:00:00Z")) == "2024-02-29");
    CHECK(date(at("0999-01-02T00:00:00Z")) == "0999-01-02");
}

TEST_CASE("km of known distances is right to one part in two hundred") {
    // Great-circle distances as they are published.
    CHECK(km(52.5200, 13.4050, 48.8566, 2.3522) == Approx(878).epsilon(0.005));  // Berlin, Paris
    CHECK(km(40.7128, -74.0060, 51.5074, -0.1278) == Approx(5570).epsilon(0.005));  // New York, London
    CHECK(km(-33.8688, 151.2093, 35.6762, 139.6503) == Approx(7822).epsilon(0.005));  // Sydney, Tokyo
}

TEST_CASE("km between a place and itself is 0") { CHECK(km(52.52, 13.405, 52.52, 13.405) == 0); }

TEST_CASE("km takes the short way over the date line") { CHECK(km(0, 179.5, 0, -179.5) == Approx(111.195).epsilon(1e-4)); }

TEST_CASE("km between opposite places is half the circumference") {
    CHECK(km(0, 0, 0, 180) == Approx(20015.115).epsilon(1e-6));
    CHECK(km(90, 0, -90, 0) == Approx(20015.115).epsilon(1e-6));
}

}  // namespace
}  // namespace tocsin::matcher
