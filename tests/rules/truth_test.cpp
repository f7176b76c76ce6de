// The packs find all that the generator planted, and nothing else: the same rule, key, decision time and events.
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "generated.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Pack {
    const char* name;
    std::uint64_t sample_events;
};
constexpr std::array kPacks{Pack{"fraud", 2'000}, Pack{"monitoring", 2'600}, Pack{"security", 1'800}};

fs::path folder(const Pack& pack) { return fs::path(TOCSIN_SOURCE_DIR) / "rules" / pack.name; }

void check_found(const Replayed& replayed, const std::string& truth) {
    const auto planted = incidents_of_truth(truth);
    const auto found = incidents_of_alerts(replayed);
    INFO("not found:\n" << missing(planted, found) << "found, and not planted:\n" << missing(found, planted));
    CHECK(found == planted);
    CHECK(replayed.late().empty());
    CHECK(replayed.counters.unassigned == 0);
    CHECK(replayed.left.runs == 0);
}

TEST_CASE("each pack finds in its sample what is hidden there") {
    for (const Pack& pack : kPacks) {
        INFO(pack.name);
        const auto program = compile_paths({folder(pack)});
        const std::string truth = read_file(folder(pack) / "truth.json");
        check_found(replay_files(program, {folder(pack) / "sample.ndjson"}), truth);
        CHECK(incidents_of_truth(truth).size() == 2 * program->rules.size());
    }
}

TEST_CASE("the samples are what the generator makes today") {
    for (const Pack& pack : kPacks) {
        INFO(pack.name);
        const Generated made = generate({.scenario = pack.name, .seed = 1, .events = pack.sample_events});
        CHECK((made.events == read_file(folder(pack) / "sample.ndjson")));
        CHECK(made.truth == read_file(folder(pack) / "truth.json"));
        CHECK(made.events.size() <= 300'000);
    }
}

TEST_CASE("each pack finds what is hidden in streams of other seeds, in any order within the slack") {
    struct Way {
        std::uint64_t seed;
        std::uint64_t events;
        Duration disorder;
        ReplayOptions replay;
    };
    const std::vector<Way> ways{
        {2, 1'000, 0s, {.batch = 1}},
        {3, 5'000, 5s, {.batch = 7, .threads = 2}},
        {4, 20'000, 5s, {.batch = 4096}},
        {5, 60'000, 1s, {.batch = 1000, .threads = 2}},
    };
    for (const Pack& pack : kPacks) {
        const auto program = compile_paths({folder(pack)});
        for (const Way& way : ways) {
            INFO(pack.name << ", seed " << way.seed << ", " << way.events << " events");
            const Generated made =
                generate({.scenario = pack.name, .seed = way.seed, .events = way.events, .disorder = way.disorder});
            check_found(replay_text(program, made.events, way.replay), made.truth);
        }
    }
}

TEST_CASE("all packs together over all samples together find what each finds alone") {
    std::vector<fs::path> rules;
    std::vector<fs::path> samples;
    std::multiset<Incident> planted;
    for (const Pack& pack : kPacks) {
        rules.push_back(folder(pack));
        samples.push_back(folder(pack) / "sample.ndjson");
        planted.merge(incidents_of_truth(read_file(folder(pack) / "truth.json")));
    }
    const auto program = compile_paths(rules);
    const Replayed replayed = replay_files(program, samples, {.batch = 100, .threads = 2});
    const auto found = incidents_of_alerts(replayed);
    INFO("not found:\n" << missing(planted, found) << "found, and not planted:\n" << missing(found, planted));
    CHECK(found == planted);
}

}  // namespace
}  // namespace tocsin::test
