#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/backtest/identity.hpp>
#include <tocsin/backtest/score.hpp>
#include <tocsin/base/time.hpp>

/// What a change of rules does to the alerts over recorded events: values, ready to be written.
namespace tocsin::backtest {

enum class Side : std::uint8_t { before, after };
inline constexpr std::size_t kSides = 2;
template <class T>
struct BySide {
    std::array<T, kSides> of{};
    [[nodiscard]] T& operator[](Side side) { return of[static_cast<std::size_t>(side)]; }
    [[nodiscard]] const T& operator[](Side side) const { return of[static_cast<std::size_t>(side)]; }
};

/// Of alerts that stand at the end. before = removed + changed + unchanged, after = added + changed + unchanged.
struct Counts {
    std::uint64_t before{0};
    std::uint64_t after{0};
    std::uint64_t added{0};
    std::uint64_t removed{0};
    std::uint64_t changed{0};
    std::uint64_t unchanged{0};

    [[nodiscard]] bool differ() const { return added + removed + changed > 0; }
    Counts& operator+=(const Counts& other);
    friend bool operator==(const Counts&, const Counts&) = default;
};

/// What was said during the run and did not stand.
struct Revisions {
    std::uint64_t retracts{0};
    std::uint64_t corrects{0};
    Revisions& operator+=(const Revisions& other);
    friend bool operator==(const Revisions&, const Revisions&) = default;
};

/// Whole days since 1970-01-01, UTC, of the decision time. Of a changed alert: of its time after the change.
using Day = std::int64_t;
[[nodiscard]] Day day_of(EventTime time);
/// `2026-01-05`
[[nodiscard]] std::string day_text(Day day);

/// A rule of either side, by its name on the new side.
struct RuleComparison {
    std::string name;
    std::optional<std::string> renamed_from;
    BySide<std::optional<std::uint32_t>> version;  ///< nothing: that side has no such rule
    Counts counts;
    BySide<Revisions> revisions;
    std::map<Day, Counts> days;  ///< those with alerts
};

/// An alert that is not the same on both sides: added has no `before`, removed no `after`.
struct Difference {
    std::shared_ptr<const alerts::Alert> before;
    std::shared_ptr<const alerts::Alert> after;
    std::vector<PartChange> changes;  ///< of a changed one; never empty then

    [[nodiscard]] const alerts::Alert& shown() const { return after ? *after : *before; }
};

struct Comparison {
    std::vector<RuleComparison> rules;  ///< in order of name
    // Each in order of time, then rule, then identity.
    std::vector<Difference> added;
    std::vector<Difference> removed;
    std::vector<Difference> changed;
    std::optional<Score> score;  ///< with labels

    [[nodiscard]] Counts total() const;
    [[nodiscard]] BySide<Revisions> revisions() const;
};

}  // namespace tocsin::backtest
