#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <tocsin/event/value.hpp>

namespace tocsin::matcher {

/// One end of a range of values.
struct Bound {
    event::Value value;         ///< null: there is no bound on this side
    bool inclusive{false};
};
struct Range {
    Bound low;
    Bound high;
};

/// Ranges over one subject; finds those that hold a value. With one bound they are sorted by it, and what holds is one end of the
/// list: O(log n + hits). With two they are a search tree over the lower bounds in which each subtree knows its highest upper
/// one (an interval tree; Cormen et al., "Introduction to Algorithms", 14.3): O(log n) for each hit at most. Immutable once sealed;
/// thread-safe.
class OrderTable {
public:
    /// Requires: bounds of values that can be compared with each other, and a range with a bound.
    void add(const Range& range, std::uint32_t number);
    /// Before the first find().
    void seal();
    /// Appends the numbers of the ranges that hold the value: of each range once.
    void find(const event::Value& value, std::vector<std::uint32_t>& out) const;

private:
    struct Entry {
        Range range;
        std::uint32_t number;
    };
    std::uint32_t seal_tree(std::size_t begin, std::size_t end);
    void find_in_tree(const event::Value& value, std::size_t begin, std::size_t end, std::vector<std::uint32_t>& out) const;

    std::vector<Entry> from_;               ///< lower bound only, sorted by it
    std::vector<Entry> until_;              ///< upper bound only, sorted by it
    std::vector<Entry> between_;            ///< both, sorted by the lower one
    std::vector<std::uint32_t> highest_;    ///< by the middle of a subtree of between_: where its highest upper bound stands
};

}  // namespace tocsin::matcher
