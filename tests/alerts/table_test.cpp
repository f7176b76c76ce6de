#include <tocsin/alerts/table.hpp>

#include <sstream>

#include <tocsin/alerts/terminal_text.hpp>

#include "alerts/sample.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::alerts;

namespace {

std::string row(const Output& output, TableStyle style = {}) {
    std::string out;
    Table(style).append(out, output);
    return out;
}

}  // namespace

TEST_CASE("an alert is one line of columns below the header") {
    std::string out;
    const Table table({.rule_width = 16});
    table.append_header(out);
    table.append(out, test::sample_alert());
    CHECK(out ==
          "TIME (UTC)               SEVERITY  RULE              KEY                     ALERT\n"
          "2026-11-23 10:02:00.000  high      guessed_password  user=ann                "
          "ann: 3 failures, then success from 10.0.0.7\n");
}

TEST_CASE("colour is used for the severity only where it is asked for") {
    CHECK_THAT(row(test::sample_alert()), !Catch::Contains("\x1b"));
    CHECK_THAT(row(test::sample_alert(), {.colour = Colour::on}), Catch::Contains("\x1b[31mhigh    \x1b[0m"));
}

TEST_CASE("on a terminal no line is wider than the terminal") {
    Alert alert = test::sample_alert();
    alert.text = "東京 から three failures and then a success that nobody expected, from the address 10.0.0.7";
    alert.key = {{"user", "\"someone with a rather long name\""}};
    for (const std::size_t width : {60u, 80u, 100u, 120u, 200u}) {
        std::istringstream lines(row(alert, {.width = width, .rule_width = 16}));
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(width, line);
            const bool columns_alone = line.find("user=") != std::string::npos;
            CHECK((columns_alone || display_width(line) <= width));
        }
    }
}

TEST_CASE("a text too long for the line goes on below its column") {
    CHECK(row(test::sample_alert(), {.width = 109, .rule_width = 16}) ==
          "2026-11-23 10:02:00.000  high      guessed_password  user=ann                ann: 3 failures, then success\n" +
              std::string(77, ' ') + "from 10.0.0.7\n");
}

TEST_CASE("a narrow terminal gets the text on a line of its own") {
    CHECK(row(test::sample_alert(), {.width = 80, .rule_width = 16}) ==
          "2026-11-23 10:02:00.000  high      guessed_password  user=ann\n"
          "    ann: 3 failures, then success from 10.0.0.7\n");
}

TEST_CASE("keys are shown without JSON's quotes and cannot carry escape sequences") {
    Alert alert = test::sample_alert();
    alert.key = {{"user", R"("a\"b\\c\u001b")"}, {"n", "7"}};
    CHECK_THAT(row(alert), Catch::Contains(R"(user=a"b\c\u001b n=7)"));
}

TEST_CASE("an alert without a text shows its values") {
    Alert alert = test::sample_alert();
    alert.text.clear();
    alert.values = {{"total", "12.5"}};
    CHECK_THAT(row(alert), Catch::EndsWith("total=12.5\n"));
}

TEST_CASE("retractions, corrections and shadow rules are marked") {
    Alert alert = test::sample_alert();
    alert.op = Op::retract;
    CHECK_THAT(row(alert), Catch::Contains("[retract] ann"));
    alert.shadow = true;
    CHECK_THAT(row(alert), Catch::Contains("[shadow] [retract] ann"));
}

TEST_CASE("a late record says how late, for which rules, and where it stood") {
    CHECK_THAT(row(test::sample_late()),
               Catch::Contains("late") && Catch::Contains("4200ms late for guessed_password (auth.ndjson, partition 0"));
}
