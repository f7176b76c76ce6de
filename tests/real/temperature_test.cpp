// The temperature of a machine, a sample every five minutes (../shared/data/nab).
#include <string>
#include <vector>

#include "records.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

TEST_CASE("the runs of six and more samples below sixty, each reported once and whole") {
    const auto file = shared_file("data/nab/machine_temperature.ndjson.gz");
    const auto merged = shared_file("data/nab/realKnownCause.ndjson.gz");
    const auto truth_file = shared_file("data/truth/truth.json");
    if (!file || !merged || !truth_file) {
        return;
    }
    // One clock was set back by 55 minutes, hence the slack.
    const auto program = compile(R"(
stream Sample(seq: int, series: string, value: float, ts: time)
  time  ts
  slack 1h

rule low_run
  when   low: Sample[value < 60]{6,} strict
  by     series
  within 30d
  where  low.series = "machine_temperature_system_failure"
  return samples = count(low), lowest = min(low.value)
)");
    struct Run {
        std::string first;
        std::string last;
        std::string samples;
        bool operator==(const Run&) const = default;
    };
    simdjson::dom::parser parser;
    std::vector<Run> expected;
    const simdjson::dom::element truth = parser.load(truth_file->string());
    for (const simdjson::dom::element run : truth["N1"]["list"].get_array()) {
        const auto at = [&run](const char* name) { return format_rfc3339(*parse_rfc3339(std::string_view(run[name]))); };
        expected.push_back({at("start"), at("end"), std::to_string(std::int64_t(run["samples"]))});
    }
    REQUIRE(expected.size() == 14);
    for (const auto& input : {*file, *merged}) {
        const Replayed replayed = replay_files(program, {input}, {.batch = 1000, .threads = 2});
        std::vector<Run> found;
        for (const alerts::Alert& alert : replayed.alerts()) {
            found.push_back({format_rfc3339(alert.first), format_rfc3339(alert.last), alert.values.at(0).second});
        }
        CHECK(found == expected);
        CHECK(replayed.late().empty());
    }
}

}  // namespace
}  // namespace tocsin::test
