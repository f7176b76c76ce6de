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

/// A rule where it is declared.
struct RuleRef {
    const dsl::File* file;
    const dsl::RuleDecl* decl;
    std::size_t place;  ///< among all rules of the load, as written
    bool read;  ///< another rule reads its alerts
};

/// Stream declarations, and what feeds tables: time, slack, idle, `where`.
void lower_streams(Load& load);
/// A stream that tables or rules make.
void lower_made(Load& load, const Stream& stream, std::uint32_t maker);
/// Tables, views, and the streams of those changes that some rule reads.
void lower_tables(Load& load);
/// The names of all events in a rule's pattern or window.
[[nodiscard]] std::vector<const dsl::Name*> events_of(const dsl::File& file, const dsl::RuleDecl& rule);
/// All rules but those that read their own alerts, each behind those whose alerts it reads.
[[nodiscard]] std::vector<RuleRef> rules_in_order(Load& load);
/// The stream of a rule's alerts.
[[nodiscard]] Stream& make_alerts(Load& load, const Draft& draft);
/// Cycles among definitions.
void check_definitions(Load& load);

/// The rule's look-ups: tables and aliases.
void lower_lookups(Load& load, Draft& draft);
/// The streams that its clock waits for although it does not see them.
void settle_clock(Load& load, Draft& draft);
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
