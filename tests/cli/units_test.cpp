// Parts of the command that need no process.
#include "backtest_plot.hpp"
#include "backtest_report.hpp"
#include "columns.hpp"
#include "json_writer.hpp"
#include "junit.hpp"
#include "limits_option.hpp"
#include "line_diff.hpp"
#include "pacer.hpp"
#include "progress.hpp"

#include <sstream>

#include <tocsin/alerts/terminal_text.hpp>

#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;
using namespace std::chrono_literals;

TEST_CASE("a limit is set by its name, and an unknown one is answered with the nearest") {
    Limits limits;
    REQUIRE(set_limit(limits, "nesting=7"));
    CHECK(limits.nesting == 7);
    CHECK(set_limit(limits, "nestin=7").error().message == "no limit 'nestin'; did you mean 'nesting'?");
    CHECK_FALSE(set_limit(limits, "nesting"));
    CHECK_FALSE(set_limit(limits, "nesting=7x"));
    CHECK_FALSE(set_limit(limits, "nesting=-1"));
}

TEST_CASE("every limit has a name of its own, and its line in the reference") {
    const std::string reference = test::read_file(std::string(TOCSIN_SOURCE_DIR) + "/docs/limits.md");
    for (const std::string_view name : limit_names()) {
        Limits limits;
        CHECK(set_limit(limits, std::string(name) + "=123456789"));
        CHECK_THAT(reference, Catch::Contains("| `" + std::string(name) + "` |"));
    }
}

TEST_CASE("a speed is a positive number of times") {
    CHECK(parse_speed("10x") == 10.0);
    CHECK(parse_speed("0.5") == 0.5);
    for (const char* wrong : {"", "x", "0x", "-1x", "fast", "1xx", "inf", "nan"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_speed(wrong));
    }
}

TEST_CASE("events wait until their time has come at the given speed") {
    Pacer pacer(10);
    const Pacer::Clock::time_point start{};
    CHECK(pacer.wait_for(EventTime::from_millis(1'000), start) == 0ns);
    CHECK(pacer.wait_for(EventTime::from_millis(11'000), start) == 1s);
    CHECK(pacer.wait_for(EventTime::from_millis(11'000), start + 400ms) == 600ms);
    CHECK(pacer.wait_for(EventTime::from_millis(0), start) < 0ns);
    CHECK(pacer.wait_for(EventTime::lowest(), start) == 0ns);
}

TEST_CASE("the progress line shows share, rate, event time and the time left, within the width") {
    const ProgressState state{.events = 1'000'000,
                              .bytes = 25,
                              .total_bytes = 100,
                              .event_time = parse_rfc3339("2026-11-23T10:02:00Z").value(),
                              .elapsed = 2s};
    const std::string line = progress_line(state, 120, Colour::off);
    CHECK_THAT(line, Catch::StartsWith(" 25% ━━━━━━ "));
    CHECK_THAT(line, Catch::EndsWith("500.0 k events/s  at 2026-11-23T10:02:00  ETA 0:06"));
    for (const std::size_t width : {20u, 40u, 60u, 100u}) {
        CHECK(alerts::display_width(progress_line(state, width, Colour::off)) <= width);
    }
}

TEST_CASE("the progress of an input of unknown size counts events") {
    CHECK(progress_line({.events = 12, .total_bytes = std::nullopt, .elapsed = 1s}, 100, Colour::off) ==
          "12 events  12 events/s");
}

TEST_CASE("durations read like a clock") {
    CHECK(clock_text(7s) == "0:07");
    CHECK(clock_text(12min + 30s) == "12:30");
    CHECK(clock_text(3h + 5min) == "3:05:00");
}

TEST_CASE("numbers are grouped and nouns counted") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1'234'567) == "1,234,567");
    CHECK(counted(1, "error") == "1 error");
    CHECK(counted(1'000, "error") == "1,000 errors");
}

TEST_CASE("columns are aligned by what a terminal shows") {
    CHECK(columns({{"A", "B"}, {"東京", "x"}, {"abc", ""}}) == "A     B\n東京  x\nabc\n");
}

TEST_CASE("JSON is indented, with commas and escapes where they belong") {
    JsonWriter json;
    json.begin_object().key("a").number(std::uint64_t{1}).key("b").begin_array().string("x\"y").null().boolean(true);
    json.end_array().key("c").begin_object().end_object().key("d").number(0.5).key("e").signed_number(-2).end_object();
    CHECK(std::move(json).finish() ==
          "{\n  \"a\": 1,\n  \"b\": [\n    \"x\\\"y\",\n    null,\n    true\n  ],\n  \"c\": {},\n  \"d\": 0.500,\n  \"e\": "
          "-2\n}\n");
}

TEST_CASE("JUnit's XML groups by file and escapes what a test says") {
    const std::vector<TestResult> results{{"r", "good", "a.tocsin", 3, true, "", 0.25},
                                          {"r", "bad <&>", "a.tocsin", 9, false, "- alert user=\"ann\"\x1b\n", 0.5},
                                          {"s", "other", "b.tocsin", 1, true, "", 0}};
    CHECK(junit_xml(results) ==
          R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="a.tocsin" tests="2" failures="1">
    <testcase classname="r" name="good" file="a.tocsin" line="3" time="0.250000"/>
    <testcase classname="r" name="bad &lt;&amp;&gt;" file="a.tocsin" line="9" time="0.500000">
      <failure message="not as expected">- alert user=&quot;ann&quot;\u{1b}
</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.tocsin" tests="1" failures="0">
    <testcase classname="s" name="other" file="b.tocsin" line="1" time="0.000000"/>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("a difference of lines shows what goes and comes, with a little around it") {
    CHECK(line_diff("a", "x\ny\n", "b", "x\ny\n").empty());
    CHECK(line_diff("a", "", "b", "x\n") == "--- a\n+++ b\n+x\n");
    CHECK(line_diff("a", "x\n", "b", "") == "--- a\n+++ b\n-x\n");
    CHECK(line_diff("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "b", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
          "--- a\n+++ b\n…\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n…\n");
    CHECK(line_diff("a", "a\nb\nc\na\nb\nb\na\n", "b", "c\nb\na\nb\na\nc\n") ==
          "--- a\n+++ b\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n");
}

TEST_CASE("the lines of a difference are those of both texts, for any texts") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        unsigned state = seed * 2654435761U + 1;
        const auto next = [&] { return (state = state * 1664525U + 1013904223U) >> 16; };
        std::string before;
        std::string after;
        for (std::string* text : {&before, &after}) {
            for (unsigned i = next() % 12; i > 0; --i) {
                *text += std::string(1, static_cast<char>('a' + next() % 3)) + "\n";
            }
        }
        const std::string diff = line_diff("a", before, "b", after);
        std::string of_before;
        std::string of_after;
        std::istringstream in(diff);
        std::string line;
        bool whole = true;
        for (int i = 0; std::getline(in, line); ++i) {
            whole = whole && line != "…";
            if (i >= 2) {
                of_before += line[0] != '+' ? line.substr(1) + "\n" : "";
                of_after += line[0] != '-' ? line.substr(1) + "\n" : "";
            }
        }
        INFO(diff);
        if (!diff.empty() && whole) {
            CHECK(of_before == before);
            CHECK(of_after == after);
        }
        CHECK(diff.empty() == (before == after));
    }
}

TEST_CASE("amounts have groups and two digits, however large") {
    CHECK(money(0) == "0.00");
    CHECK(money(999.994) == "999.99");
    CHECK(money(1234.5) == "1,234.50");
    CHECK(money(1e18) == "1,000,000,000,000,000,000.00");
    CHECK(percent(2.0 / 3) == "66.7 %");
    CHECK(percent(std::nullopt) == "-");
    CHECK(signed_count(1000, 3500) == "+2,500");
    CHECK(signed_count(3, 1) == "-2");
}

TEST_CASE("a plot has all days from the first to the last, and puts days together where they are many") {
    const auto plotted = [](const std::map<backtest::Day, backtest::Counts>& days) {
        backtest::Comparison comparison;
        comparison.rules.resize(2);
        comparison.rules[1].days = days;
        const PlotAxis axis = plot_axis(comparison);
        return std::pair(axis, plot_bars(days, axis));
    };
    const auto few = plotted({{-1, {.before = 2, .after = 1}}, {2, {.before = 0, .after = 4}}});
    CHECK(few.first.days_a_bar == 1);
    REQUIRE(few.second.size() == 4);
    CHECK(few.second[0].before == 2);
    CHECK(few.second[3].after == 4);
    CHECK(bar_name(few.second[3], few.first) == "1970-01-03");
    CHECK(plotted({{5, {.before = 1}}, {52, {.before = 1}}}).second.size() == 48);

    const auto many = plotted({{0, {.before = 1}}, {1, {.before = 1}}, {48, {.before = 3}}});
    CHECK(many.first.days_a_bar == 2);
    REQUIRE(many.second.size() == 25);
    CHECK(many.second[0].before == 2);
    CHECK(many.second[24].before == 3);
    CHECK(bar_name(many.second[0], many.first) == "1970-01-01 … 1970-01-02");
    CHECK(bar_name(many.second[24], many.first) == "1970-02-18");
}

TEST_CASE("a plot's bars stand in proportion, and its scale is round") {
    const PlotAxis axis{0, 1, 1};
    const std::string svg = plot_svg("p", "a <b>", {{0, 50, 25}, {1, 0, 100}}, axis);
    CHECK_THAT(svg, Catch::Contains("<title id=\"p\">a &lt;b&gt;</title>") && Catch::Contains(">100</text>"));
    CHECK_THAT(svg, Catch::Contains("height=\"75.0\"><title>1970-01-01: old 50<") &&
                        Catch::Contains("height=\"37.5\"><title>1970-01-01: new 25<") &&
                        Catch::Contains("height=\"150.0\"><title>1970-01-02: new 100<"));
    // No bar for nothing.
    CHECK_THAT(svg, !Catch::Contains("old 0"));
}
