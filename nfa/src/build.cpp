// From a pattern to its automaton. After V. M. Glushkov, "The abstract theory of automata" (1961), with three
// differences: loops are unrolled to their bounds, so that a state knows how many turns were taken; the ways on from a state
// are ordered by preference, as a backtracking matcher would try them; and a turn of a group can be given up, so that
// edges know which of their neighbours leave the group. Cost: linear in the size of the result.
//
// It works from the end: every function gets what follows its node and gives the ways into the node, so that the
// state of a Take is made knowing its ways on. Only an open loop needs a forward reference.

#include <tocsin/nfa/build.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "alternatives.hpp"

namespace tocsin::nfa {
namespace {

/// A turn around a state that may be given up, and what follows when it is complete.
struct EnclosingTurn {
    LoopId loop;
    AltId follow;
};

struct Place {
    AltId alternatives;
    std::vector<EnclosingTurn> optional_turns;      ///< outermost first
};

class Builder {
public:
    Builder(const Pattern& pattern, std::size_t max_states) : pattern_(pattern), max_states_(max_states) {}

    std::variant<Automaton, BuildError> run() {
        Edge end;
        end.accept = true;
        const AltId accept = graph_.edge(std::move(end));
        const AltId entry = graph_.without(sequence_from(pattern_.root, accept), accept);
        if (error_) {
            return *error_;
        }
        return finish(entry);
    }

private:
    /// The ways through a node that may be skipped, then `follow`.
    AltId sequence_from(NodeId id, AltId follow) {
        const Node& node = pattern_[id];
        if (const auto* absent = std::get_if<Absent>(&node)) {
            return graph_.guarded(follow, Guard{absent->condition, false, absent->in});
        }
        const LoopId loop{next_loop_};      // the one that entering the node gives out first
        const AltId enter = enter_node(id, follow);
        const auto* repeat = std::get_if<Repeat>(&node);
        if (repeat == nullptr || repeat->times.min > 0) {
            return enter;
        }
        return leave_or_go_on(repeat->times.greed, enter, follow, loop);
    }

    /// The ways that take at least one event of the node, then `follow`.
    AltId enter_node(NodeId id, AltId follow) {
        if (error_) {
            return follow;
        }
        return std::visit([&](const auto& node) { return enter(node, follow); }, pattern_[id]);
    }

    AltId enter(const Take& take, AltId follow) {
        if (places_.size() >= max_states_) {
            error_ = BuildError::too_many_states;
            return follow;
        }
        places_.push_back({follow, turns_});
        Edge edge;
        edge.step = take.step;
        edge.condition = take.condition;
        edge.target = StateId{static_cast<std::uint32_t>(places_.size() - 1)};
        edge.untils = untils_;
        edge.in = in_;
        return graph_.edge(std::move(edge));
    }

    AltId enter(const Absent& absent, AltId follow) {
        return graph_.guarded(follow, Guard{absent.condition, false, absent.in});
    }

    AltId enter(const Sequence& sequence, AltId follow) {
        if (longest_skippable_run(sequence) > kMaxEdges) {
            error_ = BuildError::too_many_edges;
            return follow;
        }
        AltId ways = follow;
        for (std::size_t i = sequence.parts.size(); i-- > 0;) {
            const Part& part = sequence.parts[i];
            if (i == 0) {
                ways = sequence_from(part.node, ways);
            } else {
                // The arrow belongs to the part alone: where the part is skipped, what follows has its own.
                ways = sequence_part(part, ways);
            }
        }
        return graph_.without(ways, follow);
    }

    /// Each part of such a run adds an edge (or a guard) to the state before it; it also bounds the depth of the graph.
    std::size_t longest_skippable_run(const Sequence& sequence) const {
        std::size_t longest = 0;
        std::size_t run = 0;
        for (const Part& part : sequence.parts) {
            const auto* repeat = std::get_if<Repeat>(&pattern_[part.node]);
            const bool skippable = std::holds_alternative<Absent>(pattern_[part.node]) || (repeat != nullptr && repeat->times.min == 0);
            run = skippable ? run + 1 : 0;
            longest = std::max(longest, run);
        }
        return longest;
    }

    AltId sequence_part(const Part& part, AltId follow) { return graph_.arrowed(sequence_from(part.node, follow), part.arrow); }

    AltId enter(const Alternatives& alternatives, AltId follow) {
        if (alternatives.join == Join::one_of) {
            std::vector<AltId> ways;
            for (const NodeId item : alternatives.items) {
                ways.push_back(enter_node(item, follow));
            }
            return graph_.join(Alt::Kind::choice, std::move(ways));
        }
        if (alternatives.items.size() > kMaxAndItems) {
            error_ = BuildError::too_many_and_items;
            return follow;
        }
        std::map<std::uint32_t, AltId> known{{0U, follow}};
        return every_order(alternatives, (1U << alternatives.items.size()) - 1U, known);
    }

    /// The ways through the items of `left`, in any order. Orders with the same rest share its states.
    AltId every_order(const Alternatives& all, std::uint32_t left, std::map<std::uint32_t, AltId>& known) {
        if (const auto found = known.find(left); found != known.end()) {
            return found->second;
        }
        std::vector<AltId> ways;
        for (std::size_t i = 0; i < all.items.size(); ++i) {
            const std::uint32_t bit = 1U << i;
            if ((left & bit) == 0) {
                continue;
            }
            AltId rest = every_order(all, left & ~bit, known);
            if ((left & ~bit) != 0) {
                rest = graph_.arrowed(rest, Arrow::follows);
            }
            ways.push_back(enter_node(all.items[i], rest));
        }
        const AltId result = graph_.join(Alt::Kind::choice, std::move(ways));
        known.emplace(left, result);
        return result;
    }

    AltId enter(const Repeat& repeat, AltId follow) {
        const LoopId loop{next_loop_++};
        const auto saved_in = in_;
        if (repeat.in) {
            in_ = in_ ? std::min(*in_, *repeat.in) : *repeat.in;
        }
        if (repeat.until) {
            untils_.push_back(*repeat.until);
        }
        const AltId result = repeat.times.max ? bounded(repeat, loop, follow) : open(repeat, loop, follow);
        if (repeat.until) {
            untils_.pop_back();
        }
        in_ = saved_in;
        return result;
    }

    /// `x{n,m}`: m copies, those behind the minimum each with a way out before it.
    AltId bounded(const Repeat& repeat, LoopId loop, AltId follow) {
        const Times& times = repeat.times;
        AltId behind = follow;
        for (std::uint32_t turn = *times.max; turn >= 1; --turn) {
            const bool needed = turn <= times.min;
            const AltId enter = one_turn(repeat, loop, behind, needed);
            if (turn == 1 || error_) {
                return enter;
            }
            const AltId next = graph_.arrowed(enter, times.between);
            behind = needed ? next : leave_or_go_on(times.greed, next, follow, loop);
        }
        return behind;
    }

    /// `x{n,}`: n copies, then one that leads back to itself.
    AltId open(const Repeat& repeat, LoopId loop, AltId follow) {
        const Times& times = repeat.times;
        const AltId again = graph_.ref();
        const AltId enter = one_turn(repeat, loop, again, false);
        graph_.resolve(again, leave_or_go_on(times.greed, graph_.arrowed(enter, times.between), follow, loop));
        if (times.min == 0) {
            return enter;
        }
        AltId behind = again;
        for (std::uint32_t turn = times.min; turn >= 1; --turn) {
            const AltId copy = one_turn(repeat, loop, behind, true);
            if (turn == 1 || error_) {
                return copy;
            }
            behind = graph_.arrowed(copy, times.between);
        }
        return behind;
    }

    AltId one_turn(const Repeat& repeat, LoopId loop, AltId follow, bool needed) {
        if (needed || repeat.times.greed == Greed::each) {
            return enter_node(repeat.body, follow);
        }
        turns_.push_back({loop, follow});
        const AltId result = enter_node(repeat.body, follow);
        turns_.pop_back();
        return graph_.turn(result, loop);
    }

    AltId leave_or_go_on(Greed greed, AltId go_on, AltId leave, LoopId loop) {
        if (greed == Greed::each) {
            return graph_.join(Alt::Kind::fork, {go_on, leave});
        }
        return graph_.turn_or_leave(go_on, leave, loop, greed == Greed::lazy);
    }

    /// Flattens every place that can be reached, numbering states in the order in which the start reaches them.
    std::variant<Automaton, BuildError> finish(AltId entry) {
        Automaton automaton;
        std::vector<std::uint32_t> number(places_.size(), kUnnumbered);
        std::vector<std::uint32_t> order;
        automaton.states.emplace_back();
        if (!fill(automaton.states[0], entry, nullptr)) {
            return BuildError::too_many_edges;
        }
        for (std::size_t next = 0; next < automaton.states.size(); ++next) {
            for (Edge& edge : automaton.states[next].edges) {
                if (edge.accept) {
                    continue;
                }
                std::uint32_t& id = number[static_cast<std::size_t>(edge.target)];
                if (id == kUnnumbered) {
                    order.push_back(static_cast<std::uint32_t>(edge.target));
                    id = static_cast<std::uint32_t>(order.size());
                }
                edge.target = StateId{id};
            }
            if (next < order.size()) {
                const Place& place = places_[order[next]];
                State state;
                if (!fill(state, place.alternatives, &place)) {
                    return BuildError::too_many_edges;
                }
                automaton.states.push_back(std::move(state));
            }
        }
        return automaton;
    }

    bool fill(State& state, AltId alternatives, const Place* place) {
        Flattened flat = flatten(graph_, alternatives);
        if (flat.too_many) {
            return false;
        }
        for (std::size_t i = 0; i < flat.edges.size(); ++i) {
            const EdgeMask bit = EdgeMask{1} << i;
            if (flat.edges[i].accept) {
                state.accepts |= bit;
            } else if (place != nullptr) {
                state.strict |= flat.edges[i].arrow == Arrow::strict ? bit : 0;
                state.any |= flat.edges[i].arrow == Arrow::any ? bit : 0;
            }
        }
        if (flat.choices.size() > kMaxVariants) {
            return false;
        }
        add_variants(state, flat, place);
        state.edges = std::move(flat.edges);
        return true;
    }

    static void add_variants(State& state, const Flattened& flat, const Place* place) {
        for (const Flattened::Choice& choice : flat.choices) {
            Variant variant;
            variant.edges = choice.edges;
            for (const EnclosingTurn& turn : place == nullptr ? std::vector<EnclosingTurn>{} : place->optional_turns) {
                if (std::find(choice.visited.begin(), choice.visited.end(), turn.follow) == choice.visited.end()) {
                    variant.under_way.push_back(turn.loop);
                }
            }
            state.split = state.split || !variant.under_way.empty();
            state.variants.push_back(std::move(variant));
        }
        state.split = state.split && state.variants.size() > 1;
    }

    static constexpr std::uint32_t kUnnumbered = 0xffffffff;

    const Pattern& pattern_;
    std::size_t max_states_;
    std::optional<BuildError> error_;
    AltGraph graph_;
    std::vector<Place> places_;             ///< by the target of the edge that leads there, until finish()
    std::uint32_t next_loop_{0};
    // What holds at the node being entered:
    std::vector<EnclosingTurn> turns_;
    std::vector<ConditionId> untils_;
    std::optional<Duration> in_;
};

}  // namespace

std::variant<Automaton, BuildError> build(const Pattern& pattern, std::size_t max_states) {
    return Builder(pattern, max_states).run();
}

Facts facts(const Automaton& automaton) {
    Facts result;
    for (std::size_t s = 0; s < automaton.states.size(); ++s) {
        const State& state = automaton.states[s];
        const bool start = s == 0;
        for (const Edge& edge : state.edges) {
            result.needs_every_event = result.needs_every_event || (!start && edge.arrow == Arrow::strict && !edge.accept);
            for (const Guard& guard : edge.guards) {
                result.needs_every_event = result.needs_every_event || (!start && guard.next_only);
                result.absent_at_start = result.absent_at_start || start;
                result.absent_at_end = result.absent_at_end || (!start && edge.accept);
            }
            if (edge.accept && !start) {
                result.can_accept = true;
                result.open_end = result.open_end || edge.preferred != 0;
            }
        }
    }
    return result;
}

}  // namespace tocsin::nfa
