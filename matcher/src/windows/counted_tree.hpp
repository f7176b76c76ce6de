#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <tocsin/event/value.hpp>

#include "owned.hpp"

namespace tocsin::matcher {

/// A multiset of values of one type in their order, with the k-th smallest at hand. Equal values share a node, so its size is
/// the number of distinct ones.
///
/// A treap (R. Seidel, C. R. Aragon, "Randomized Search Trees", Algorithmica 16, 1996) whose nodes count what is below them.
/// Priorities come from a counter, scrambled, so its depth does not depend on the values. Cost: expected O(log distinct) each.
/// Owned by one shard.
class CountedTree {
public:
    void insert(const event::Value& value);
    /// Requires: it was inserted, and not erased since.
    void erase(const event::Value& value);

    /// With repetitions.
    [[nodiscard]] std::size_t size() const { return total(root_); }
    /// The value with `rank` values before it; the view lives until the next change. Requires: rank < size().
    [[nodiscard]] event::Value at(std::size_t rank) const;

    template <class Archive>
    void archive(Archive& a) {
        a(nodes_, free_, root_, made_);
    }

private:
    using Index = std::uint32_t;
    static constexpr Index kNone = 0xffffffff;
    struct Node {
        Owned value;
        Index left{kNone};
        Index right{kNone};
        std::uint32_t priority{0};
        std::size_t count{1};  ///< how often the value is there
        std::size_t total{1};  ///< of the whole subtree

        template <class Archive>
        void archive(Archive& a) {
            a(value, left, right, priority, count, total);
        }
    };

    [[nodiscard]] std::size_t total(Index at) const { return at == kNone ? 0 : nodes_[at].total; }
    void update(Index at);
    [[nodiscard]] bool contains(const event::Value& value) const;
    [[nodiscard]] Index make(const event::Value& value);
    void split(Index at, const event::Value& by, Index& below, Index& above);
    [[nodiscard]] Index merge(Index below, Index above);

    std::vector<Node> nodes_;
    std::vector<Index> free_;
    Index root_{kNone};
    std::uint32_t made_{0};
};

}  // namespace tocsin::matcher
