// The bodies of each preset, as golden files, and what makes each of them safe.
#include <map>
#include <regex>
#include <set>

#include <simdjson.h>

#include <tocsin/delivery/format.hpp>
#include <tocsin/delivery/syslog.hpp>

#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using delivery::Format;
using delivery::format_alert;

state::OutboxRow sample(const std::string& op = "alert", const std::string& text = "ann: 3 failures, then success") {
    state::OutboxRow row{7, 0x5f3a0000000000c1, op, 1, "guessed_password", "", false};
    row.body =
        R"({"id":"5f3a0000000000c1","op":")" + op +
        R"(","rule":"guessed_password","version":"5be10c44","severity":"high","labels":{"team":"soc","attack.technique":"T1110"},)"
        R"("key":{"user":"ann","severity":3},"time":"2026-01-05T10:00:30Z","first":"2026-01-05T10:00:00Z","last":"2026-01-05T10:00:30Z",)"
        R"("events":{"s":[{"input":"events","partition":"","offset":4,"fields":{"user":"ann","ip":"10.0.0.7"}}]},)"
        R"("values":{"failures":3},"text":")" +
        text + R"("})";
    return row;
}

/// Its indented JSON would be no different for readers of the golden file; that it is JSON is checked.
std::string body_of(Format format, const state::OutboxRow& row) {
    const auto content = format_alert(format, row, "R0UTINGKEY");
    INFO((content ? "" : content.error().message));
    REQUIRE(content.has_value());
    simdjson::dom::parser parser;
    INFO(content->body);
    REQUIRE(parser.parse(content->body).error() == simdjson::SUCCESS);
    return content->body;
}

TEST_CASE("each preset's bodies of an alert, its correction and its retraction are those that are documented") {
    struct Preset {
        Format format;
        const char* name;
    };
    for (const Preset& preset : {Preset{Format::tocsin, "tocsin"}, Preset{Format::cloudevents, "cloudevents"},
                                 Preset{Format::alertmanager, "alertmanager"}, Preset{Format::slack, "slack"},
                                 Preset{Format::pagerduty, "pagerduty"}}) {
        std::string all;
        for (const char* const op : {"alert", "correct", "retract"}) {
            all += body_of(preset.format, sample(op)) + "\n";
        }
        check_golden(std::string("delivery/") + preset.name + ".ndjson", all);
    }
}

TEST_CASE("the bodies that the page of webhooks shows are those that are sent") {
    const std::string page = read_file(std::string(TOCSIN_SOURCE_DIR) + "/docs/webhooks.md");
    const std::map<std::string, Format> formats{{"cloudevents", Format::cloudevents},
                                                {"alertmanager", Format::alertmanager},
                                                {"slack", Format::slack},
                                                {"pagerduty", Format::pagerduty}};
    const std::regex block("<!-- body: ([a-z]+) ([a-z]+) -->\n```json\n([^`]*)```");
    simdjson::dom::parser parser;
    std::set<std::string> shown;
    for (std::sregex_iterator it(page.begin(), page.end(), block), end; it != end; ++it) {
        INFO((*it)[0]);
        CHECK(simdjson::minify(parser.parse((*it)[3].str())) == body_of(formats.at((*it)[1]), sample((*it)[2])));
        shown.insert((*it)[1]);
    }
    CHECK(shown.size() == formats.size());
}

TEST_CASE("a CloudEvent has its own media type, and the delivery's id") {
    CHECK(format_alert(Format::cloudevents, sample(), "")->type == "application/cloudevents+json");
    state::OutboxRow again = sample();
    again.ordinal = 2;
    CHECK_THAT(body_of(Format::cloudevents, again), Catch::Contains(R"("id":"5f3a0000000000c1.alert.2")"));
}

TEST_CASE("a rule's name in a CloudEvent's source is a URI's") {
    state::OutboxRow row = sample();
    const std::string quoted = R"("rule":"guessed_password")";
    row.body.replace(row.body.find(quoted), quoted.size(), R"("rule":"a b/ü")");
    CHECK_THAT(body_of(Format::cloudevents, row), Catch::Contains(R"("source":"/tocsin/rules/a%20b%2F%C3%BC")"));
}

TEST_CASE("for Alertmanager, what takes an alert back has its labels") {
    const auto labels = [](const std::string& body) { return body.substr(0, body.find("\"annotations\"")); };
    const std::string alert = body_of(Format::alertmanager, sample());
    const std::string retract = body_of(Format::alertmanager, sample("retract"));
    CHECK(labels(alert) == labels(retract));
    CHECK(alert.find("endsAt") == std::string::npos);
    CHECK_THAT(retract, Catch::Contains("\"endsAt\":\"2026-01-05T10:00:30Z\""));
}

TEST_CASE("events cannot call people or write links in Slack, and long ones are cut between characters") {
    CHECK_THAT(body_of(Format::slack, sample("alert", "<!channel> & <https://evil|here>")),
               Catch::Contains("&lt;!channel&gt; &amp; &lt;https://evil|here&gt;") && !Catch::Contains("<!channel>"));
    std::string umlauts;
    for (int i = 0; i < 5000; ++i) {
        umlauts += i % 3 == 0 ? "<" : "ü";
    }
    const std::string body = body_of(Format::slack, sample("alert", umlauts));
    CHECK(body.size() < 6000);
    CHECK_THAT(body, Catch::Contains("…"));
    CHECK_FALSE(body.find("&l…") != std::string::npos);
}

TEST_CASE("PagerDuty's severities, and a summary of its length") {
    for (const auto& [severity, theirs] :
         {std::pair{"critical", "critical"}, {"high", "error"}, {"medium", "warning"}, {"low", "info"}, {"info", "info"}}) {
        state::OutboxRow row = sample();
        row.body.replace(row.body.find("\"high\""), 6, "\"" + std::string(severity) + "\"");
        CHECK_THAT(body_of(Format::pagerduty, row),
                   Catch::Contains("\"severity\":\"" + std::string(theirs) + "\",\"timestamp\""));
    }
    const std::string body = body_of(Format::pagerduty, sample("alert", std::string(3000, 'x')));
    CHECK_THAT(body, Catch::Contains("\"summary\":\"" + std::string(1021, 'x') + "…\""));
}

TEST_CASE("a body is the same each time") {
    for (const Format format : {Format::cloudevents, Format::alertmanager, Format::slack, Format::pagerduty}) {
        CHECK(body_of(format, sample()) == body_of(format, sample()));
    }
}

TEST_CASE("what is no alert is refused") {
    for (const char* const body : {"", "{}", "[]", "{\"id\":1}", "{\"id\":\"a\""}) {
        state::OutboxRow row = sample();
        row.body = body;
        const auto content = format_alert(Format::slack, row, "");
        REQUIRE_FALSE(content.has_value());
        CHECK(content.error().code == Errc::bad_data);
    }
}

TEST_CASE("a syslog message has the alert's severity, time and JSON") {
    const auto message = delivery::syslog_message({}, "host", sample());
    REQUIRE(message.has_value());
    // user is 1, error is 3
    CHECK_THAT(*message,
               Catch::StartsWith("<11>1 2026-01-05T10:00:30Z host tocsin ") && Catch::EndsWith(" alert - " + sample().body));
    delivery::SyslogOptions local;
    local.facility = 16;
    local.app_name = "rules";
    CHECK_THAT(*delivery::syslog_message(local, "-", sample("retract")),
               Catch::StartsWith("<131>1 ") && Catch::Contains(" - rules ") && Catch::Contains(" retract - {"));
}

TEST_CASE("a syslog message that is too long is sent without its events, with its text cut, and said to be so") {
    delivery::SyslogOptions options;
    options.max_message = sample().body.size();
    const auto without_events = delivery::syslog_message(options, "host", sample());
    REQUIRE(without_events.has_value());
    CHECK(without_events->size() <= options.max_message);
    CHECK_THAT(*without_events, Catch::EndsWith(",\"text\":\"ann: 3 failures, then success\",\"shortened\":true}"));
    const auto cut = delivery::syslog_message(options, "host", sample("alert", std::string(9000, 'x')));
    REQUIRE(cut.has_value());
    CHECK(cut->size() <= options.max_message);
    CHECK_THAT(*cut, Catch::Contains("xx…\",\"shortened\":true}"));
    options.max_message = 200;
    CHECK_FALSE(delivery::syslog_message(options, "host", sample()).has_value());
}

}  // namespace
}  // namespace tocsin::test
