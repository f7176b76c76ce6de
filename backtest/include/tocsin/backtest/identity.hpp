#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::backtest {

/// What makes an alert of one set of rules the alert of another: its rule's name, its key, and the events it is of (of a window
/// its bounds, and a sliding one's event). Unlike the alert's id it does not hang on the rule's version, nor on the names of
/// the steps. A hash of 128 bits: two that differ are taken for one with a chance of one to 10^20 for a thousand million alerts.
struct Identity {
    std::uint64_t high{0};
    std::uint64_t low{0};
    friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// Old rule names to new ones.
using Renames = std::map<std::string, std::string, std::less<>>;

/// A part of an alert that can differ while its identity stays: `severity`, `values.total`, `events.f`, …
struct Part {
    std::string name;
    std::string json;
    friend bool operator==(const Part&, const Part&) = default;
};

/// Reads the alerts of one program. Thread-compatible.
///
/// An event is its place: input, partition and offset. The alert of another rule, where it is an event, has its id as offset,
/// and that does hang on the version of its rule: it is known by rule, key and decision time instead. Of a step that took more
/// events than an alert shows (Limits::events_shown_per_step) those count that it shows, and the number of the others.
class AlertReader {
public:
    AlertReader(const plan::Program& program, Renames renames);

    /// The rule's name on the new side.
    [[nodiscard]] const std::string& rule(const std::string& name) const;
    [[nodiscard]] Identity identity(const alerts::Alert& alert) const;
    /// In a fixed order. The fields of the events are none: both sides read the same records.
    [[nodiscard]] std::vector<Part> parts(const alerts::Alert& alert) const;

private:
    [[nodiscard]] std::string place(const std::string& input, const std::string& partition, const std::string& offset) const;
    [[nodiscard]] std::string place(const alerts::AlertEvent& event) const;
    [[nodiscard]] std::string place(const alerts::AlertWindow& window) const;
    [[nodiscard]] bool is_alert(const std::string& input) const { return time_fields_.contains(input); }

    Renames renames_;
    std::map<std::string, std::string> time_fields_;  ///< of the streams that rules make, by the rule's name
};

[[nodiscard]] std::uint64_t hash_of(const std::vector<Part>& parts);

/// A part that is not the same; empty JSON where a side lacks it.
struct PartChange {
    std::string name;
    std::string before;
    std::string after;
    friend bool operator==(const PartChange&, const PartChange&) = default;
};
/// In the order of `before`, then what only `after` has.
[[nodiscard]] std::vector<PartChange> changes(const std::vector<Part>& before, const std::vector<Part>& after);

}  // namespace tocsin::backtest
