#pragma once

#include <string>

#include <tocsin/base/limits.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::cli {

// How a rule is run, in three forms.

/// Key, streams, bounds, conditions with the way each is reached, and the automaton state by state.
[[nodiscard]] std::string explain_text(const plan::Program& program, const plan::RulePlan& rule, const Limits& limits);
/// The automaton for graphviz.
[[nodiscard]] std::string explain_dot(const plan::RulePlan& rule);
/// Which complete matches count, in words.
[[nodiscard]] std::string overlap_text(const plan::RulePlan& rule);
/// All of the text, for programs.
[[nodiscard]] std::string explain_json(const plan::Program& program, const plan::RulePlan& rule, const Limits& limits);

}  // namespace tocsin::cli
