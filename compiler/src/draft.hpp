#pragma once

#include <optional>
#include <vector>

#include <tocsin/nfa/pattern.hpp>

#include "load.hpp"
#include "rule_names.hpp"

namespace tocsin::compiler {

/// A rule on its way from the tree to the plan. Each pass below fills its part and reports what is wrong; a pass that needs
/// what an earlier one could not give does nothing.
struct Draft {
    RuleNames names;
    plan::RulePlan plan;
    std::vector<const Stream*> streams;  ///< of plan.sources
    std::vector<std::optional<nfa::ConditionId>> conditions;  ///< by place
    nfa::Pattern pattern;
};

/// Stream declarations: time, slack, idle, `where`.
void lower_streams(Load& load);
/// Cycles among definitions.
void check_definitions(Load& load);
/// Everything in the load that this version refuses.
void refuse_unsupported(Load& load, const dsl::File& file);

/// The streams that the rule sees and the columns of its key.
void lower_keys(Load& load, Draft& draft);
/// The conditions of all places: what only the event decides goes to a pooled predicate, the rest stays with the run.
void lower_conditions(Load& load, Draft& draft);
/// The pattern, then its automaton.
void lower_pattern(Load& load, Draft& draft);
/// Labels, lets, where, return and the alert's text.
void lower_values(Load& load, Draft& draft);
/// severity, mode, within, overlap, skip, and what they must be for a pattern.
void lower_clauses(Load& load, Draft& draft);
/// Whether state could be kept for ever.
void check_bounds(Load& load, Draft& draft);
/// Warnings and hints on patterns.
void lint_pattern(Load& load, Draft& draft);
/// The window, what it must be, and the clauses that do not go with one.
void lower_window(Load& load, Draft& draft);
/// Warnings and hints on windows.
void lint_window(Load& load, Draft& draft);
/// A hash of what the rule means.
[[nodiscard]] std::uint32_t version_of(const Load& load, const Draft& draft);

/// `test` blocks: names and literals.
void check_tests(Load& load);
/// Takes out what nothing refers to and renumbers the rest.
void drop_unused(plan::Program& program);
/// Which columns outlive their batch.
void settle_kept_columns(plan::Program& program);

}  // namespace tocsin::compiler
