#include "test_expect.hpp"

#include "alerts/sample.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;
using Kind = dsl::TestExpect::Kind;

namespace {

alerts::Alert alert_of(const std::string& user, const char* time) {
    alerts::Alert alert = test::sample_alert();
    alert.key = {{"user", "\"" + user + "\""}};
    alert.time = parse_rfc3339(time).value();
    return alert;
}

Expectation expect_user(const std::string& user) { return {Kind::alert, {{"user", "\"" + user + "\""}}, std::nullopt}; }

}  // namespace

TEST_CASE("an expectation names what an alert has: key, values, labels, texts, a step's last event") {
    alerts::Alert alert = test::sample_alert();
    alert.values = {{"total", "12.50"}};
    alert.labels = {{"team", "\"soc\""}};
    CHECK(output_json(alert, "user") == "\"ann\"");
    CHECK(output_json(alert, "total") == "12.50");
    CHECK(output_json(alert, "team") == "\"soc\"");
    CHECK(output_json(alert, "severity") == "\"high\"");
    CHECK(output_json(alert, "s.status") == "\"ok\"");
    CHECK(output_json(alert, "first") == "\"2026-11-23T10:00:00.000Z\"");
    CHECK_FALSE(output_json(alert, "s.nothing"));
    CHECK_FALSE(output_json(alert, "nothing"));
}

TEST_CASE("values are compared as values: numbers by size, times as times") {
    CHECK(same_json("900", "900.0"));
    CHECK(same_json("\"2026-11-23T10:00:00Z\"", "\"2026-11-23T11:00:00.000+01:00\""));
    CHECK_FALSE(same_json("\"900\"", "900"));
    CHECK_FALSE(same_json("null", "0"));
}

TEST_CASE("an expectation without fields takes any output of its kind, and no other") {
    const Expectation any{Kind::alert, {}, std::nullopt};
    CHECK(fits(any, test::sample_alert()));
    CHECK_FALSE(fits(any, test::sample_late()));
    alerts::Alert retract = test::sample_alert();
    retract.op = alerts::Op::retract;
    CHECK_FALSE(fits(any, retract));
    CHECK(fits({Kind::retract, {}, std::nullopt}, retract));
    CHECK(fits({Kind::late, {{"behind_ms", "4200"}}, std::nullopt}, test::sample_late()));
}

TEST_CASE("what an alert does not have is null") {
    CHECK(fits({Kind::alert, {{"nothing", "null"}}, std::nullopt}, test::sample_alert()));
    CHECK_FALSE(fits({Kind::alert, {{"nothing", "1"}}, std::nullopt}, test::sample_alert()));
}

TEST_CASE("the decision time is compared exactly") {
    Expectation expectation = expect_user("ann");
    expectation.at = parse_rfc3339("2026-11-23T10:02:00Z");
    CHECK(fits(expectation, test::sample_alert()));
    expectation.at = parse_rfc3339("2026-11-23T10:02:00.001Z");
    CHECK_FALSE(fits(expectation, test::sample_alert()));
}

TEST_CASE("a loose expectation leaves an output to the one that needs it") {
    const std::vector<alerts::Output> outputs{alert_of("ann", "2026-11-23T10:00:00Z"), alert_of("bob", "2026-11-23T10:01:00Z")};
    const Pairing pairing = pair_up({{Kind::alert, {}, std::nullopt}, expect_user("ann")}, outputs);
    CHECK(pairing.complete());
    CHECK(pairing.output_of[1] == 0u);
}

TEST_CASE("the difference shows what is missing and what is too much") {
    const std::vector<Expectation> expectations{expect_user("ann"), expect_user("bob")};
    const std::vector<alerts::Output> outputs{alert_of("ann", "1970-01-01T10:00:00Z"),
                                              alert_of("eve", "1970-01-01T10:01:00.5Z")};
    const Pairing pairing = pair_up(expectations, outputs);
    CHECK_FALSE(pairing.complete());
    CHECK(draw_difference(expectations, outputs, pairing) ==
          "  alert user=\"ann\"\n"
          "- alert user=\"bob\"\n"
          "+ alert user=\"eve\" at 10:01:00.500\n");
}
