// The shared pattern cases, each with every batch size and number of threads below.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <simdjson.h>

#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

/// The ids of the events of a match, sorted: neither the order of the matches nor that inside a match counts.
using Match = std::vector<std::string>;

std::vector<Match> expected_matches(const simdjson::dom::element& one) {
    std::vector<Match> matches;
    for (const simdjson::dom::element match : one["expected"].get_array()) {
        Match ids;
        for (const simdjson::dom::element id : match.get_array()) {
            ids.push_back(simdjson::minify(id));
        }
        std::sort(ids.begin(), ids.end());
        matches.push_back(ids);
    }
    std::sort(matches.begin(), matches.end());
    return matches;
}

std::vector<std::string> expected_late(const simdjson::dom::element& one) {
    std::vector<std::string> ids;
    simdjson::dom::array late;
    if (one["late"].get(late) == simdjson::SUCCESS) {
        for (const simdjson::dom::element id : late) {
            ids.push_back(simdjson::minify(id));
        }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::vector<Match> found_matches(const Replayed& replayed) {
    std::vector<Match> matches;
    for (const alerts::Alert& alert : replayed.alerts()) {
        Match ids = fields(alert, "id");
        std::sort(ids.begin(), ids.end());
        matches.push_back(ids);
    }
    std::sort(matches.begin(), matches.end());
    return matches;
}

std::vector<std::string> found_late(const Replayed& replayed) {
    std::vector<std::string> ids;
    for (const alerts::LateRecord& late : replayed.late()) {
        ids.push_back(field(late.event, "id"));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

constexpr std::array kWays{
    ReplayOptions{.batch = 1, .threads = 1},    ReplayOptions{.batch = 1, .threads = 2},
    ReplayOptions{.batch = 1, .threads = 8},    ReplayOptions{.batch = 7, .threads = 1},
    ReplayOptions{.batch = 7, .threads = 2},    ReplayOptions{.batch = 4096, .threads = 1},
    ReplayOptions{.batch = 4096, .threads = 8},
};

TEST_CASE("the shared pattern cases give their matches, however they are fed") {
    const auto path = shared_file("conformance/flink.json");
    if (!path) {
        return;
    }
    simdjson::dom::parser parser;
    std::size_t cases = 0;
    for (const simdjson::dom::element one : parser.load(path->string()).get_array()) {
        INFO(std::string_view(one["id"]));
        const auto program = compile(std::string(std::string_view(one["rules"])));
        std::string events;
        for (const simdjson::dom::element event : one["events"].get_array()) {
            events += simdjson::minify(event) + "\n";
        }
        const std::vector<Match> matches = expected_matches(one);
        std::string first;
        for (const ReplayOptions& way : kWays) {
            INFO("batch " << way.batch << ", threads " << way.threads);
            const Replayed replayed = replay_text(program, events, way);
            CHECK(found_matches(replayed) == matches);
            CHECK(found_late(replayed) == expected_late(one));
            CHECK(replayed.left.runs == 0);
            first = first.empty() ? replayed.ndjson() : first;
            CHECK(replayed.ndjson() == first);
        }
        ++cases;
    }
    CHECK(cases > 0);
}

}  // namespace
}  // namespace tocsin::test
