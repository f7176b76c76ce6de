#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "backtest_report.hpp"
#include "columns.hpp"

namespace tocsin::cli {

using backtest::Comparison;
using backtest::Counts;
using backtest::Difference;
using backtest::RuleComparison;

namespace {

std::string detail_of(const Comparison& comparison, const RuleComparison& rule, const FailOn& fail_on, std::size_t examples) {
    const Counts& counts = rule.counts;
    std::string out =
        fmt::format("old {}, new {}: added {}, removed {}, changed {}\n", grouped(counts.before), grouped(counts.after),
                    grouped(counts.added), grouped(counts.removed), grouped(counts.changed));
    const auto list = [&](const char* title, const std::vector<Difference>& all, bool wanted) {
        std::size_t shown = 0;
        for (const Difference& one : all) {
            const bool mine = one.shown().rule == (one.after ? rule.name : rule.renamed_from.value_or(rule.name));
            if (wanted && mine && shown++ < examples) {
                out += fmt::format("{} {}\n", title, difference_line(one));
                for (const backtest::PartChange& change : one.changes) {
                    out += "    " + change_text(change) + "\n";
                }
            }
        }
    };
    list("added", comparison.added, fail_on.added);
    list("removed", comparison.removed, fail_on.removed);
    list("changed", comparison.changed, fail_on.changed);
    return out;
}

}  // namespace

RulePlaces places_of(const Rules& rules) {
    RulePlaces places;
    for (const dsl::File& file : rules.files) {
        for (const dsl::Declaration& decl : file.declarations) {
            if (const auto* const rule = std::get_if<dsl::RuleDecl>(&decl)) {
                const LineColumn place = rules.sources.locate(rule->name.span.source, rule->name.span.begin);
                places.emplace(rule->name.text, RulePlace{std::string(rules.sources.name(rule->name.span.source)), place.line});
            }
        }
    }
    return places;
}

std::vector<TestResult> backtest_tests(const BacktestResult& result, const RulePlaces& places, const FailOn& fail_on,
                                       std::size_t examples) {
    std::vector<TestResult> tests;
    for (const RuleComparison& rule : result.comparison.rules) {
        TestResult test;
        test.rule = rule.name;
        test.title = "the alerts of the old rules";
        if (const auto place = places.find(rule.name); place != places.end()) {
            test.file = place->second.file;
            test.line = place->second.line;
        }
        test.passed = !fail_on.found(rule.counts);
        test.detail = test.passed ? "" : detail_of(result.comparison, rule, fail_on, examples);
        tests.push_back(std::move(test));
    }
    std::ranges::stable_sort(tests, {}, [](const TestResult& test) { return std::tie(test.file, test.line); });
    return tests;
}

}  // namespace tocsin::cli
