#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tocsin/matcher/why.hpp>

#include "../registers.hpp"
#include "../run.hpp"

namespace tocsin::matcher {

/// Asks conditions as the stepper does, and says which part of them was not true and what it had read. Owned by one shard.
class Judge {
public:
    Judge(ShardMemory& memory, plan::RuleId rule);

    /// The parts of the condition that the event does not fit, for a run at `place`; empty where it fits.
    [[nodiscard]] std::vector<Failure> failures(nfa::ConditionId condition, const Place& place, const SeenEvent& event);
    [[nodiscard]] bool fits(nfa::ConditionId condition, const Place& place, const SeenEvent& event);
    /// How the event stands to what an edge asks.
    [[nodiscard]] Misfit misfit(const nfa::Edge& edge, const Place& place, const SeenEvent& event);
    /// The parts of `where` that are not true of a decision.
    [[nodiscard]] std::vector<Failure> where_failures(const DecisionValues& values);
    [[nodiscard]] std::vector<Reading> lets(const DecisionValues& values) const;
    [[nodiscard]] TakenEvent taken(const PastPool::Taken& taken);
    /// Where a run stands before its first event.
    [[nodiscard]] const Place& start() const { return start_; }
    [[nodiscard]] const std::string& text(nfa::ConditionId condition) const {
        return rule_.conditions[static_cast<std::size_t>(condition)].text;
    }
    [[nodiscard]] const std::string& step_name(nfa::StepId step) const {
        return rule_.step_names[rule_.steps[static_cast<std::size_t>(step)].name];
    }
    [[nodiscard]] bool of_stream(nfa::ConditionId condition, const SeenEvent& event) const;

private:
    void add_failures(std::vector<Failure>& out, plan::ExprId condition, const Scope& scope, bool match_registers);
    [[nodiscard]] double gap(plan::ExprId expr, const Scope& scope);
    [[nodiscard]] std::vector<Reading> readings(plan::ExprId expr, const Scope& scope, bool match_registers);
    [[nodiscard]] Scope scope_of(const Place& place, EventId event, plan::ExprId residual);

    ShardMemory& memory_;
    const plan::Program& program_;
    const plan::RulePlan& rule_;
    const TableSet* tables_;
    Registers registers_;
    Place start_;
    std::vector<event::Value> asked_;  ///< registers for one residual
    std::vector<PastPool::Taken> past_;
};

}  // namespace tocsin::matcher
