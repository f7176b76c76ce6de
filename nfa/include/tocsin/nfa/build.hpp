#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <tocsin/nfa/automaton.hpp>
#include <tocsin/nfa/pattern.hpp>

namespace tocsin::nfa {

/// Why a pattern has no automaton.
enum class BuildError {
    too_many_states,        ///< more than `max_states` after unrolling
    too_many_edges,         ///< a state with more than kMaxEdges ways on, or kMaxVariants choices of `each`
    too_many_and_items,     ///< an `and` of more than kMaxAndItems
};
inline constexpr std::size_t kMaxAndItems = 6;

/// Cost: linear in the states and edges of the result.
/// Requires: a Sequence has a part, Alternatives have items, max >= min, max >= 1, no Absent inside Alternatives.
[[nodiscard]] std::variant<Automaton, BuildError> build(const Pattern& pattern, std::size_t max_states);

/// Facts that checks and plans ask for.
struct Facts {
    bool needs_every_event{false};  ///< a `=>`, or `=> not`: events that fit nothing matter too
    bool open_end{false};           ///< an accept edge that waits for a loop to close
    bool absent_at_start{false};
    bool absent_at_end{false};
    bool can_accept{false};
};
[[nodiscard]] Facts facts(const Automaton& automaton);

}  // namespace tocsin::nfa
