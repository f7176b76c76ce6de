#pragma once

#include <string>
#include <vector>

#include <tocsin/nfa/automaton.hpp>

namespace tocsin::nfa {

/// What the picture calls things; by StepId and ConditionId.
struct Labels {
    std::vector<std::string> steps;             ///< the step's name
    std::vector<std::string> conditions;        ///< `Login[status = "fail"]`
};

/// One paragraph a state, one line an edge in order of preference:
///
///     state 1 (after f)
///       -> 2  f: Login[status = "fail"]  within 10s of the last
///       end   unless Login[status = "ok"]
///
/// Requires: labels cover the automaton.
[[nodiscard]] std::string draw_text(const Automaton& automaton, const Labels& labels);

/// The same for graphviz: solid edges for `->`, bold for `=>`, dashed for `~>`; double circles may accept.
[[nodiscard]] std::string draw_dot(const Automaton& automaton, const Labels& labels, const std::string& title);

}  // namespace tocsin::nfa
