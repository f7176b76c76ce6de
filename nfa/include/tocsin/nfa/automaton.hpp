#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/nfa/pattern.hpp>

namespace tocsin::nfa {

enum class StateId : std::uint32_t {};
/// A quantified group, by its place in the text and its copy where an outer loop was unrolled.
enum class LoopId : std::uint32_t {};

/// Edges of one state, one bit each.
using EdgeMask = std::uint64_t;
inline constexpr std::size_t kMaxEdges = 64;

/// `not X` on an edge: the edge closes when an event that the run does not take satisfies the condition.
struct Guard {
    ConditionId condition;
    bool next_only{false};              ///< `=> not X`: watches the next event only
    std::optional<Duration> in;         ///< watches no longer than this after the event taken last
    friend bool operator==(const Guard&, const Guard&) = default;
};

/// A way on from a state. An edge is open, or closed for good as long as the run stays in the state.
struct Edge {
    bool accept{false};                 ///< the end of the pattern: takes no event; step, condition, target mean nothing
    StepId step{};
    ConditionId condition{};
    Arrow arrow{Arrow::follows};
    StateId target{};
    std::vector<Guard> guards;
    std::vector<ConditionId> untils;    ///< an event that satisfies one of them closes the edge before it is offered
    std::optional<Duration> in;         ///< the event taken is at most this after the one taken before

    /// Preference: the edge is not offered an event when one edge of `blocked_by_any`, or all edges of a mask of
    /// `blocked_by_all`, take it. An accept edge is blocked by edges that are open, not by those that take.
    EdgeMask blocked_by_any{0};
    std::vector<EdgeMask> blocked_by_all;
    /// The edges that close in what remains of the run when this edge takes an event: all of them, unless an `each` left a
    /// choice or the arrow is `any`. If an edge stays open, the run stays as well.
    EdgeMask closes{0};
    /// The edge starts a turn, not needed by a minimum, of this group (outermost first if of several at once): the edges
    /// that leave the group are kept behind the run as its fallback, should the turn be given up.
    std::vector<LoopId> starts_turn_of;
    std::vector<EdgeMask> leaves;       ///< for each of starts_turn_of: the edges of this state that leave it
};

struct State {
    std::vector<Edge> edges;            ///< in order of preference
    EdgeMask strict{0};                 ///< edges with `=>`: open for the very next event only
    EdgeMask accepts{0};                ///< accept edges
    /// Groups whose optional turn is under way here, outermost first: the fallbacks that stay behind the run.
    std::vector<LoopId> under_way;
};

/// A nondeterministic automaton over the events that a rule sees for one key. After Glushkov (1961): a state is the
/// place of the event taken last, loops unrolled up to their minimum and maximum, so there are no empty moves.
/// State 0 is the start: its arrows have no effect and it is never left.
struct Automaton {
    std::vector<State> states;

    [[nodiscard]] const State& operator[](StateId id) const { return states[static_cast<std::size_t>(id)]; }
};
inline constexpr StateId kStart{0};

}  // namespace tocsin::nfa
