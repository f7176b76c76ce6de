#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tocsin/backtest/comparison.hpp>

#include "backtest.hpp"
#include "rules.hpp"
#include "test_runner.hpp"

namespace tocsin::cli {

/// What counts as a finding.
struct FailOn {
    bool added{false};
    bool removed{false};
    bool changed{false};
    [[nodiscard]] bool found(const backtest::Counts& counts) const {
        return (added && counts.added > 0) || (removed && counts.removed > 0) || (changed && counts.changed > 0);
    }
};

/// For a terminal: counts by rule and by day, the score, and the first `examples` of each kind of difference.
[[nodiscard]] std::string backtest_text(const BacktestResult& result, std::size_t examples);

/// One object with everything; docs/backtest.md lists its members.
[[nodiscard]] std::string backtest_json(const BacktestResult& result);

/// Where a rule is declared.
struct RulePlace {
    std::string file;
    std::uint32_t line{0};
};
/// By name.
using RulePlaces = std::map<std::string, RulePlace>;
[[nodiscard]] RulePlaces places_of(const Rules& rules);

/// A test a rule, which fails where its alerts differ in what `fail_on` says; for junit_xml(), so in order of their files.
/// `places`: of the new rules, and of those that are gone.
[[nodiscard]] std::vector<TestResult> backtest_tests(const BacktestResult& result, const RulePlaces& places,
                                                     const FailOn& fail_on, std::size_t examples);

/// One page that needs nothing else: no script, no font, no picture from elsewhere.
[[nodiscard]] std::string backtest_html(const BacktestResult& result, std::size_t examples);

// ---- What the reports share.

/// A line: time, rule, key and text of the alert that is, or was; printable.
[[nodiscard]] std::string difference_line(const backtest::Difference& difference);
/// `text: "a" → "b"`, printable.
[[nodiscard]] std::string change_text(const backtest::PartChange& change);
/// `66.7 %`, or `-` for nothing.
[[nodiscard]] std::string percent(const std::optional<double>& share);
/// `1,234.50`. Requires: amount is not negative.
[[nodiscard]] std::string money(double amount);
/// `+3`, `-1`, `0`
[[nodiscard]] std::string signed_count(std::uint64_t before, std::uint64_t after);
/// The rules that gave an alert on either side.
[[nodiscard]] std::vector<const backtest::RuleComparison*> speaking(const backtest::Comparison& comparison);

}  // namespace tocsin::cli
