// Rules over the alerts of rules.

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

using Lines = std::vector<std::string>;

const std::string kStream = "stream Pay(owner: string, amount: int, ts: time) time ts s slack 0s\n";

std::string pay(const std::string& owner, int ts, int amount) {
    return fmt::format(R"({{"owner":"{}","amount":{},"ts":{}}})", owner, amount, ts);
}
/// Of the alerts of the rule alone.
Lines told_by(const std::string& rule, const EngineRun& run) {
    std::vector<alerts::Output> of_rule;
    for (const alerts::Alert& alert : alerts_of(run.output)) {
        if (alert.rule == rule) {
            of_rule.emplace_back(alert);
        }
    }
    return told(of_rule);
}

TEST_CASE("an alert is an event with the key, the returned values, and its decision time as its time") {
    const EngineRun run = run_of(kStream +
                                     "rule pair when a: Pay[amount = 1] -> b: Pay[amount = 2] by owner within 10s return total = a.amount + b.amount\n"
                                     "rule seen when p: pair[total = 3] by owner return at = p.ts alert \"{owner} {p.total} {p.ts}\"",
                                 {pay("ann", 100, 1), pay("ann", 105, 2)});
    CHECK(told_by("seen", run) == Lines{"ann 3 1970-01-01T00:01:45.000Z at 105"});
}

TEST_CASE("an absence is an event when its waiting was over") {
    const EngineRun run = run_of(kStream +
                                     "rule unpaid when a: Pay[amount = 1] -> not Pay[amount = 2] by owner within 10s\n"
                                     "rule then when u: unpaid -> p: Pay[amount = 3] by owner within 1m alert \"{owner}\"",
                                 {pay("ann", 100, 1), pay("ann", 109, 3), pay("ann", 111, 3)});
    CHECK(told_by("then", run) == Lines{"ann at 111"});
}

TEST_CASE("an alert that is taken back is taken back in the rule that reads it, and a corrected one corrected") {
    const std::string rules =
        kStream +
        "rule pair when a: Pay[amount = 1] -> not Pay[amount = 0] -> b: Pay[amount >= 2] by owner within 10s lateness 1h return last = b.amount\n"
        "rule seen when p: pair by owner lateness 1h alert \"{owner} {p.last}\"";
    const Lines before{pay("ann", 100, 1), pay("ann", 105, 7), pay("bob", 200, 5)};
    const auto with = [&](const std::string& late) {
        Lines records = before;
        records.push_back(late);
        return told_by("seen", run_of(rules, records));
    };
    CHECK(with(pay("ann", 104, 0)) == Lines{"ann 7 at 105", "retract ann 7 at 105"});
    CHECK(with(pay("ann", 103, 9)) == Lines{"ann 7 at 105", "retract ann 7 at 105", "ann 9 at 103"});
}

TEST_CASE("an early rule over an early rule waits for no slack, also with what time decides") {
    Driver driver(
        "stream Pay(owner: string, amount: int, ts: time) time ts s slack 1h\n"
        "rule pair when a: Pay[amount = 1] -> b: Pay[amount = 2] by owner within 10s emit early\n"
        "rule quiet when p: pair -> not Pay[amount = 3] by owner within 10s emit early");
    driver.push({pay("ann", 100, 1), pay("ann", 105, 2), pay("bob", 115, 5)});
    CHECK(driver.take().size() == 1);
    driver.push({pay("bob", 116, 5)});
    const Lines shown = driver.take();
    REQUIRE(shown.size() == 1);
    CHECK(shown.front().starts_with("quiet "));
}

TEST_CASE("what throttle holds back is read by other rules all the same") {
    const EngineRun run = run_of(kStream +
                                     "rule each_one when p: Pay by owner throttle 1h\n"
                                     "rule twice when a: each_one -> b: each_one by owner within 1m alert \"{owner}\"",
                                 {pay("ann", 100, 1), pay("ann", 105, 2)});
    CHECK(alerts_of(run.output).size() == 2);
    CHECK(told_by("twice", run) == Lines{"ann at 105"});
}

TEST_CASE("a rule in shadow is read, and one that is off is refused") {
    const std::string rules = "rule seen when p: one by owner alert \"{owner}\"\nrule one when p: Pay by owner mode ";
    CHECK(told_by("seen", run_of(kStream + rules + "shadow", {pay("ann", 100, 1)})) == Lines{"ann at 100"});
    CHECK_FALSE(compiled(kStream + rules + "off").program);
}

TEST_CASE("rules over rules over rules, and windows over rules, see what each level shows, in any batches and threads") {
    const std::string rules =
        kStream +
        "rule one when a: Pay[amount = 1] -> b: Pay[amount = 2] by owner within 5s lateness 30s return sum = a.amount + b.amount\n"
        "rule two when a: one -> b: one by owner within 60s lateness 30s\n"
        "rule three when a: two -> b: Pay[amount = 3] by owner within 60s lateness 30s alert \"{owner}\"\n"
        "rule many window 60s on one by owner where count() >= 3 lateness 30s return n = count()\n";
    Lines records;
    for (int i = 0; i < 3000; ++i) {
        records.push_back(pay(fmt::format("u{}", i * 5 % 7), i / 4 - (i % 17 == 0 ? 11 : 0), i % 4));
    }
    const EngineRun whole = run_of(rules, records);
    REQUIRE(told_by("three", whole).size() > 20);
    REQUIRE(told_by("many", whole).size() > 20);
    const std::string expected = json_of(whole.output);
    for (const unsigned threads : {1U, 8U}) {
        for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
            INFO(threads << " threads, batches of " << batch);
            const bool same = json_of(run_of(rules, records, threads, batch).output) == expected;
            CHECK(same);
        }
    }
    CHECK(whole.left.runs + whole.left.events + whole.left.keys == 0);
}

}  // namespace
}  // namespace tocsin::test
