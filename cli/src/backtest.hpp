#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/backtest/comparer.hpp>
#include <tocsin/backtest/comparison.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/base/time.hpp>

#include "exit_code.hpp"
#include "source.hpp"
#include "summary.hpp"

namespace tocsin::cli {

/// What a backtest is asked to do, already checked.
struct BacktestPlan {
    backtest::BySide<std::string> rules;  ///< as they are named on the command line
    backtest::Renames renames;
    InputChoice inputs;
    std::optional<std::string> labels_file;
    Duration grace{0};
    unsigned threads{1};
    std::size_t batch{4096};  ///< records that go to an engine at once, at most
    std::optional<EventTime> from;
    std::optional<EventTime> to;
    bool strict{false};
    bool progress{true};
    Limits limits{};
};

/// What a report tells.
struct BacktestResult {
    backtest::Comparison comparison;
    backtest::BySide<Totals> totals;
    std::uint64_t events{0};
    std::vector<InputSummary> inputs;
    backtest::BySide<std::string> rules;
    std::optional<std::string> labels_file;
    Duration grace{0};
    ExitCode exit_code{ExitCode::fine};  ///< trouble where an input was damaged; the result is of what could be read
};

/// Runs both programs over the inputs, which are read once, and compares what stands at the end. Does not return when the user
/// interrupts it: a comparison of a part would mislead, so the process ends by the signal.
[[nodiscard]] Result<BacktestResult> run_backtest(const BacktestPlan& plan,
                                                  const backtest::BySide<std::shared_ptr<const plan::Program>>& programs);

}  // namespace tocsin::cli
