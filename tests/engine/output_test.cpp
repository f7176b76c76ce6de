// The same alerts, byte for byte, however the records come in.

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

const std::string kStreams = R"(
stream Login(kind: string, user: string, ok: bool, n: int, ts: time)
  time ts  slack 2s  where kind = "login"
stream Pay(kind: string, owner: string, amount: float, ts: time)
  time ts  slack 1s  where kind = "pay"
stream Any(kind: string, user: string, n: int, ts: time)
  time ts  slack 2s  where n != null
)";

const std::string kRules = R"(
rule guessed
  when f: Login[not ok]{2,} -> s: Login[ok]
  by user within 20s
  alert "{user}: {count(f)}"
rule pay_after
  when l: Login -> not Login[not ok] -> p: Pay[amount > 5]
  by user = Pay.owner within 30s
  overlap all
  return total = sum(p.amount) + l.n
rule quiet
  when p: Pay[amount > 8] -> not Pay
  by owner within 3s
rule any_number
  when a: Any ~> b: Any[n > a.n] => c: Any
  by user within 5s
  overlap none
rule all_together
  when Pay[amount > 9] -> Login[n = 3]
  within 2s
)";

/// Records with null keys, partitions, times out of order (many equal to a watermark), some of them too late.
std::vector<std::string> records(unsigned seed, int count) {
    std::mt19937 random(seed);
    const auto up_to = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) {
        const int ts = i * 200 - 100 * up_to(11) - (up_to(200) == 0 ? 5000 : 0);
        const std::string who = up_to(20) == 0 ? "null" : fmt::format("\"u{}\"", up_to(7));
        const int partition = up_to(3);
        if (up_to(3) == 0) {
            lines.push_back(fmt::format(R"({{"kind":"pay","owner":{},"amount":{}.5,"ts":{},"$partition":{}}})", who, up_to(10),
                                        ts, partition));
        } else {
            const std::string n = up_to(3) == 0 ? "null" : fmt::format("{}", up_to(5));
            lines.push_back(fmt::format(R"({{"kind":"login","user":{},"ok":{},"n":{},"ts":{},"$partition":{}}})", who,
                                        up_to(2) == 0, n, ts, partition));
        }
    }
    return lines;
}

TEST_CASE("a match that waited for an earlier start comes as soon as the watermark is behind the event that ended that") {
    Driver driver(
        "stream S(kind: string, n: int, k: string, ts: time) time ts slack 0s\n"
        "rule r when a: S[kind = \"a\"] -> not S[kind = \"x\" and n = a.n] -> b: S[kind = \"b\" and n = a.n]"
        " by k within 1h skip past last");
    const auto record = [](const std::string& kind, int n, const std::string& k, int ts) {
        return fmt::format(R"({{"kind":"{}","n":{},"k":"{}","ts":{}}})", kind, n, k, ts);
    };
    driver.push({record("a", 1, "k", 1000), record("a", 2, "k", 2000), record("b", 2, "k", 3000), record("c", 0, "other", 4000)});
    CHECK(driver.take().empty());
    driver.push({record("x", 1, "k", 5000), record("c", 0, "other", 6000)});
    CHECK(driver.take().size() == 1);
}

TEST_CASE("threads and batch sizes change no byte of the output") {
    const std::vector<std::string> lines = records(1, 3000);
    const EngineRun whole = run_engine(kStreams + kRules, lines, 1, 4096);
    INFO(whole.problems);
    const std::string expected = json_of(whole.output);
    REQUIRE(alerts_of(whole.output).size() > 100);
    REQUIRE(alerts_of(whole.output).size() < whole.output.size());
    for (const unsigned threads : {1U, 2U, 8U}) {
        for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
            INFO(threads << " threads, batches of " << batch);
            // Not CHECK(a == b): a difference would print megabytes.
            const bool same = json_of(run_engine(kStreams + kRules, lines, threads, batch).output) == expected;
            CHECK(same);
        }
    }
}

TEST_CASE("every rule of a run has alerts of its own to compare") {
    const EngineRun run = run_engine(kStreams + kRules, records(1, 3000), 1, 4096);
    REQUIRE(run.counters.rules.size() == 5);
    for (const engine::RuleCounters& counts : run.counters.rules) {
        CHECK(counts.alerts > 0);
    }
}

TEST_CASE("what was received is on time, late, too late or a duplicate") {
    std::vector<std::string> lines = records(2, 2000);
    for (int i = 0; i < 50; ++i) {
        std::string again = lines[static_cast<std::size_t>(i * 7)];
        again.insert(again.size() - 1, fmt::format(R"(,"$offset":{})", 100'000 + i));
        lines[static_cast<std::size_t>(i * 7)] = again;
        lines.insert(lines.begin() + i * 7 + 1, again);
    }
    const EngineRun run = run_engine(kStreams + kRules, lines, 2, 64);
    REQUIRE(run.problems.empty());
    std::uint64_t duplicates = 0;
    std::uint64_t too_late = 0;
    for (const engine::RuleCounters& counts : run.counters.rules) {
        CHECK(counts.received == counts.on_time + counts.late_accepted + counts.too_late + counts.duplicate);
        CHECK(counts.null_key <= counts.on_time + counts.late_accepted);
        CHECK(counts.candidates >= counts.alerts);
        duplicates += counts.duplicate;
        too_late += counts.too_late;
    }
    CHECK(duplicates > 0);
    CHECK(too_late > 0);
    for (const engine::StreamCounters& counts : run.counters.streams) {
        CHECK(counts.received ==
              counts.on_time + counts.late_accepted + counts.too_late + counts.duplicate + counts.without_time);
    }
    CHECK(run.counters.records == lines.size());
}

TEST_CASE("the alerts counted are the alerts shown") {
    const EngineRun run = run_engine(kStreams + kRules, records(3, 1000), 2, 64);
    std::uint64_t counted = 0;
    for (const engine::RuleCounters& counts : run.counters.rules) {
        counted += counts.alerts;
    }
    CHECK(counted == alerts_of(run.output).size());
}

// ---- ids

std::vector<std::uint64_t> ids(const std::string& rule) {
    std::vector<std::uint64_t> result;
    const EngineRun run = run_engine(kStreams + rule, records(4, 500), 1, 4096);
    INFO(run.problems);
    for (const alerts::Alert& alert : alerts_of(run.output)) {
        result.push_back(alert.id);
    }
    REQUIRE_FALSE(result.empty());
    return result;
}

TEST_CASE("a replay gives alerts the same ids") {
    const std::string rule = "rule r when a: Login -> p: Pay[amount > 2] by user = Pay.owner within 10s\n";
    CHECK(ids(rule) == ids(rule));
}

TEST_CASE("alerts of one run have different ids") {
    std::vector<std::uint64_t> all = ids("rule r when a: Login -> p: Pay[amount > 2] by user = Pay.owner within 10s\n");
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("layout and comments of a rule change no id") {
    CHECK(
        ids("rule r when a: Login -> p: Pay[amount > 2] by user = Pay.owner within 10s\n") ==
        ids("# pays soon\nrule r\n  when   a: Login\n      -> p: Pay[ amount>2 ]   # more than two\n  by     user=Pay.owner\n  "
            "within 10s\n"));
}

TEST_CASE("another condition changes the ids, even where it chooses the same events") {
    const auto one = ids("rule r when a: Login -> p: Pay[amount > 2] by user = Pay.owner within 10s\n");
    const auto other = ids("rule r when a: Login -> p: Pay[amount > 2.25] by user = Pay.owner within 10s\n");
    REQUIRE(one.size() == other.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        CHECK(one[i] != other[i]);
    }
}

// ---- many rules

TEST_CASE("3,000 rules at once find what each of them finds alone") {
    constexpr int kRuleCount = 3000;
    const auto rule_text = [](int i) {
        return fmt::format("rule r{} when a: Login[n = {}] -> p: Pay[amount > {}] by user = Pay.owner within {}s\n", i, i % 50,
                           i % 9, 1 + i % 20);
    };
    std::string all;
    for (int i = 0; i < kRuleCount; ++i) {
        all += rule_text(i);
    }
    const std::vector<std::string> lines = records(5, 300);
    const EngineRun together = run_engine(kStreams + all, lines, 2, 64);
    REQUIRE(together.problems.empty());
    REQUIRE(together.rule_names.size() == kRuleCount);
    std::size_t compared = 0;
    for (int i = 0; i < kRuleCount; i += 61) {
        const std::string name = fmt::format("r{}", i);
        std::vector<alerts::Output> of_rule;
        for (const alerts::Alert& alert : alerts_of(together.output)) {
            if (alert.rule == name) {
                of_rule.emplace_back(alert);
            }
        }
        std::vector<alerts::Output> alone;
        for (const alerts::Alert& alert : alerts_of(run_engine(kStreams + rule_text(i), lines, 1, 64).output)) {
            alone.emplace_back(alert);
        }
        compared += alone.size();
        INFO(name);
        REQUIRE(json_of(of_rule) == json_of(alone));
    }
    CHECK(compared > 0);
}

}  // namespace
}  // namespace tocsin::test
