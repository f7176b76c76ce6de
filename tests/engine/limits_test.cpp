// What the engine holds, and what it does at its limits.

#include <algorithm>

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

const std::string kPairs =
    "stream A(user: string, ts: time) time ts\nstream B(user: string, ts: time) time ts\n"
    "rule pair when A -> B by user within 1m\n";

std::string record(const char* type, std::int64_t ms, const std::string& user = "ann") {
    return fmt::format(R"({{"type":"{}","ts":{},"user":"{}"}})", type, ms, user);
}

TEST_CASE("nothing is held when the watermark has passed everything") {
    Driver driver(kPairs);
    driver.push({record("A", 0), record("A", 10), record("B", 20), record("A", 30)});
    REQUIRE(driver.engine().state_size().events > 0);
    driver.finish();
    CHECK(driver.engine().state_size().runs == 0);
    CHECK(driver.engine().state_size().events == 0);
    CHECK(driver.engine().state_size().keys == 0);
}

TEST_CASE("of 200,000 keys only those are held that `within` has not let go") {
    Driver driver(kPairs);
    constexpr int kKeys = 200'000;
    constexpr int kBatch = 2'000;
    engine::Engine::StateSize most;
    for (int begin = 0; begin < kKeys; begin += kBatch) {
        std::vector<std::string> lines;
        for (int i = begin; i < begin + kBatch; ++i) {
            lines.push_back(record("A", 10 * i, fmt::format("user{}", i)));
        }
        lines.push_back(fmt::format(R"({{"$watermark":{{"stream":"B","partition":"0","ts":{}}}}})", 10 * (begin + kBatch)));
        driver.push(lines);
        const engine::Engine::StateSize now = driver.engine().state_size();
        most = {std::max(most.runs, now.runs), std::max(most.events, now.events), std::max(most.keys, now.keys)};
    }
    // A minute has 6,000 keys.
    CHECK(most.runs > 5'000);
    CHECK(most.runs < 6'010);
    CHECK(most.events < 6'010);
    CHECK(most.keys < 6'010);
    driver.finish();
    CHECK(driver.engine().state_size().runs == 0);
    CHECK(driver.engine().state_size().events == 0);
    CHECK(driver.engine().state_size().keys == 0);
}

TEST_CASE("a key may have as many runs as the limit says") {
    Limits limits;
    limits.runs_per_key = 10;
    std::vector<std::string> lines;
    for (int i = 0; i < 10; ++i) {
        lines.push_back(record("A", i));
    }
    lines.push_back(record("B", 10));
    const EngineRun run = run_engine(kPairs + "overlap all\n", lines, 1, 4096, limits);
    REQUIRE(run.problems.empty());
    CHECK(run.counters.rules[0].runs_refused == 0);
    CHECK(run.output.size() == 10);
}

TEST_CASE("runs beyond the limit are refused and counted, and the engine goes on") {
    Limits limits;
    limits.runs_per_key = 10;
    std::vector<std::string> lines;
    for (int i = 0; i < 13; ++i) {
        lines.push_back(record("A", i));
    }
    lines.push_back(record("B", 13));
    lines.push_back(record("A", 14));
    lines.push_back(record("A", 14, "bob"));
    lines.push_back(record("B", 15));
    lines.push_back(record("B", 15, "bob"));
    const EngineRun run = run_engine(kPairs + "overlap all\n", lines, 1, 4096, limits);
    REQUIRE(run.problems.empty());
    CHECK(run.counters.rules[0].runs_refused == 3);
    CHECK(run.output.size() == 12);
}

// ---- many events in one step

const std::string kMany =
    "stream A(ts: time) time ts\nstream B(ts: time) time ts\nrule many when a: A+ -> b: B within 1h overlap none\n";

/// n events for a, the one of index `odd` at another offset.
std::vector<alerts::Alert> alert_of_many(int n, int odd = -1) {
    std::vector<std::string> lines;
    for (int i = 0; i < n; ++i) {
        lines.push_back(fmt::format(R"({{"type":"A","ts":{},"$offset":{}}})", i, i == odd ? 1'000'000 : i));
    }
    lines.push_back(fmt::format(R"({{"type":"B","ts":{},"$offset":{}}})", n, n));
    std::vector<alerts::Alert> alerts = alerts_of(run_engine(kMany, lines, 1, 4096).output);
    REQUIRE(alerts.size() == 1);
    REQUIRE(alerts[0].steps.size() == 2);
    return alerts;
}

TEST_CASE("a step of 1,000 events is shown whole") {
    const alerts::Alert alert = alert_of_many(1000).front();
    CHECK(alert.steps[0].events.size() == 1000);
    CHECK(alert.steps[0].omitted == 0);
}

TEST_CASE("of a step of 1,001 events the first and the last 500 are shown") {
    const alerts::Alert alert = alert_of_many(1001).front();
    CHECK(alert.steps[0].omitted == 1);
    REQUIRE(alert.steps[0].events.size() == 1000);
    CHECK(alert.steps[0].events[0].offset == 0);
    CHECK(alert.steps[0].events[499].offset == 499);
    CHECK(alert.steps[0].events[500].offset == 501);
    CHECK(alert.steps[0].events[999].offset == 1000);
}

TEST_CASE("the id covers the events that are not shown") {
    const alerts::Alert one = alert_of_many(1001).front();
    const alerts::Alert other = alert_of_many(1001, 500).front();
    REQUIRE(other.steps[0].omitted == 1);
    CHECK(one.id != other.id);
}

TEST_CASE("a regular expression that cannot be run is refused with its text") {
    const Compiled made = compiled("stream A(s: string, ts: time) time ts\nrule r when A[s matches r\"(?=look)ahead\"]\n");
    if (made.program == nullptr) {
        CHECK(made.found.find("(?=look)ahead") != std::string::npos);
        return;
    }
    const auto engine = engine::Engine::create(made.program, {});
    REQUIRE_FALSE(engine.has_value());
    CHECK(engine.error().message.find("(?=look)ahead") != std::string::npos);
}

}  // namespace
}  // namespace tocsin::test
