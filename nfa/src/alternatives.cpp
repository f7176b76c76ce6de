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

/// When a subtree takes an event, as a formula over the edges that fit: one of `any`, or all of a mask of `all`.
struct Takes {
    EdgeMask any{0};
    std::vector<EdgeMask> all;

    void unite(const Takes& other) {
        any |= other.any;
        all.insert(all.end(), other.all.begin(), other.all.end());
    }
    [[nodiscard]] std::vector<EdgeMask> masks() const {
        std::vector<EdgeMask> result = all;
        for (EdgeMask rest = any; rest != 0; rest &= rest - 1) {
            result.push_back(rest & (~rest + 1));
        }
        return result;
    }
};

/// A fork takes when each of its branches does. The product is bounded: beyond it the pattern is refused.
constexpr std::size_t kMaxFormula = 4096;

/// The tree of one state's edges; wrappers are resolved into the edges.
struct Node {
    Alt::Kind kind{Alt::Kind::nothing};
    std::vector<std::uint32_t> children;
    std::uint32_t edge{0};
    LoopId loop{};
    std::optional<std::uint32_t> leave;
};

class Flattener {
public:
    explicit Flattener(const AltGraph& graph) : graph_(graph) {}

    Flattened run(AltId root) {
        const std::uint32_t top = expand(root, {});
        if (!result_.too_many) {
            assign(top, {}, leaves(top), {});
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
        result_.visited.push_back(id);
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

    Takes takes(std::uint32_t id) {
        const Node& node = nodes_[id];
        Takes result;
        if (node.kind == Alt::Kind::edge) {
            result.any = EdgeMask{1} << node.edge;
        } else if (node.kind == Alt::Kind::fork) {
            std::vector<EdgeMask> product{0};
            for (const std::uint32_t child : node.children) {
                std::vector<EdgeMask> next;
                for (const EdgeMask left : product) {
                    for (const EdgeMask right : takes(child).masks()) {
                        next.push_back(left | right);
                    }
                }
                product = std::move(next);
                if (product.size() > kMaxFormula) {
                    result_.too_many = true;
                    return result;
                }
            }
            for (const EdgeMask mask : product) {
                if ((mask & (mask - 1)) == 0) {
                    result.any |= mask;
                } else {
                    result.all.push_back(mask);
                }
            }
        } else {
            for (const std::uint32_t child : node.children) {
                result.unite(takes(child));
            }
        }
        return result;
    }

    /// Where each loop is left, seen from a place inside one of its turns.
    using Leaves = std::vector<std::pair<LoopId, EdgeMask>>;

    void assign(std::uint32_t id, Takes blocked, EdgeMask scope, Leaves ways_out) {
        const Node node = nodes_[id];
        switch (node.kind) {
            case Alt::Kind::edge: {
                Edge& edge = result_.edges[node.edge];
                edge.blocked_by_any = blocked.any;
                edge.blocked_by_all = std::move(blocked.all);
                edge.closes = !edge.accept && edge.arrow == Arrow::any ? 0 : scope;
                for (const LoopId loop : edge.starts_turn_of) {
                    const auto found = std::find_if(ways_out.begin(), ways_out.end(), [&](const auto& way) { return way.first == loop; });
                    edge.leaves.push_back(found == ways_out.end() ? 0 : found->second);
                }
                break;
            }
            case Alt::Kind::prefer:
                for (std::uint32_t i = 0; i < node.children.size(); ++i) {
                    Leaves inside = ways_out;
                    if (node.leave && *node.leave != i) {
                        inside.emplace_back(node.loop, leaves(node.children[*node.leave]));
                    }
                    assign(node.children[i], blocked, scope, std::move(inside));
                    blocked.unite(takes(node.children[i]));
                }
                break;
            case Alt::Kind::fork:
                for (const std::uint32_t child : node.children) {
                    assign(child, blocked, leaves(child), ways_out);
                }
                break;
            default:
                for (const std::uint32_t child : node.children) {
                    assign(child, blocked, scope, ways_out);
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
