// Which streams a record belongs to, and what the rules see of it.

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

using Lines = std::vector<std::string>;

EngineRun run(const std::string& rules, const Lines& lines) {
    EngineRun result = run_engine(rules, lines, 1, 4096);
    INFO(result.problems);
    REQUIRE(result.problems.empty());
    return result;
}

/// Two streams that one record can belong to.
const std::string kBoth =
    "stream P(user: string, x: int, ts: time) time ts where x > 0\n"
    "stream Q(owner: string, y: int, ts: time) time ts where y > 0\n";

TEST_CASE("a field is mistyped only for the streams that its record belongs to") {
    const std::string rules =
        "stream A(status: int, ts: time) time ts\n"
        "stream B(status: string, ts: int) time ts s\n"
        "rule a when A[status = 1]\n"
        "rule b when B[status = \"1\"]\n";
    const auto mistyped = [&](const Lines& lines) { return run(rules, lines).counters.mistyped_fields; };
    CHECK(mistyped({R"({"type":"A","status":1,"ts":0})", R"({"type":"B","status":"1","ts":0})"}) == 0);
    CHECK(mistyped({R"({"type":"A","status":"1","ts":0})", R"({"type":"B","status":1,"ts":0})"}) == 2);
    CHECK(mistyped({R"({"type":"B","status":"1","ts":"soon"})"}) == 1);
    CHECK(mistyped({R"({"type":"C","status":true,"ts":true})"}) == 0);
}

TEST_CASE("a field that two streams of a record declare differently is mistyped once") {
    const std::string rules =
        "stream A(x: int, ts: time) time ts where x != 7\n"
        "stream B(x: string, ts: time) time ts where x != \"7\" or ts != null\n"
        "rule r when A or B\n";
    CHECK(run(rules, {R"({"x":1,"ts":0})"}).counters.mistyped_fields == 1);
}

TEST_CASE("a record of two of a rule's streams is seen once") {
    const EngineRun result =
        run(kBoth + "rule r when P -> Q by user = Q.owner within 1m\n", {R"({"user":"ann","owner":"ann","x":1,"y":1,"ts":0})"});
    CHECK(result.counters.rules[0].received == 1);
    CHECK(result.output.empty());
}

TEST_CASE("a record of two of a rule's streams fits the steps of both") {
    const EngineRun result =
        run(kBoth + "rule r when p: P -> q: Q by user = Q.owner within 1m\n",
            {R"({"user":"ann","owner":"ann","x":1,"y":1,"ts":0})", R"({"user":"ann","owner":"ann","x":1,"y":1,"ts":1})"});
    REQUIRE(result.output.size() == 1);
    CHECK(describe(result.output[0]) == "r \"ann\" at 1000 p[ 0/1 ] q[ 0/2 ]");
}

TEST_CASE("a record whose streams give different keys is not seen, and counted with the null keys") {
    const EngineRun result =
        run(kBoth + "rule r when P or Q by user = Q.owner\n", {R"({"user":"ann","owner":"bob","x":1,"y":1,"ts":0})"});
    CHECK(result.counters.rules[0].on_time == 1);
    CHECK(result.counters.rules[0].null_key == 1);
    CHECK(result.output.empty());
}

TEST_CASE("a record with a null key is not seen, and counted") {
    const EngineRun result = run(kBoth + "rule r when P by user\n",
                                 {R"({"x":1,"ts":0})", R"({"user":null,"x":1,"ts":1})", R"({"user":"","x":1,"ts":2})"});
    CHECK(result.counters.rules[0].null_key == 2);
    CHECK(result.output.size() == 1);
}

TEST_CASE("a rule without a key sees all events together") {
    const EngineRun result = run(kBoth + "rule r when P[user = \"ann\"] -> P[user = \"bob\"] within 1m\n",
                                 {R"({"user":"ann","x":1,"ts":0})", R"({"x":1,"ts":1})", R"({"user":"bob","x":1,"ts":2})"});
    CHECK(result.output.size() == 1);
    CHECK(result.counters.rules[0].null_key == 0);
}

TEST_CASE("$stream names the stream, whatever `where` says") {
    const EngineRun result = run(kBoth + "rule r when Q\n", {R"({"$stream":"Q","x":1,"ts":0})"});
    CHECK(result.output.size() == 1);
}

TEST_CASE("a record of an unknown $stream is unassigned") {
    const EngineRun result = run(kBoth + "rule r when P\n", {R"({"$stream":"Nobody","x":1,"ts":0})", R"({"x":1,"ts":0})"});
    CHECK(result.counters.unassigned == 1);
    CHECK(result.counters.records == 2);
    CHECK(result.output.size() == 1);
}

TEST_CASE("a record that fits no stream is unassigned") {
    CHECK(run(kBoth + "rule r when P\n", {R"({"z":1,"ts":0})"}).counters.unassigned == 1);
}

TEST_CASE("a record without a time, with a null one or with none that can be read is counted and not seen") {
    const EngineRun result =
        run("stream A(ts: time) time ts\nrule r when A\n", {R"({"a":1})", R"({"ts":null})", R"({"ts":"noon"})", R"({"ts":0})"});
    CHECK(result.counters.streams[0].without_time == 3);
    CHECK(result.counters.streams[0].received == 4);
    CHECK(result.counters.rules[0].received == 1);
    CHECK(result.output.size() == 1);
}

TEST_CASE("a duplicate is the same input, partition and offset") {
    const EngineRun result =
        run("stream A(ts: time) time ts slack 1m\nrule r when A\n",
            {R"({"ts":0,"$offset":5})", R"({"ts":0,"$offset":5})", R"({"ts":0,"$offset":5,"$partition":1})"});
    CHECK(result.counters.rules[0].duplicate == 1);
    CHECK(result.output.size() == 2);
}

}  // namespace
}  // namespace tocsin::test
