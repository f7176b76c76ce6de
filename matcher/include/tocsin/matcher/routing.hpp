#pragma once

#include <cstdint>
#include <vector>

#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

enum class RoutingId : std::uint32_t {};
enum class ClockId : std::uint32_t {};

/// Rules that see the same streams under the same key, by the same clock: their events are judged, keyed and put in order once.
struct Routing {
    std::vector<plan::SourcePlan> sources;
    std::vector<plan::RuleId> rules;
    ClockId clock{};            ///< of the set of streams
    Duration lateness{0};
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
    std::vector<std::vector<plan::StreamId>> clock_streams;     ///< by clock
};
[[nodiscard]] RoutingTable make_routing(const plan::Program& program);

}  // namespace tocsin::matcher
