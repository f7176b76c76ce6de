#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tocsin/backtest/comparison.hpp>

namespace tocsin::cli {

/// Days of a plot: all from the first to the last, put together so that there are not more bars than can be told apart.
struct PlotAxis {
    backtest::Day first{0};
    backtest::Day last{0};
    std::int64_t days_a_bar{1};
};
/// An axis for all rules, so that their plots can be compared. Requires: some rule has an alert.
[[nodiscard]] PlotAxis plot_axis(const backtest::Comparison& comparison);

struct PlotBar {
    backtest::Day first{0};
    std::uint64_t before{0};
    std::uint64_t after{0};
};
[[nodiscard]] std::vector<PlotBar> plot_bars(const std::map<backtest::Day, backtest::Counts>& days, const PlotAxis& axis);

/// `2026-01-05`, or `2026-01-05 … 2026-01-11`.
[[nodiscard]] std::string bar_name(const PlotBar& bar, const PlotAxis& axis);

/// An SVG element with the bars of both sides next to each other, a title for those who do not see it, and a tip on each bar. Its
/// colours are the page's: classes `before`, `after`, `axis`. `id` is unique on the page.
[[nodiscard]] std::string plot_svg(const std::string& id, const std::string& title, const std::vector<PlotBar>& bars,
                                   const PlotAxis& axis);

}  // namespace tocsin::cli
