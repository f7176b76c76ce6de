#include "counted_tree.hpp"

#include <utility>

namespace tocsin::matcher {
namespace {

/// The finaliser of MurmurHash3: neighbours in, far apart out.
std::uint32_t scramble(std::uint32_t word) {
    word ^= word >> 16;
    word *= 0x85ebca6bU;
    word ^= word >> 13;
    word *= 0xc2b2ae35U;
    return word ^ (word >> 16);
}

bool less(const event::Value& a, const event::Value& b) { return event::total_order(a, b) < 0; }

}  // namespace

void CountedTree::update(Index at) {
    Node& node = nodes_[at];
    node.total = node.count + total(node.left) + total(node.right);
}

bool CountedTree::contains(const event::Value& value) const {
    for (Index at = root_; at != kNone;) {
        const auto order = event::total_order(value, nodes_[at].value.view());
        if (order == 0) {
            return true;
        }
        at = order < 0 ? nodes_[at].left : nodes_[at].right;
    }
    return false;
}

CountedTree::Index CountedTree::make(const event::Value& value) {
    Node node;
    node.value = own(value);
    node.priority = scramble(++made_);
    if (free_.empty()) {
        nodes_.push_back(std::move(node));
        return static_cast<Index>(nodes_.size() - 1);
    }
    const Index index = free_.back();
    free_.pop_back();
    nodes_[index] = std::move(node);
    return index;
}

/// As deep as the tree, which priorities keep at O(log n) whatever the values are.
void CountedTree::split(Index at, const event::Value& by, Index& below, Index& above) {
    if (at == kNone) {
        below = kNone;
        above = kNone;
        return;
    }
    Index part = kNone;
    if (less(nodes_[at].value.view(), by)) {
        split(nodes_[at].right, by, part, above);
        nodes_[at].right = part;
        below = at;
    } else {
        split(nodes_[at].left, by, below, part);
        nodes_[at].left = part;
        above = at;
    }
    update(at);
}

CountedTree::Index CountedTree::merge(Index below, Index above) {
    if (below == kNone || above == kNone) {
        return below == kNone ? above : below;
    }
    if (nodes_[below].priority > nodes_[above].priority) {
        const Index joined = merge(nodes_[below].right, above);
        nodes_[below].right = joined;
        update(below);
        return below;
    }
    const Index joined = merge(below, nodes_[above].left);
    nodes_[above].left = joined;
    update(above);
    return above;
}

void CountedTree::insert(const event::Value& value) {
    if (!contains(value)) {
        Index below = kNone;
        Index above = kNone;
        split(root_, value, below, above);
        root_ = merge(merge(below, make(value)), above);
        return;
    }
    for (Index at = root_;;) {
        Node& node = nodes_[at];
        ++node.total;
        const auto order = event::total_order(value, node.value.view());
        if (order == 0) {
            ++node.count;
            return;
        }
        at = order < 0 ? node.left : node.right;
    }
}

void CountedTree::erase(const event::Value& value) {
    Index* link = &root_;
    for (;;) {
        Node& node = nodes_[*link];
        --node.total;
        const auto order = event::total_order(value, node.value.view());
        if (order == 0) {
            break;
        }
        link = order < 0 ? &node.left : &node.right;
    }
    const Index at = *link;
    if (--nodes_[at].count > 0) {
        return;
    }
    *link = merge(nodes_[at].left, nodes_[at].right);
    nodes_[at] = Node{};
    free_.push_back(at);
}

event::Value CountedTree::at(std::size_t rank) const {
    for (Index at = root_;;) {
        const Node& node = nodes_[at];
        const std::size_t before = total(node.left);
        if (rank < before) {
            at = node.left;
        } else if (rank < before + node.count) {
            return node.value.view();
        } else {
            rank -= before + node.count;
            at = node.right;
        }
    }
}

}  // namespace tocsin::matcher
