#include "backtest_plot.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "columns.hpp"
#include "markup.hpp"

namespace tocsin::cli {

namespace {

using backtest::Day;

constexpr std::int64_t kMaxBars = 48;
constexpr double kWidth = 720;
constexpr double kHeight = 190;
constexpr double kLeft = 56;
constexpr double kRight = 8;
constexpr double kTop = 10;
constexpr double kBottom = 30;
constexpr double kMaxBarWidth = 26;
/// Names of days below the axis, at most.
constexpr std::size_t kDayNames = 6;

/// 2, 4, 6, 8 or 10 times a power of ten, the least that is not below `largest`: half of it is whole.
std::uint64_t round_top(std::uint64_t largest) {
    for (std::uint64_t power = 1;; power *= 10) {
        for (const std::uint64_t factor : {2U, 4U, 6U, 8U, 10U}) {
            if (factor * power >= largest) {
                return factor * power;
            }
        }
    }
}

/// From a number of alerts, and a bar's number, to places.
class Frame {
public:
    Frame(std::uint64_t top, std::size_t bars)
        : top_(static_cast<double>(top)), slot_((kWidth - kLeft - kRight) / static_cast<double>(bars)) {}

    [[nodiscard]] double y(std::uint64_t count) const {
        return kHeight - kBottom - static_cast<double>(count) / top_ * (kHeight - kTop - kBottom);
    }
    [[nodiscard]] double middle(std::size_t bar) const { return kLeft + (static_cast<double>(bar) + 0.5) * slot_; }
    [[nodiscard]] double bar_width() const { return std::min(kMaxBarWidth, slot_ * 0.42); }

private:
    double top_;
    double slot_;
};

void append_axis(std::string& out, const Frame& frame, std::uint64_t top) {
    for (const std::uint64_t tick : {std::uint64_t{0}, top / 2, top}) {
        fmt::format_to(std::back_inserter(out),
                       "<line class=\"axis\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
                       "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                       kLeft, kWidth - kRight, frame.y(tick), frame.y(tick), kLeft - 6, frame.y(tick) + 4, grouped(tick));
    }
}

void append_bar(std::string& out, const Frame& frame, double x, std::uint64_t count, const char* side, const std::string& tip) {
    if (count > 0) {
        fmt::format_to(
            std::back_inserter(out),
            "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}</title></rect>\n", side,
            x, frame.y(count), frame.bar_width(), frame.y(0) - frame.y(count), tip);
    }
}

void append_day_names(std::string& out, const Frame& frame, const std::vector<PlotBar>& bars) {
    const std::size_t step = (bars.size() + kDayNames - 1) / kDayNames;
    for (std::size_t i = 0; i < bars.size(); i += step) {
        fmt::format_to(std::back_inserter(out), "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                       frame.middle(i), kHeight - 10, backtest::day_text(bars[i].first));
    }
}

}  // namespace

PlotAxis plot_axis(const backtest::Comparison& comparison) {
    PlotAxis axis{std::numeric_limits<Day>::max(), std::numeric_limits<Day>::min(), 1};
    for (const backtest::RuleComparison& rule : comparison.rules) {
        if (!rule.days.empty()) {
            axis.first = std::min(axis.first, rule.days.begin()->first);
            axis.last = std::max(axis.last, rule.days.rbegin()->first);
        }
    }
    axis.days_a_bar = (axis.last - axis.first + kMaxBars) / kMaxBars;
    return axis;
}

std::vector<PlotBar> plot_bars(const std::map<Day, backtest::Counts>& days, const PlotAxis& axis) {
    std::vector<PlotBar> bars;
    for (Day day = axis.first; day <= axis.last; day += axis.days_a_bar) {
        bars.push_back({day, 0, 0});
    }
    for (const auto& [day, counts] : days) {
        PlotBar& bar = bars[static_cast<std::size_t>((day - axis.first) / axis.days_a_bar)];
        bar.before += counts.before;
        bar.after += counts.after;
    }
    return bars;
}

std::string bar_name(const PlotBar& bar, const PlotAxis& axis) {
    const Day last = std::min(bar.first + axis.days_a_bar - 1, axis.last);
    return last == bar.first ? backtest::day_text(bar.first)
                             : fmt::format("{} … {}", backtest::day_text(bar.first), backtest::day_text(last));
}

std::string plot_svg(const std::string& id, const std::string& title, const std::vector<PlotBar>& bars, const PlotAxis& axis) {
    std::uint64_t largest = 0;
    for (const PlotBar& bar : bars) {
        largest = std::max({largest, bar.before, bar.after});
    }
    const std::uint64_t top = round_top(largest);
    const Frame frame(top, bars.size());
    std::string out =
        fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{}\"><title id=\"{}\">{}</title>\n", kWidth,
                    kHeight, id, id, markup_text(title));
    append_axis(out, frame, top);
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const std::string name = bar_name(bars[i], axis);
        append_bar(out, frame, frame.middle(i) - frame.bar_width(), bars[i].before, "before",
                   fmt::format("{}: old {}", name, grouped(bars[i].before)));
        append_bar(out, frame, frame.middle(i), bars[i].after, "after",
                   fmt::format("{}: new {}", name, grouped(bars[i].after)));
    }
    append_day_names(out, frame, bars);
    return out + "</svg>\n";
}

}  // namespace tocsin::cli
