// An engine that is saved and another that goes on where it stood: nothing of it shows, whatever the rules.
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>

#include "engine/check_cases.hpp"
#include "engine/engine_run.hpp"
#include "generate.hpp"
#include "support/test.hpp"

namespace {

using namespace tocsin;
using test::Between;
using test::EngineRun;

std::string written(const EngineRun& run) {
    std::string text = run.problems + "\n";
    for (const alerts::Output& output : run.output) {
        text += test::describe(output) + "\n";
    }
    for (const engine::RuleCounters& rule : run.counters.rules) {
        text += fmt::format("received {} late {} too late {} alerts {} retracts {} corrects {} refused {}\n", rule.received,
                            rule.late_accepted, rule.too_late, rule.alerts, rule.retracts, rule.corrects, rule.runs_refused);
    }
    return text + fmt::format("left {} {} {} {}\n", run.left.runs, run.left.events, run.left.keys, run.left.rows);
}

void check(const std::string& name, const reference::GeneratorOptions& options) {
    test::check_cases(name, [&](std::uint64_t seed) {
        const reference::Case one = reference::make_case(seed, options);
        if (test::explodes(one.rules, one.lines)) {
            return;
        }
        for (const auto& [threads, batch] : {std::pair<unsigned, std::size_t>{1, 1}, {2, 5}}) {
            const std::string whole = written(test::run_engine(one.rules, one.lines, threads, batch));
            const std::string in_parts = written(test::run_engine(one.rules, one.lines, threads, batch, {}, Between::restored));
            if (in_parts != whole) {
                std::string lines;
                for (const std::string& line : one.lines) {
                    lines += line + "\n";
                }
                RC_FAIL(fmt::format("case seed {}, {} threads, batches of {}\n{}\n{}\nwhole:\n{}\nin parts:\n{}", seed, threads,
                                    batch, one.rules, lines, whole, in_parts));
            }
        }
    });
}

reference::GeneratorOptions everything() {
    reference::GeneratorOptions options;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    options.lateness = true;
    options.early = true;
    return options;
}

}  // namespace

TEST_CASE("a pattern goes on from a saved state as if it had never stopped") {
    check("patterns from saved states", everything());
}

TEST_CASE("a pattern that looks into a table goes on from a saved state as if it had never stopped") {
    reference::GeneratorOptions options = everything();
    options.tables = true;
    check("patterns with tables from saved states", options);
}

TEST_CASE("a window goes on from a saved state as if it had never stopped") {
    reference::GeneratorOptions options = everything();
    options.windows = true;
    options.windows_only = true;
    check("windows from saved states", options);
}
