#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <tocsin/base/time.hpp>
#include <tocsin/nfa/automaton.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::compiler {

/// How much a rule can have to remember.
struct Bounds {
    std::size_t states{0};
    std::size_t edges{0};
    std::size_t registers{0};  ///< values that a run carries along
    std::optional<Duration> life;  ///< from a run's first event until it is over; nothing: no bound
};

/// The longest time that a run can wait, by the `in` limits of its edges alone; nothing if it can wait for ever or take
/// events for ever. Cost: linear in the edges.
[[nodiscard]] std::optional<Duration> longest_wait(const nfa::Automaton& automaton);

/// Requires: a rule with `when`.
[[nodiscard]] Bounds bounds(const plan::RulePlan& rule);

/// Two or three lines for `explain` and `check`, each ended: states, what a run carries, how long it lives, how many there
/// can be of a key.
[[nodiscard]] std::string print_bounds(const plan::RulePlan& rule);

}  // namespace tocsin::compiler
