#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tocsin/nfa/automaton.hpp>
#include <tocsin/nfa/pattern.hpp>

/// The ways on from a place in a pattern, before they are flattened into the edges of a state. A directed acyclic
/// graph but for `Ref` nodes, which close loops; those lead through a Take, so that expanding it ends.
namespace tocsin::nfa {

enum class AltId : std::uint32_t {};

struct Alt {
    enum class Kind : std::uint8_t {
        nothing,    ///< no way on
        edge,       ///< takes an event, or accepts
        prefer,     ///< the first child that takes, alone
        choice,     ///< every child that takes; taking one gives up the others
        fork,       ///< every child goes its own way, as if it were alone
        guarded,    ///< the child, behind a `not`
        arrowed,    ///< the child, whose first items follow with `arrow`
        turn,       ///< the child starts a turn of `loop` that may be given up
        ref,        ///< stands for another, known later
    };
    Kind kind{Kind::nothing};
    std::vector<AltId> children;
    Edge edge;                      ///< of an edge: step, condition, target, untils, in, accept
    Guard guard;                    ///< of guarded; next_only follows from the arrow around it
    Arrow arrow{Arrow::follows};    ///< of arrowed
    LoopId loop{};                  ///< of turn, and of the prefer node between a turn of a loop and leaving it
    std::optional<std::uint32_t> leave;     ///< of such a prefer node: which child leaves the loop
};

class AltGraph {
public:
    AltId nothing() { return add({}); }
    AltId edge(Edge edge);
    AltId join(Alt::Kind kind, std::vector<AltId> children);
    AltId guarded(AltId child, Guard guard);
    AltId arrowed(AltId child, Arrow arrow);
    AltId turn(AltId child, LoopId loop);
    /// Another turn of the loop, or what follows it; `lazy` prefers what follows.
    AltId turn_or_leave(AltId turn, AltId leave, LoopId loop, bool lazy);
    AltId ref() { return add({.kind = Alt::Kind::ref, .children = {}, .edge = {}, .guard = {}, .arrow = {}, .loop = {}, .leave = {}}); }
    void resolve(AltId ref, AltId target) { alts_[index(ref)].children = {target}; }

    /// A copy of `from` in which `cut` leads nowhere: the ways that take at least one event before `cut`.
    AltId without(AltId from, AltId cut);

    [[nodiscard]] const Alt& operator[](AltId id) const { return alts_[index(id)]; }

private:
    static std::size_t index(AltId id) { return static_cast<std::size_t>(id); }
    AltId add(Alt alt);
    std::vector<Alt> alts_;
};

/// The edges of one state out of the ways on from it.
struct Flattened {
    /// One choice at every fork: which edges it has, and which nodes lie on the way to them.
    struct Choice {
        EdgeMask edges{0};
        std::vector<AltId> visited;
    };
    std::vector<Edge> edges;
    std::vector<Choice> choices;
    bool too_many{false};                   ///< more than kMaxEdges, or forks beyond any sense: nothing else holds then
};
[[nodiscard]] Flattened flatten(const AltGraph& graph, AltId root);

}  // namespace tocsin::nfa
