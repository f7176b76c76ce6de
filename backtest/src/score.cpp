#include <tocsin/backtest/score.hpp>

namespace tocsin::backtest {

namespace {

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? std::nullopt : std::optional(static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::optional<double> SideScore::precision() const { return share(true_alerts, alerts); }

std::optional<double> SideScore::recall() const { return share(caught, labels); }

std::optional<double> SideScore::f1() const {
    const auto p = precision();
    const auto r = recall();
    if (!p || !r) {
        return std::nullopt;
    }
    return *p + *r > 0 ? 2 * *p * *r / (*p + *r) : 0.0;
}

}  // namespace tocsin::backtest
