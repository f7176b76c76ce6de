#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tocsin/event/value.hpp>
#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/matcher/past_pool.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// What the registers of a rule hold. Cheap ones (last, count, min, max of a field) are kept up to date in the run;
/// the others are computed from its past when a condition asks. Owned by one shard.
class Registers {
public:
    /// `tables`: what the rule looks into, or null.
    Registers(const plan::Program& program, const plan::RulePlan& rule, std::span<const plan::Register> registers,
              const TableSet* tables);

    [[nodiscard]] std::vector<event::Value> initial() const;
    /// The run takes `event` for `step`.
    void take(std::vector<event::Value>& values, nfa::StepId step, const StoredEvent& event, Evaluator::Session& session) const;

    /// Which registers of an expression have to be computed from the past.
    [[nodiscard]] std::vector<plan::RegisterId> computed_in(plan::ExprId expr) const;
    [[nodiscard]] event::Value compute(plan::RegisterId id, std::span<const PastPool::Taken> past, const EventPool& events,
                                       Evaluator::Session& session) const;
    /// All of them, for a complete match. Strings live until the session's release(), or in the events.
    [[nodiscard]] std::vector<event::Value> compute_all(std::span<const PastPool::Taken> past, const EventPool& events,
                                                        Evaluator::Session& session) const;

private:
    [[nodiscard]] Scope scope_of(const StoredEvent& event) const;
    [[nodiscard]] bool kept_in_run(const plan::Register& reg) const;
    [[nodiscard]] bool watches(const plan::Register& reg, nfa::StepId step) const;

    const plan::Program* program_;
    const plan::RulePlan* rule_;
    std::span<const plan::Register> registers_;
    const TableSet* tables_;
};

}  // namespace tocsin::matcher
