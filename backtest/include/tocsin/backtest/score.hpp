#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::backtest {

/// How one side's alerts do against labels. An alert is true if it hits a label; a label is caught if an alert hits it.
struct SideScore {
    std::uint64_t alerts{0};
    std::uint64_t true_alerts{0};
    std::uint64_t labels{0};  ///< that count
    std::uint64_t caught{0};
    double amount{0};  ///< of the labels that count
    double caught_amount{0};

    /// True alerts among alerts; nothing without alerts.
    [[nodiscard]] std::optional<double> precision() const;
    /// Labels caught among labels; nothing without labels.
    [[nodiscard]] std::optional<double> recall() const;
    /// The harmonic mean of both, 0 where both are 0; nothing where one is nothing.
    [[nodiscard]] std::optional<double> f1() const;
    [[nodiscard]] double missed_amount() const { return amount - caught_amount; }
};

struct RuleScore {
    std::string rule;
    SideScore before;  ///< `labels` and `amount`: of those that this rule could be meant by, see Label::rule
    SideScore after;
};

struct Score {
    std::uint64_t labels{0};  ///< in the file
    std::uint64_t outside{0};  ///< of a time that the recording does not cover, and hit by nobody: they do not count
    std::uint64_t without_key{0};  ///< that name no part of a key: any alert at their time hits them
    std::vector<std::string> unknown_rules;  ///< named by labels, and on neither side
    SideScore before;
    SideScore after;
    std::vector<RuleScore> rules;  ///< with alerts on either side, in order of name
};

}  // namespace tocsin::backtest
