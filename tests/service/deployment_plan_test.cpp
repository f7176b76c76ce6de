// Which rules are what they were, from their programs alone.
#include "deployment_plan.hpp"
#include "deployer.hpp"
#include "rule_arrival.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using service::plan_rules;
using state::DeployedRule;
using Outcome = DeployedRule::Outcome;

constexpr const char* kRules = R"(stream Login(user: string, ok: bool, ts: time)
  time  ts
  slack 2s

rule guessed "Guessed"
  when     f: Login[ok = false]{3,} -> s: Login[ok = true]
  by       user
  within   5m
  return   failures = count(f)

rule twice "Guessed twice"
  when     a: guessed -> b: guessed
  by       user
  within   1h
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

/// What becomes of the two rules when this text takes the place of kRules.
std::vector<Outcome> outcomes(const std::string& text) {
    const std::vector<DeployedRule> before = plan_rules({}, *compile(kRules), 1);
    std::vector<Outcome> result;
    for (const DeployedRule& rule : plan_rules(before, *compile(text), std::nullopt)) {
        result.push_back(rule.outcome);
    }
    return result;
}

constexpr Outcome kSame = Outcome::unchanged;
constexpr Outcome kFresh = Outcome::fresh;

TEST_CASE("layout, comments and a rule's mode do not change a rule") {
    CHECK(outcomes(kRules) == std::vector{kSame, kSame});
    CHECK(outcomes(replaced(kRules, "  within   5m", "  within 300s   # five minutes")) == std::vector{kSame, kSame});
    CHECK(outcomes(replaced(kRules, "  by       user\n  within   5m", "  mode shadow\n  by user\n  within 5m")) ==
          std::vector{kSame, kSame});
}

TEST_CASE("a rule that changes starts anew, and with it those that see its alerts") {
    CHECK(outcomes(replaced(kRules, "{3,}", "{4,}")) == std::vector{kFresh, kFresh});
    CHECK(outcomes(replaced(kRules, "within   1h", "within   2h")) == std::vector{kSame, kFresh});
    CHECK(outcomes(replaced(kRules, "rule twice", "rule two_times")) == std::vector{kSame, kFresh, Outcome::removed});
}

TEST_CASE("what decides which events come, or when alerts are shown, changes a rule though its version stays") {
    CHECK(outcomes(replaced(kRules, "slack 2s", "slack 3s")) == std::vector{kFresh, kFresh});
    CHECK(outcomes(replaced(kRules, "slack 2s", "slack 2s\n  idle 5s")) == std::vector{kFresh, kFresh});
    CHECK(outcomes(replaced(kRules, "  within   1h", "  within   1h\n  lateness 1m")) == std::vector{kSame, kFresh});
    CHECK(outcomes(replaced(kRules, "  within   1h", "  within   1h\n  throttle 1h")) == std::vector{kSame, kFresh});
    CHECK(outcomes(replaced(kRules, "  within   5m", "  within   5m\n  emit early")) == std::vector{kFresh, kFresh});
    // The only stream takes records that name none; beside another one it does not.
    CHECK(outcomes(std::string(kRules) + "stream Logout(user: string, ts: time)\n  time ts\n") == std::vector{kFresh, kFresh});
}

TEST_CASE("a rule that is switched off is removed") {
    CHECK(outcomes(replaced(kRules, "  within   1h", "  within   1h\n  mode off")) == std::vector{kSame, Outcome::removed});
}

TEST_CASE("another stream changes nothing where streams say which records are theirs") {
    const std::string rules =
        "stream Login(user: string, ts: time)\n  time ts\n  where user != null\nrule r\n  when a: Login\n  by user\n";
    const std::vector<DeployedRule> before = plan_rules({}, *compile(rules), 1);
    const auto after = plan_rules(
        before, *compile(rules + "stream Other(host: string, ts: time)\n  time ts\n  where host != null\n"), std::nullopt);
    CHECK(after.at(0).outcome == Outcome::unchanged);
}

TEST_CASE("an unchanged rule keeps its first record, a changed one gets that of the fill") {
    std::vector<DeployedRule> before = plan_rules({}, *compile(kRules), 1);
    before[0].first = 17;
    const auto program = compile(replaced(kRules, "within   1h", "within   2h"));
    const std::vector<DeployedRule> filled = plan_rules(before, *program, 5);
    CHECK(filled[0].first == 17);
    CHECK(filled[1].first == 5);
    CHECK(filled[1].outcome == Outcome::filled);
    CHECK(filled[1].reason == "changed");
    CHECK(service::first_records(*program, filled) == std::vector<std::uint64_t>{17, 5});
    CHECK(plan_rules(before, *program, std::nullopt)[1].first == service::kAtDeployment);
}

TEST_CASE("a removed rule that comes back is new") {
    const auto both = compile(kRules);
    const auto one = compile("stream Login(user: string, ok: bool, ts: time)\n  time ts\n  slack 2s\n");
    const auto without = plan_rules(plan_rules({}, *both, 1), *one, std::nullopt);
    REQUIRE(without.size() == 2);
    CHECK(without[0].outcome == Outcome::removed);
    const auto again = plan_rules(without, *both, std::nullopt);
    REQUIRE(again.size() == 2);
    CHECK(again[0].outcome == Outcome::fresh);
    CHECK(again[0].reason == "new");
}

TEST_CASE("inputs keep their places, and new ones come behind them") {
    const auto program =
        compile("stream A(x: int, ts: time)\n  time ts\n  from \"b\"\nstream B(x: int, ts: time)\n  time ts\n  from \"a\"\n");
    CHECK(service::with_inputs_of(*program, {"events", "a"}) == std::vector<std::string>{"events", "a", "b"});
}

TEST_CASE("a backfill is a time or all") {
    CHECK_FALSE(service::parse_backfill("all")->since.has_value());
    CHECK(service::parse_backfill("7d")->since == std::chrono::hours(24 * 7));
    CHECK_FALSE(service::parse_backfill("0s").has_value());
    CHECK_FALSE(service::parse_backfill("some").has_value());
    CHECK_FALSE(service::parse_backfill("").has_value());
}

}  // namespace
}  // namespace tocsin::test
