// Windows through the whole engine: when they are shown, what an alert of one says, and what is held.

#include <limits>
#include <random>
#include <set>

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

const std::string kStream = "stream S(k: string, v: int, ts: time)\n  time ts us\n";

std::string record(std::int64_t micros, const std::string& key = "a", int v = 1) {
    return fmt::format(R"({{"k":"{}","v":{},"ts":{}}})", key, v, micros);
}

constexpr std::int64_t kSecond = 1'000'000;

TEST_CASE("a window is shown when time has reached its end, and not a microsecond before") {
    Driver driver(kStream + "rule r\n  window 1s on S\n  by k\n  let n = count()\n");
    driver.push({record(0), record(kSecond - 1)});
    CHECK(driver.take().empty());
    // Its decision time, a millisecond before its end, has passed; an event at its last microsecond has not been refused.
    driver.push({record(kSecond - 1)});
    CHECK(driver.take().empty());
    driver.push({record(kSecond)});
    CHECK(driver.take() == std::vector<std::string>{"r \"a\" at 999000 [0, 1000000) n=3"});
}

TEST_CASE("a session is shown when more than its gap has passed, at the last event and the gap") {
    Driver driver(kStream + "rule r\n  window session 1s on S\n  by k\n  let n = count()\n");
    driver.push({record(0), record(kSecond)});
    driver.push({record(2 * kSecond, "b")});
    CHECK(driver.take().empty());
    driver.push({record(2 * kSecond + 1, "b")});
    CHECK(driver.take() == std::vector<std::string>{"r \"a\" at 2000000 [0, 1000000) n=2"});
}

TEST_CASE("a sliding window is judged at each event, and an alert names the event") {
    Driver driver(kStream + "rule r\n  window sliding 1s on S[v > 0]\n  by k\n  let n = count()\n  where n > 1\n");
    driver.push({record(0), record(kSecond - 1), record(kSecond, "a", 0), record(kSecond), record(5 * kSecond)});
    driver.finish();
    CHECK(driver.take() == std::vector<std::string>{"r \"a\" at 999999 [-1, 999999) at 0/2 n=2", "r \"a\" at 1000000 [0, 1000000) at 0/4 n=2"});
}

TEST_CASE("a key that falls silent has empty windows as long as `for` says") {
    Driver driver(kStream + "rule r\n  window 1s for 3s on S\n  by k\n  let n = count()\n  where n = 0\n");
    driver.push({record(500'000), record(20 * kSecond, "b")});
    CHECK(driver.take() == std::vector<std::string>{"r \"a\" at 1999000 [1000000, 2000000) n=0",
                                                    "r \"a\" at 2999000 [2000000, 3000000) n=0"});
}

TEST_CASE("times before 1970 fall into windows that begin before them") {
    Driver driver(kStream + "rule r\n  window 1s on S\n  by k\n  let n = count()\n");
    driver.push({record(-kSecond), record(-1), record(0)});
    driver.finish();
    CHECK(driver.take() == std::vector<std::string>{"r \"a\" at -1000 [-1000000, 0) n=2", "r \"a\" at 999000 [0, 1000000) n=1"});
}

TEST_CASE("events at the first and last times that there are break nothing, and leave nothing behind") {
    for (const std::string window : {"5m", "5m every 1m for 1h", "sliding 5m", "session 5m"}) {
        INFO(window);
        Driver driver(kStream + "rule r\n  window " + window + " on S\n  by k\n  let n = count()\n  where n > 0 or prev(n) > 0\n");
        constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
        for (const std::int64_t micros : {-kMost, -kMost + 1, -kMost + 1'000'000'000, std::int64_t{0}, kMost - 1'000'000'000, kMost - 1}) {
            driver.push({record(micros)});
        }
        driver.finish();
        CHECK(driver.take().size() >= 3);
        CHECK(driver.engine().state_size().keys == 0);
    }
}

TEST_CASE("an event whose key is null is in no window, and counted") {
    Driver driver(kStream + "rule r\n  window 1s on S\n  by k\n  let n = count()\n");
    driver.push({R"({"v":1,"ts":0})"});
    driver.finish();
    CHECK(driver.take().empty());
    CHECK(driver.engine().counters().rules.at(0).null_key == 1);
}

TEST_CASE("a sum out of range is null, and counted") {
    Driver driver(kStream + "rule r\n  window 1s on S\n  let s = sum(v)\n  where s = null\n");
    driver.push({R"({"v":9223372036854775807,"ts":0})", R"({"v":1,"ts":0})"});
    driver.finish();
    CHECK(driver.take().size() == 1);
    CHECK(driver.engine().counters().rules.at(0).overflows > 0);
}

TEST_CASE("windows with the same bounds and key have ids of their own in rules of other names or meanings, and sliding ones at each event") {
    const auto ids = [](const std::string& rule) {
        Driver driver(kStream + rule);
        driver.push({record(0), record(0), record(10)});
        driver.finish();
        std::set<std::uint64_t> out;
        for (const alerts::Alert& alert : alerts_of(driver.output)) {
            out.insert(alert.id);
        }
        return out;
    };
    const std::string clauses = " on S\n  by k\n  let n = count()\n";
    const auto tumbling = ids("rule r\n  window 1s" + clauses);
    CHECK(tumbling.size() == 1);
    CHECK(ids("rule r\n  window 1s" + clauses) == tumbling);
    CHECK(ids("rule s\n  window 1s" + clauses) != tumbling);
    CHECK(ids("rule r\n  window 1s every 1s for 5s" + clauses) != tumbling);
    CHECK(ids("rule r\n  window sliding 1s" + clauses).size() == 3);
}

TEST_CASE("when the watermark has passed everything, windows hold nothing") {
    for (const std::string window : {"1s", "5s every 2s", "1s for 4s", "sliding 3s", "session 2s"}) {
        INFO(window);
        Driver driver(kStream + "rule r\n  window " + window +
                      " on S\n  by k\n  where distinct(v) > 1 or quantile(v, 0.5) > 2 or min(v) = 3 or count() = 0\n");
        std::vector<std::string> records;
        for (int i = 0; i < 200; ++i) {
            records.push_back(fmt::format(R"({{"$stream":"S","k":"k{}","v":{},"ts":{}}})", i % 17, i % 5, i * kSecond / 10));
        }
        driver.push(records);
        CHECK(driver.engine().state_size().keys > 0);
        driver.push({fmt::format(R"({{"$watermark":{{"stream":"S","partition":"0","ts":{}}}}})", 60 * kSecond)});
        const engine::Engine::StateSize left = driver.engine().state_size();
        CHECK(left.keys == 0);
        CHECK(left.runs == 0);
        CHECK(left.events == 0);
    }
}

TEST_CASE("only what `prev` needs stays: of tumbling windows until the next is over, of others for good") {
    for (const std::string window : {"1s", "sliding 3s", "session 2s"}) {
        INFO(window);
        Driver driver(kStream + "rule r\n  window " + window + " on S\n  by k\n  let n = count()\n  where n > prev(n)\n");
        driver.push({record(0), record(kSecond / 2)});
        driver.push({fmt::format(R"({{"$watermark":{{"stream":"S","partition":"0","ts":{}}}}})", 60 * kSecond)});
        CHECK(driver.engine().state_size().runs == 0);
        CHECK(driver.engine().state_size().keys == (window == "1s" ? 0 : 1));
        driver.finish();
        CHECK(driver.engine().state_size().keys == 0);
    }
}

TEST_CASE("threads and batch sizes change no byte of what windows give, with times finer than a millisecond") {
    const std::string rules = R"(
stream S(k: string, v: int, ts: time)
  time  ts us
  slack 1ms
rule tumbling
  window 3ms on S
  by     k
  let    n = count()
  where  n > coalesce(prev(n), 0)
rule hopping
  window 3ms every 1ms for 9ms on S[v > 1]
  by     k
  return d = distinct(v), m = avg(v), z = distinct~(v)
rule sliding
  window  sliding 2ms on S
  by      k
  where   count() > 3 and max(v) > min(v)
  overlap none
rule session
  window session 1ms on S
  by     k
  return q = quantile~(v, 0.9), f = first(v)
rule single
  when S[v = 9]
)";
    std::mt19937 random(4);
    const auto up_to = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    std::vector<std::string> lines;
    for (int i = 0; i < 3'000; ++i) {
        lines.push_back(record(i * 97 - up_to(1'500), fmt::format("k{}", up_to(5)), up_to(10)));
    }
    const EngineRun whole = run_engine(rules, lines, 1, 4096);
    INFO(whole.problems);
    for (const engine::RuleCounters& counts : whole.counters.rules) {
        REQUIRE(counts.alerts > 10);
    }
    REQUIRE(alerts_of(whole.output).size() < whole.output.size());
    for (const unsigned threads : {1U, 2U, 8U}) {
        for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
            INFO(threads << " threads, batches of " << batch);
            const bool same = json_of(run_engine(rules, lines, threads, batch).output) == json_of(whole.output);
            CHECK(same);
        }
    }
}

}  // namespace
}  // namespace tocsin::test
