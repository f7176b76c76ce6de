#include "alternatives.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::nfa {

AltId AltGraph::add(Alt alt) {
    alts_.push_back(std::move(alt));
    return AltId{static_cast<std::uint32_t>(alts_.size() - 1)};
}

AltId AltGraph::edge(Edge edge) {
    Alt alt;
    alt.kind = Alt::Kind::edge;
    alt.edge = std::move(edge);
    return add(std::move(alt));
}

AltId AltGraph::join(Alt::Kind kind, std::vector<AltId> children) {
    Alt alt;
    alt.kind = kind;
    alt.children = std::move(children);
    return add(std::move(alt));
}

AltId AltGraph::guarded(AltId child, Guard guard) {
    Alt alt;
    alt.kind = Alt::Kind::guarded;
    alt.children = {child};
    alt.guard = guard;
    return add(std::move(alt));
}

AltId AltGraph::arrowed(AltId child, Arrow arrow) {
    Alt alt;
    alt.kind = Alt::Kind::arrowed;
    alt.children = {child};
    alt.arrow = arrow;
    return add(std::move(alt));
}

AltId AltGraph::turn_or_leave(AltId turn, AltId leave, LoopId loop, bool lazy) {
    Alt alt;
    alt.kind = Alt::Kind::prefer;
    alt.children = lazy ? std::vector<AltId>{leave, turn} : std::vector<AltId>{turn, leave};
    alt.loop = loop;
    alt.leave = lazy ? 0 : 1;
    return add(std::move(alt));
}

AltId AltGraph::turn(AltId child, LoopId loop) {
    Alt alt;
    alt.kind = Alt::Kind::turn;
    alt.children = {child};
    alt.loop = loop;
    return add(std::move(alt));
}

AltId AltGraph::without(AltId from, AltId cut) {
    if (from == cut) {
        return nothing();
    }
    Alt alt = (*this)[from];
    // A Ref closes a loop that was entered by taking an event; nothing behind it is a way that takes none.
    if (alt.kind == Alt::Kind::ref || alt.kind == Alt::Kind::edge || alt.kind == Alt::Kind::nothing) {
        return from;
    }
    std::vector<AltId> kept;
    bool changed = false;
    for (const AltId child : alt.children) {
        const AltId copy = without(child, cut);
        changed = changed || copy != child;
        if ((*this)[copy].kind != Alt::Kind::nothing) {
            kept.push_back(copy);
        }
    }
    if (!changed) {
        return from;
    }
    if (kept.empty()) {
        return nothing();
    }
    if (kept.size() < alt.children.size()) {
        alt.leave.reset();      // without its way out the turn is needed: nothing is left to fall back to
    }
    alt.children = std::move(kept);
    return add(std::move(alt));
}

namespace {

/// The tree of one state's edges; wrappers are resolved into the edges.
struct Node {
    Alt::Kind kind{Alt::Kind::nothing};
    std::vector<std::uint32_t> children;
    std::uint32_t edge{0};
    LoopId loop{};
    std::optional<std::uint32_t> leave;
    std::vector<AltId> alts;            ///< the nodes of the graph that it stands for
};

class Flattener {
public:
    explicit Flattener(const AltGraph& graph) : graph_(graph) {}

    Flattened run(AltId root) {
        const std::uint32_t top = expand(root, {});
        if (!result_.too_many) {
            assign(top, 0, {});
            result_.choices = choices(top);
        }
        return std::move(result_);
    }

private:
    struct Context {
        std::vector<Guard> guards;
        std::vector<LoopId> turns;
        Arrow arrow{Arrow::follows};
    };

    std::uint32_t add(Node node) {
        nodes_.push_back(std::move(node));
        return static_cast<std::uint32_t>(nodes_.size() - 1);
    }

    std::uint32_t expand(AltId id, Context context) {
        const std::uint32_t node = expand_here(id, std::move(context));
        nodes_[node].alts.push_back(id);
        return node;
    }

    std::uint32_t expand_here(AltId id, Context context) {
        const Alt& alt = graph_[id];
        switch (alt.kind) {
            case Alt::Kind::nothing:
                return add({});
            case Alt::Kind::edge:
                return add_edge(alt.edge, std::move(context));
            case Alt::Kind::guarded: {
                Guard guard = alt.guard;
                guard.next_only = context.arrow == Arrow::strict;
                context.guards.push_back(guard);
                return expand(alt.children.front(), std::move(context));
            }
            case Alt::Kind::arrowed:
                context.arrow = alt.arrow;
                return expand(alt.children.front(), std::move(context));
            case Alt::Kind::turn:
                context.turns.push_back(alt.loop);
                return expand(alt.children.front(), std::move(context));
            case Alt::Kind::ref:
                return expand(alt.children.front(), std::move(context));
            case Alt::Kind::prefer:
            case Alt::Kind::choice:
            case Alt::Kind::fork:
                break;
        }
        Node node;
        node.kind = alt.kind;
        node.loop = alt.loop;
        node.leave = alt.leave;
        for (const AltId child : alt.children) {
            node.children.push_back(expand(child, context));
            if (result_.too_many) {
                break;
            }
        }
        return add(std::move(node));
    }

    std::uint32_t add_edge(Edge edge, Context context) {
        if (result_.edges.size() == kMaxEdges) {
            result_.too_many = true;
            return add({});
        }
        edge.arrow = context.arrow;
        edge.guards = std::move(context.guards);
        edge.starts_turn_of = std::move(context.turns);
        result_.edges.push_back(std::move(edge));
        Node node;
        node.kind = Alt::Kind::edge;
        node.edge = static_cast<std::uint32_t>(result_.edges.size() - 1);
        return add(std::move(node));
    }

    EdgeMask leaves(std::uint32_t id) const {
        const Node& node = nodes_[id];
        if (node.kind == Alt::Kind::edge) {
            return EdgeMask{1} << node.edge;
        }
        EdgeMask mask = 0;
        for (const std::uint32_t child : node.children) {
            mask |= leaves(child);
        }
        return mask;
    }

    std::vector<Flattened::Choice> choices(std::uint32_t id) {
        const Node& node = nodes_[id];
        std::vector<Flattened::Choice> result;
        if (node.kind == Alt::Kind::fork) {
            for (const std::uint32_t child : node.children) {
                const auto of_child = choices(child);
                result.insert(result.end(), of_child.begin(), of_child.end());
            }
        } else {
            result.push_back({node.kind == Alt::Kind::edge ? EdgeMask{1} << node.edge : 0, {}});
            for (const std::uint32_t child : node.children) {
                std::vector<Flattened::Choice> next;
                for (const Flattened::Choice& left : result) {
                    for (const Flattened::Choice& right : choices(child)) {
                        next.push_back({left.edges | right.edges, left.visited});
                        next.back().visited.insert(next.back().visited.end(), right.visited.begin(), right.visited.end());
                    }
                }
                result = std::move(next);
                if (result.size() > kMaxVariants) {
                    result_.too_many = true;
                    return {};
                }
            }
        }
        for (Flattened::Choice& choice : result) {
            choice.visited.insert(choice.visited.end(), node.alts.begin(), node.alts.end());
        }
        return result;
    }

    /// Where each loop is left, seen from a place inside one of its turns.
    using Leaves = std::vector<std::pair<LoopId, EdgeMask>>;

    void assign(std::uint32_t id, EdgeMask preferred, const Leaves& ways_out) {
        const Node node = nodes_[id];
        if (node.kind == Alt::Kind::edge) {
            Edge& edge = result_.edges[node.edge];
            edge.preferred = preferred;
            for (const LoopId loop : edge.starts_turn_of) {
                const auto found = std::find_if(ways_out.begin(), ways_out.end(), [&](const auto& way) { return way.first == loop; });
                edge.leaves.push_back(found == ways_out.end() ? 0 : found->second);
            }
            return;
        }
        for (std::uint32_t i = 0; i < node.children.size(); ++i) {
            Leaves inside = ways_out;
            if (node.leave && *node.leave != i) {
                inside.emplace_back(node.loop, leaves(node.children[*node.leave]));
            }
            assign(node.children[i], preferred, inside);
            if (node.kind == Alt::Kind::prefer) {
                preferred |= leaves(node.children[i]);
            }
        }
    }

    const AltGraph& graph_;
    Flattened result_;
    std::vector<Node> nodes_;
};

}  // namespace

Flattened flatten(const AltGraph& graph, AltId root) { return Flattener(graph).run(root); }

}  // namespace tocsin::nfa
