#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <simdjson.h>

#include "cli/process.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin::test;

namespace {

const std::string kRules = "tests/cli/fixtures/logins.tocsin";
const std::string kEvents = "tests/cli/fixtures/logins.ndjson";
const std::string kWhole =
    R"({"ts":10,"$partition":"p"}
{"ts":70,"$partition":"p"}
{"ts":40,"$partition":"q"}
{"ts":60,"$partition":"q"}
{"ts":55,"$partition":"p"}
)";

Finished advise(std::vector<std::string> arguments, const RunOptions& options = {}) {
    arguments.insert(arguments.begin(), "advise");
    return run_tocsin(arguments, options);
}

simdjson::dom::element parsed(simdjson::dom::parser& parser, const std::string& text) { return parser.parse(text).value(); }

using TooLate = std::map<std::uint64_t, std::uint64_t>;  // slack in milliseconds -> events

/// What advise says of each slack, for each stream by name; `` where none is declared.
std::map<std::string, TooLate> too_late(const Finished& run) {
    simdjson::dom::parser parser;
    std::map<std::string, TooLate> found;
    for (const auto stream : parsed(parser, run.out)["streams"].get_array()) {
        auto name = stream["name"].get_string();
        TooLate& of = found[name.error() == simdjson::SUCCESS ? std::string(name.value()) : ""];
        for (const auto slack : stream["slacks"].get_array()) {
            of[slack["slack_ms"].get_uint64().value()] = slack["too_late"].get_uint64().value();
        }
    }
    return found;
}

/// What replay counts, by stream.
std::map<std::string, std::uint64_t> replayed_too_late(const std::string& rules, const std::vector<std::string>& inputs) {
    const TemporaryFolder folder;
    const std::string summary = folder.path("summary.json");
    std::vector<std::string> arguments{"replay",    "-q",    "-f",      "none",
                                       "--summary", summary, "--rules", folder.write("rules.tocsin", rules)};
    arguments.insert(arguments.end(), inputs.begin(), inputs.end());
    REQUIRE(run_tocsin(arguments).exit_code == 0);
    simdjson::dom::parser parser;
    std::map<std::string, std::uint64_t> found;
    for (const auto stream : parsed(parser, read_file(summary))["streams"].get_array()) {
        found[std::string(stream["name"].get_string().value())] = stream["too_late"].get_uint64().value();
    }
    return found;
}

/// Records of two streams in some partitions, out of order, with idleness and heartbeats that are at least so far behind: less
/// than a minute, and they pass events.
std::string disorder(unsigned seed, unsigned records, std::int64_t heartbeats_behind) {
    std::mt19937 random(seed);
    const auto below = [&random](unsigned end) { return static_cast<std::int64_t>(random() % end); };
    std::string out;
    for (unsigned i = 0; i < records; ++i) {
        const std::int64_t millis = 1'800'000'000'000 + std::int64_t{i} * 100;
        const std::string stream = below(2) == 0 ? "A" : "B";
        const std::string partition = std::to_string(below(i < records / 3 ? 2 : 4));
        const std::string place = "\"stream\":\"" + stream + "\",\"partition\":\"" + partition + "\"";
        switch (below(40)) {
            case 0: out += "{\"$idle\":{" + place + "}}\n"; break;
            case 1:
                out += "{\"$watermark\":{" + place + ",\"ts\":" + std::to_string(millis - heartbeats_behind - below(30'000)) +
                       "}}\n";
                break;
            default:
                const std::int64_t behind = below(10) == 0 ? below(60'000) : below(4'000);
                out += "{\"$stream\":\"" + stream + "\",\"$partition\":\"" + partition +
                       "\",\"ts\":" + std::to_string(millis - behind) + "}\n";
        }
    }
    return out;
}

/// Two streams with a slack, each with a rule of its own.
std::string two_streams(const std::string& slack, const std::string& more = "") {
    std::string out;
    for (const std::string name : {"A", "B"}) {
        out += "stream " + name + "(ts: time, x: int)\n  time ts\n  slack " + slack + "\n" + (name == "A" ? more : "") +
               "rule of_" + name + "\n  when e: " + name + "\n  return n = e.x\n";
    }
    return out;
}

}  // namespace

TEST_CASE("advise with rules tells of each stream how far it is out of order, and what slack covers it") {
    const Finished run = advise({"--rules", kRules, "--slack", "1m,2s", kEvents});
    CHECK(run.exit_code == 0);
    check_golden("cli/advise.rules.txt", run.out);
    CHECK_THAT(run.err, Catch::Contains("logins.ndjson:8: not a JSON object"));
}

TEST_CASE("advise without rules infers the field of the time, and says which it took") {
    const Finished run = advise({kEvents});
    CHECK(run.exit_code == 0);
    check_golden("cli/advise.inferred.txt", run.out);
}

TEST_CASE("advise writes the same figures as JSON") {
    const Finished run = advise({"--format", "json", "--rules", kRules, "--slack", "2s", "--slack", "10s", kEvents});
    CHECK(run.exit_code == 0);
    check_golden("cli/advise.rules.json", run.out);
    check_golden("cli/advise.inferred.json", advise({"--format", "json", kEvents}).out);
}

TEST_CASE("a partition that joins late does not turn the clock back that its events are held against") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("a.tocsin", "stream A(ts: time)\n  time ts s\n  slack 5s\n");
    const Finished run = advise({"-r", rules, "--slack", "4s,14s,29s,30s", "-f", "json"}, {.input = kWhole});
    CHECK(too_late(run)["A"] == TooLate{{4'000, 3}, {5'000, 3}, {14'000, 2}, {29'000, 1}, {30'000, 0}});
    CHECK_THAT(advise({"-r", rules}, {.input = kWhole}).out, Catch::Contains("in 2 partitions"));
}

TEST_CASE("advise says of a slack what replay counts with it, with partitions, heartbeats, idleness and several inputs") {
    const std::vector<std::pair<std::string, std::uint64_t>> slacks{{"0s", 0},     {"1s", 1'000},   {"2500ms", 2'500},
                                                                    {"7s", 7'000}, {"30s", 30'000}, {"5m", 300'000}};
    for (const unsigned seed : {1U, 2U, 3U}) {
        const TemporaryFolder folder;
        const std::vector<std::string> inputs{folder.write("one.ndjson", disorder(seed, 3'000, 5'000)),
                                              folder.write("two.ndjson", disorder(seed + 100, 2'000, 5'000))};
        for (const std::string more : {"", "  from \"one.ndjson\"\n"}) {
            const std::string rules = folder.write("rules.tocsin", two_streams("3s", more));
            auto told =
                too_late(advise({"-r", rules, "-f", "json", "--slack", "0s,1s,2500ms,7s,30s,5m", inputs[0], inputs[1]}));
            REQUIRE(told.size() == 2);
            for (const auto& [slack, millis] : slacks) {
                CAPTURE(seed, more, slack);
                const auto counted = replayed_too_late(two_streams(slack, more), inputs);
                CHECK(told["A"].at(millis) == counted.at("A"));
                CHECK(told["B"].at(millis) == counted.at("B"));
            }
            CHECK(told["A"].at(0) > told["A"].at(7'000));
        }
    }
}

TEST_CASE("the least slack that advise names leaves as many too late as it says") {
    const TemporaryFolder folder;
    const std::string events = folder.write("one.ndjson", disorder(7, 5'000, 60'000));
    const std::string rules = folder.write("rules.tocsin", two_streams("3s"));
    const Finished run = advise({"-r", rules, "-f", "json", events});
    simdjson::dom::parser parser;
    for (const auto stream : parsed(parser, run.out)["streams"].get_array()) {
        CHECK(stream["behind_heartbeat"].get_uint64().value() == 0);
        for (const auto least : stream["least"].get_array()) {
            const std::string slack = std::to_string(least["slack_ms"].get_uint64().value()) + "ms";
            CAPTURE(slack);
            const auto counted = replayed_too_late(two_streams(slack), {events});
            CHECK(counted.at(std::string(stream["name"].get_string().value())) == least["too_late"].get_uint64().value());
        }
    }
}

TEST_CASE("what a heartbeat has passed is too late with any slack, and advise says so") {
    const std::string events = R"({"ts":1490620100}
{"$watermark":{"stream":"whatever","ts":"2017-03-27T13:07:31Z"}}
{"ts":1490620051}
{"ts":1490620050}
)";
    const Finished run = advise({"--slack", "1h"}, {.input = events});
    CHECK(run.exit_code == 0);
    check_golden("cli/advise.heartbeat.txt", run.out);
}

TEST_CASE("advise counts what has no time and what is of no stream") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("a.tocsin", "stream A(ts: time)\n  time ts\nstream B(ts: time)\n  time ts\n");
    const Finished run =
        advise({"-r", rules}, {.input = "{\"$stream\":\"A\"}\n{\"x\":1}\nnonsense\n{\"$stream\":\"A\",\"ts\":5}\n"});
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.out, Catch::Contains("A: 1 event in 1 partition") && Catch::Contains("and 1 without time") &&
                            Catch::Contains("B: 0 events") && Catch::Contains("unparsable 1, unassigned 1"));
}

TEST_CASE("advise reads CSV and several inputs, each with a time of its own") {
    const TemporaryFolder folder;
    const std::string csv = folder.write("m.csv", "timestamp,value\n1490620016,1.5\n1490620010,2\n");
    const Finished run = advise({"metrics=" + csv, kEvents});
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.out, Catch::Contains("time of metrics: timestamp, a number in s\n") &&
                            Catch::Contains("time of logins.ndjson: ts, RFC 3339\n") &&
                            Catch::Contains("all records: 13 events in 2 partitions"));
}

TEST_CASE("an input without records has no time to infer, which is no error") {
    const Finished run = advise({"-"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "all records: 0 events\n");
    const Finished bad = advise({}, {.input = "nonsense\n"});
    CHECK(bad.exit_code == 0);
    CHECK(bad.out == "all records: 0 events\n\nunparsable 1, unassigned 0\n");
}

TEST_CASE("advise says what it cannot do") {
    CHECK_THAT(advise({"--slack", "5", kEvents}).err, Catch::Contains("--slack '5' is no duration"));
    CHECK(advise({"--slack", "5", kEvents}).exit_code == 3);
    CHECK(advise({"/nonexistent.ndjson"}).exit_code == 3);
    CHECK(advise({"--format", "table", kEvents}).exit_code == 3);
    const Finished timeless = advise({"-"}, {.input = "{\"user\":\"ann\"}\n"});
    CHECK(timeless.exit_code == 3);
    CHECK_THAT(timeless.err, Catch::Contains("stdin: no field looks like the time of an event"));
    const TemporaryFolder folder;
    const Finished wrong = advise({"-r", folder.write("a.tocsin", "stream A(ts: tim)\n  time ts\n"), kEvents});
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.out.empty());
    const Finished none = advise({"-r", folder.write("b.tocsin", "list L = (1)\n"), kEvents});
    CHECK(none.exit_code == 3);
    CHECK_THAT(none.err, Catch::Contains("the rules declare no stream"));
}

TEST_CASE("advise ends at the first record that cannot be read if it is asked to") {
    const Finished run = advise({"--strict", "-r", kRules, kEvents});
    CHECK(run.exit_code == 3);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Catch::Contains("logins.ndjson:8"));
}

TEST_CASE("a damaged archive ends its input, and advise tells of what was read") {
    const TemporaryFolder folder;
    const std::string whole = folder.write("a.ndjson", read_file(std::string(TOCSIN_SOURCE_DIR) + "/" + kEvents));
    REQUIRE(std::system(("gzip " + whole).c_str()) == 0);
    const std::string packed = read_file(whole + ".gz");
    const std::string damaged = folder.write("b.ndjson.gz", packed.substr(0, packed.size() - 12));
    for (const std::vector<std::string>& rules : {std::vector<std::string>{}, {"-r", kRules}}) {
        std::vector<std::string> arguments{"-f", "json", damaged, kEvents};
        arguments.insert(arguments.end(), rules.begin(), rules.end());
        const Finished run = advise(arguments);
        CHECK(run.exit_code == 3);
        simdjson::dom::parser parser;
        const auto answer = parsed(parser, run.out);
        CHECK(answer["inputs"].at(0)["error"].get_string().value().find("b.ndjson.gz") != std::string_view::npos);
        CHECK(answer["streams"].at(0)["events"].get_uint64().value() >= 11);
        std::vector<std::string> strict = arguments;
        strict.emplace_back("--strict");
        CHECK(advise(strict).exit_code == 3);
    }
}

TEST_CASE("the web log's events too late at three slacks are the known ones") {
    const char* const by_hand = std::getenv("TOCSIN_SHARED_DIR");
    const std::string file =
        std::string(by_hand != nullptr ? by_hand : TOCSIN_SHARED_DIR) + "/data/elastic_weblogs/apache.ndjson.gz";
    if (!std::filesystem::exists(file)) {
        std::cout << "skipped: " << file << " is not there\n";
        return;
    }
    const TooLate known{{0, 9'448}, {10'000, 7'813}, {30'000, 4'500}};
    CHECK(too_late(advise({"--slack", "0s,10s,30s", "-f", "json", file}))[""] == known);
    const TemporaryFolder folder;
    const std::string stream = "stream Http(status: int, ts_ms: time)\n  time ts_ms\n  slack 10s\n";
    const std::string rules = folder.write("http.tocsin", stream);
    CHECK(too_late(advise({"-r", rules, "--slack", "0s,30s", "-f", "json", file}))["Http"] == known);
    const auto counted = replayed_too_late(stream + "rule errors\n  when h: Http[status >= 400]\n", {file});
    CHECK(counted.at("Http") == known.at(10'000));
}
