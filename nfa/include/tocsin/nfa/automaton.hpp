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

    /// Edges of higher preference: where one of them takes an event, this one is not offered it. An accept edge waits until none
    /// of them is open any more.
    EdgeMask preferred{0};
    /// The edge starts a turn, not needed by a minimum, of this group (outermost first if of several at once): the edges
    /// that leave the group are kept behind the run as its fallback, should the turn be given up.
    std::vector<LoopId> starts_turn_of;
    std::vector<EdgeMask> leaves;       ///< for each of starts_turn_of: the edges of this state that leave it
};

/// A set of variants of one state, one bit each.
using VariantMask = std::uint64_t;
inline constexpr std::size_t kMaxVariants = 64;

/// `each` makes a pattern the union of patterns, one for each number of turns. In a state they show as variants: which edges a
/// run has that is bound to some number of turns. Preference holds inside a variant, and taking an event ends it; the others go on.
/// A state without such a choice has one variant with all its edges.
struct Variant {
    EdgeMask edges{0};
    /// Groups whose optional turn is under way, outermost first: the fallbacks that stay behind the run.
    std::vector<LoopId> under_way;
};

struct State {
    std::vector<Edge> edges;            ///< in order of preference
    EdgeMask strict{0};                 ///< edges with `=>`: open for the very next event only
    EdgeMask any{0};                    ///< edges with `~>`: passing the event over is a choice as well
    EdgeMask accepts{0};                ///< accept edges
    std::vector<Variant> variants;      ///< at least one
    /// The variants need a run each, as one may give up a turn while another goes on; else one run stands for all.
    bool split{false};
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
