#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

enum class RoutingId : std::uint32_t {};
enum class ClockId : std::uint32_t {};

/// The clock of a set of streams, or what it would be if none of them had a slack.
struct ClockPlan {
    std::vector<plan::StreamId> streams;
    bool without_slack{false};
    friend bool operator==(const ClockPlan&, const ClockPlan&) = default;
};

/// Which rows are accepted: those that are not before the clock less the lateness.
struct Acceptance {
    ClockId clock{};
    Duration lateness{0};
    friend bool operator==(const Acceptance&, const Acceptance&) = default;
};

/// Rules that see the same streams under the same key: their events are judged, keyed and put in order once.
struct Routing {
    std::vector<plan::SourcePlan> sources;
    std::vector<plan::RuleId> rules;
    ClockId clock{};            ///< by which events are on time or late
    ClockId shown{};            ///< before which alerts that only time decides are shown: `clock`, or for `emit early` the one without slack
    Duration lateness{0};
    plan::Emit emit{plan::Emit::final};
    std::uint32_t level{0};     ///< above the routings of the rules whose alerts it sees

    [[nodiscard]] Acceptance acceptance() const { return {clock, lateness}; }
    [[nodiscard]] bool revisable() const { return lateness > Duration(0) || emit == plan::Emit::early; }
};

/// One condition of one rule that a predicate feeds.
struct Feed {
    plan::RuleId rule;
    std::uint32_t condition;
};

/// Who is told what, worked out once per program.
struct RoutingTable {
    std::vector<Routing> routings;
    std::vector<RoutingId> of_rule;                             ///< by rule
    std::vector<std::vector<Feed>> feeds;                       ///< by predicate
    std::vector<std::vector<RoutingId>> of_stream;              ///< by stream
    std::vector<std::vector<RoutingId>> by_table;               ///< by stream: those that see the table that it feeds
    std::vector<ClockPlan> clocks;                              ///< by ClockId
    std::vector<std::optional<plan::StreamId>> alerts_of;       ///< by rule: the stream that its alerts make
    std::uint32_t levels{1};

    [[nodiscard]] const Routing& operator[](RoutingId id) const { return routings[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const Routing& routing_of(plan::RuleId rule) const { return (*this)[of_rule[static_cast<std::size_t>(rule)]]; }
};
[[nodiscard]] RoutingTable make_routing(const plan::Program& program);

}  // namespace tocsin::matcher
