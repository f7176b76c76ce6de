// From a place in the pattern to the tree of what can come next. `each` does not give one tree with a choice but several
// ways: it is the union over every number of turns.
#include "alternatives.hpp"

#include <algorithm>

namespace reference {
namespace {

FramePtr push(Frame frame) { return std::make_shared<const Frame>(std::move(frame)); }

TreePtr make(Tree tree) { return std::make_shared<const Tree>(std::move(tree)); }

std::set<TurnId> united(const std::set<TurnId>& a, const std::set<TurnId>& b) {
    std::set<TurnId> all = a;
    all.insert(b.begin(), b.end());
    return all;
}

std::int64_t later(std::int64_t time, std::int64_t by) { return time > INT64_MAX - by ? INT64_MAX : time + by; }

}  // namespace

std::int64_t Expander::last_time(const History& history) const {
    return (*input_.events)[static_cast<std::size_t>(history->back().event)].time;
}

std::int64_t Expander::deadline(const History& history) const {
    const std::int64_t first = (*input_.events)[static_cast<std::size_t>(history->front().event)].time;
    return input_.rule->within_us ? later(first, *input_.rule->within_us) : INT64_MAX;
}

std::vector<Way> Expander::start() const {
    return node(*input_.rule->when, Link::kNext, {}, std::make_shared<const std::vector<Taken>>(), nullptr);
}

std::vector<Way> Expander::after(const Tree& leaf, const History& history) const { return complete(leaf.frames, {}, history); }

std::vector<Way> Expander::node(const Node& n, Link link, Watches watches, const History& history, FramePtr frames) const {
    switch (n.kind) {
        case Node::Kind::kStep: return {leaf(n, link, std::move(watches), history, std::move(frames))};
        case Node::Kind::kSequence: return sequence(n, 0, link, std::move(watches), history, std::move(frames));
        case Node::Kind::kLoop: return loop(n, 0, link, watches, history, std::move(frames));
        case Node::Kind::kNot: return {};  // handled where it stands, in sequence()
        case Node::Kind::kOr: break;
    }
    const FramePtr inside = push({.kind = Frame::Kind::kBranch, .node = &n, .entry = history->size(), .outer = frames});
    std::vector<Way> ways;
    for (const NodePtr& branch : n.parts) {
        const std::vector<Way> branch_ways = node(*branch, link, watches, history, inside);
        if (ways.empty()) {
            ways = branch_ways;
            continue;
        }
        std::vector<Way> combined;
        for (const Way& a : ways) {
            for (const Way& b : branch_ways) {
                Tree both;
                both.kind = Tree::Kind::kBoth;
                both.children = {a.tree, b.tree};
                combined.push_back({make(std::move(both)), united(a.complete, b.complete)});
            }
        }
        ways = branch_ways.empty() ? ways : combined;
    }
    return ways;
}

std::vector<Way> Expander::sequence(const Node& n, std::size_t part, Link link, Watches watches, const History& history,
                                    FramePtr frames) const {
    if (part == n.parts.size()) {
        return complete(frames, std::move(watches), history);
    }
    const Node& next = *n.parts[part];
    const Link own = part == 0 ? link : n.links[part];
    if (next.kind == Node::Kind::kNot) {
        watches.push_back(watch(next, own, history));
        return sequence(n, part + 1, link, std::move(watches), history, std::move(frames));
    }
    return node(next, own, std::move(watches), history,
                push({.kind = Frame::Kind::kSequence, .node = &n, .next_part = part + 1, .outer = std::move(frames)}));
}

std::vector<Way> Expander::loop(const Node& n, std::int64_t turns, Link link, const Watches& watches, const History& history,
                                FramePtr frames) const {
    std::vector<Way> stay;
    std::vector<Way> leave;
    if (turns < n.max) {
        stay = node(*n.parts[0], link, watches, history,
                    push({.kind = Frame::Kind::kTurn, .node = &n, .turns = turns, .entry = history->size(), .outer = frames}));
    }
    if (turns >= n.min) {
        leave = complete(frames, watches, history);
    }
    if (n.mode == Mode::kEach || stay.empty() || leave.empty()) {
        stay.insert(stay.end(), leave.begin(), leave.end());
        return stay;
    }
    std::vector<Way> ways;
    for (const Way& turn : stay) {
        for (const Way& follow : leave) {
            Tree prefer;
            prefer.kind = Tree::Kind::kPrefer;
            prefer.turn = TurnId(n.id, history->size());
            prefer.turn_child = n.mode == Mode::kLazy ? 1 : 0;
            prefer.children = {turn.tree, follow.tree};
            if (n.mode == Mode::kLazy) {
                std::swap(prefer.children[0], prefer.children[1]);
            }
            ways.push_back({make(std::move(prefer)), united(turn.complete, follow.complete)});
        }
    }
    return ways;
}

std::vector<Way> Expander::complete(const FramePtr& frames, Watches watches, const History& history) const {
    if (frames == nullptr) {
        if (history->empty()) {
            return {};  // a match has at least one event
        }
        Tree end;
        end.kind = Tree::Kind::kEnd;
        end.history = history;
        end.watches = std::move(watches);
        return {Way{make(std::move(end)), {}}};
    }
    if (frames->kind == Frame::Kind::kSequence) {
        return sequence(*frames->node, frames->next_part, Link::kNext, std::move(watches), history, frames->outer);
    }
    if (frames->entry == history->size()) {
        return {};  // a branch, and a turn, takes at least one event
    }
    if (frames->kind == Frame::Kind::kBranch) {
        return complete(frames->outer, std::move(watches), history);
    }
    const Node& n = *frames->node;
    std::vector<Way> ways = loop(n, frames->turns + 1, n.inner, watches, history, frames->outer);
    for (Way& way : ways) {
        way.complete.insert(TurnId(n.id, frames->entry));
    }
    return ways;
}

Watch Expander::watch(const Node& n, Link link, const History& history) const {
    Watch w;
    w.node = &n;
    if (history->empty()) {
        return w;  // looks back when the run starts
    }
    w.next_only = link == Link::kStrict;
    w.until = deadline(history);
    if (n.in_us) {
        w.until = std::min(w.until, later(last_time(history), *n.in_us));
    }
    return w;
}

Way Expander::leaf(const Node& n, Link link, Watches watches, const History& history, FramePtr frames) const {
    Tree leaf;
    leaf.step = &n;
    leaf.history = history;
    leaf.watches = std::move(watches);
    leaf.link = history->empty() ? Link::kNext : link;  // the first event of a run has none before it
    leaf.limit = history->empty() ? INT64_MAX : deadline(history);
    for (FramePtr frame = frames; frame != nullptr; frame = frame->outer) {
        if (frame->kind == Frame::Kind::kTurn) {
            if (frame->node->in_us && !history->empty()) {
                leaf.limit = std::min(leaf.limit, later(last_time(history), *frame->node->in_us));
            }
            if (frame->node->until) {
                leaf.untils.push_back(&*frame->node->until);
            }
        }
    }
    leaf.frames = std::move(frames);
    return {make(std::move(leaf)), {}};
}

std::string describe(const Tree& tree) {
    std::string out(1, "LEPUB"[static_cast<int>(tree.kind)]);
    if (tree.kind == Tree::Kind::kLeaf || tree.kind == Tree::Kind::kEnd) {
        out += tree.open ? "o" : "c" + std::to_string(tree.closed.at) + (tree.closed.by_time ? "t" : "e");
        for (const Watch& w : tree.watches) {
            out += "w" + std::to_string(w.node->id) + (w.settled ? "s" : "a") + std::to_string(w.settled_at.at) + "," +
                   std::to_string(w.until);
        }
        for (const Taken& t : *tree.history) {
            out += "," + std::to_string(t.event) + ":" + std::to_string(t.step) + ":" + std::to_string(t.stream);
        }
        if (tree.step != nullptr) {
            out += "@" + std::to_string(tree.step->id) + "l" + std::to_string(static_cast<int>(tree.link)) + "m" +
                   std::to_string(tree.limit);
        }
        for (FramePtr f = tree.frames; f != nullptr; f = f->outer) {
            out += "/" + std::to_string(f->node->id) + "." + std::to_string(f->next_part) + "." + std::to_string(f->turns) + "." +
                   std::to_string(f->entry);
        }
    }
    if (tree.turn) {
        out += "#" + std::to_string(tree.turn->first) + "." + std::to_string(tree.turn->second);
    }
    for (const TreePtr& child : tree.children) {
        out += "(" + describe(*child) + ")";
    }
    return out;
}

}  // namespace reference
