#include <set>

#include "compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

const std::string kStream = "stream S(a: int, b: string, ts: time) time ts slack 10s\n";

std::uint32_t version(const std::string& text) {
    const Compiled result = compiled(text);
    INFO(result.found);
    REQUIRE(result.program != nullptr);
    for (const plan::RulePlan& rule : result.program->rules) {
        if (rule.name == "r") {
            return rule.version;
        }
    }
    FAIL("no rule r");
    return 0;
}

std::uint32_t plain_version() {
    static const std::uint32_t once =
        version(kStream + "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"");
    return once;
}

TEST_CASE("a rule's version does not see layout, comments or the order of clauses") {
    CHECK(version(kStream + "rule r # why\n  within 1h\n alert \"{x.a}\"\n when x: S[a>5 and\n b=\"k\"]\n -> S in 60s\n") ==
          plain_version());
}

TEST_CASE("a rule's version does not see the other rules of the load") {
    CHECK(version(kStream + "rule other when S[b = \"k\" and a > 7] -> S[a > 5]{2} within 9m\n"
                            "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"") == plain_version());
}

TEST_CASE("a rule's version does not see how its events arrive, nor fields that it does not read") {
    CHECK(version("stream S(a: int, more: float, b: string, ts: time) time ts slack 1h idle 1m from \"x\"\n"
                  "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"") == plain_version());
}

TEST_CASE("a rule's version does not see whether it is live or in shadow") {
    CHECK(version(kStream + "rule r mode shadow when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"") ==
          plain_version());
}

TEST_CASE("a definition is the same as what it stands for") {
    CHECK(
        version(kStream + "define large = a > 5\nrule r when x: S[large and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"") ==
        plain_version());
}

TEST_CASE("whatever changes a match or an alert changes the version") {
    const std::vector<std::string> others{
        "rule r when x: S[a > 6 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"",
        "rule r when x: S[a > 5 or b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] => S in 1m within 1h alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 2m within 1h alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 2h alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S{2} in 1m within 1h alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.b}\"",
        "rule r when y: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{y.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m by b within 1h alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h overlap all alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h skip past last alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h where x.a < 9 alert \"{x.a}\"",
        "rule r severity high when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"",
        "rule r label l = 1 when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"",
        "rule r \"title\" when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"",
        "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h return n = x.a alert \"{x.a}\"",
    };
    for (const std::string& other : others) {
        INFO(other);
        CHECK(version(kStream + other) != plain_version());
    }
}

TEST_CASE("whatever changes a window or what it computes changes the version") {
    const auto of = [](const std::string& window, const std::string& rest) {
        return version(kStream + "rule r window " + window + " on S by b let n = count() let m = count(a > 5) where " + rest);
    };
    const std::uint32_t plain = of("5m", "n > prev(n)");
    CHECK(of("300s", "n > prev(n)") == plain);
    CHECK(of("5m every 5m", "n > prev(n)") == plain);
    const std::vector<std::pair<std::string, std::string>> others{
        {"6m", "n > prev(n)"},         {"5m every 1m", "n > prev(n)"}, {"5m for 1h", "n > prev(n)"},
        {"5m for 2h", "n > prev(n)"},  {"sliding 5m", "n > prev(n)"},  {"session 5m", "n > prev(n)"},
        {"5m", "n > prev(m)"},         {"5m", "m > prev(n)"},          {"5m", "n > distinct(a)"},
        {"5m", "n > distinct~(a)"},    {"5m", "n > quantile(a, 0.5)"}, {"5m", "n > quantile~(a, 0.5)"},
        {"5m", "n > quantile(a, 0.6)"}};
    std::set<std::uint32_t> versions{plain};
    for (const auto& [window, rest] : others) {
        INFO(window << " " << rest);
        CHECK(versions.insert(of(window, rest)).second);
    }
    CHECK(versions.insert(of("sliding 5m", "n > prev(n) overlap none")).second);
}

TEST_CASE("a stream's where and event time belong to the meaning of its rules") {
    const std::string rule = "rule r when x: S[a > 5 and b = \"k\"] -> S in 1m within 1h alert \"{x.a}\"";
    CHECK(version("stream S(a: int, b: string, ts: time) time ts where a > 0\n" + rule) != plain_version());
    CHECK(version("stream S(a: int, b: string, ts: time) time ts s\n" + rule) != plain_version());
}

TEST_CASE("a list's contents belong to the meaning of a rule, its name does not") {
    const auto with = [](const std::string& name, const std::string& values) {
        return version(kStream + "list " + name + " = (" + values + ")\nrule r when S[b in " + name + "]");
    };
    CHECK(with("l", "\"x\", \"y\"") == with("other", "\"x\", \"y\""));
    CHECK(with("l", "\"x\", \"y\"") != with("l", "\"x\", \"z\""));
}

}  // namespace
}  // namespace tocsin::test
