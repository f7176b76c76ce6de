#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <tocsin/matcher/why.hpp>

#include "../stepper.hpp"
#include "attempts.hpp"
#include "judge.hpp"

namespace tocsin::matcher {

/// Tells the end of a track: lets its run go over the events again, one by one, and asks at each why it was not taken and what it
/// closed. Owned by one shard.
class Retrace {
public:
    Retrace(ShardMemory& memory, plan::RuleId rule, std::span<const SeenEvent> events, const std::optional<Position>& about,
            Judge& judge);

    [[nodiscard]] Attempt tell(const Track& track, std::string_view key);
    /// Where no run started: the events that came nearest to starting one.
    [[nodiscard]] std::vector<PassedOver> nearest_starts();
    /// The event asked about as the first one of a match; nothing: it can be that.
    [[nodiscard]] std::optional<PassedOver> about_as_start();

private:
    /// An open edge of the run, and the place that has it: the run's own, or that of a fallback.
    struct OpenEdge {
        const Place* place;
        const nfa::Edge* edge;
        bool strict;
    };

    /// What an event broke that the run did not take.
    struct Broken {
        std::string clause;
        bool by_fitting{false};  ///< an `until` or a `not`; else a `=>`
    };

    [[nodiscard]] std::vector<OpenEdge> open_edges(const Run& run) const;
    void add_open_edges(const Place& place, std::vector<OpenEdge>& out) const;
    [[nodiscard]] std::vector<Awaited> awaited(const Run& run) const;
    void follow(const Track& track, Attempt& attempt);
    [[nodiscard]] bool pass_time(Run& run, EventTime now, Ending& ending);
    [[nodiscard]] PassedOver passed_over(const Run& run, const SeenEvent& event);
    [[nodiscard]] Broken broken_by(const Run& run, const SeenEvent& event);
    void see_pass(Run& run, const SeenEvent& event, bool& alive, Attempt& attempt);
    [[nodiscard]] PassedOver as_start(const SeenEvent& event);
    [[nodiscard]] std::string ran_out(const Run& run, EventTime when) const;
    void tell_complete(const Track& track, std::string_view key, Attempt& attempt);

    ShardMemory& memory_;
    plan::RuleId rule_id_;
    const plan::RulePlan& rule_;
    std::span<const SeenEvent> events_;
    std::optional<Position> about_;
    Judge& judge_;
    Stepper stepper_;
    Effects effects_;
};

}  // namespace tocsin::matcher
