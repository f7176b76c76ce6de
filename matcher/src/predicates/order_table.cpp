#include "order_table.hpp"

#include <algorithm>
#include <compare>

namespace tocsin::matcher {

using event::Value;

namespace {

/// False, too, where the two cannot be compared.
bool above(const Bound& low, const Value& value) {
    const auto order = event::compare(value, low.value);
    return order && (*order > 0 || (*order == 0 && low.inclusive));
}

bool below(const Bound& high, const Value& value) {
    const auto order = event::compare(value, high.value);
    return order && (*order < 0 || (*order == 0 && high.inclusive));
}

/// `x >= 5` lets more values in than `x > 5`, so it comes first; `x <= 5` lets in more than `x < 5`, so it comes last.
bool low_first(const Bound& a, const Bound& b) {
    const auto order = event::compare(a.value, b.value);
    return order && (*order < 0 || (*order == 0 && a.inclusive && !b.inclusive));
}

bool high_first(const Bound& a, const Bound& b) {
    const auto order = event::compare(a.value, b.value);
    return order && (*order < 0 || (*order == 0 && !a.inclusive && b.inclusive));
}

}  // namespace

void OrderTable::add(const Range& range, std::uint32_t number) {
    if (range.high.value.is_null()) {
        from_.push_back({range, number});
    } else if (range.low.value.is_null()) {
        until_.push_back({range, number});
    } else {
        between_.push_back({range, number});
    }
}

void OrderTable::seal() {
    const auto by_low = [](const Entry& a, const Entry& b) { return low_first(a.range.low, b.range.low); };
    std::ranges::sort(from_, by_low);
    std::ranges::sort(between_, by_low);
    std::ranges::sort(until_, [](const Entry& a, const Entry& b) { return high_first(a.range.high, b.range.high); });
    highest_.assign(between_.size(), 0);
    if (!between_.empty()) {
        seal_tree(0, between_.size());
    }
}

/// Where the highest upper bound of [begin, end) stands. Its depth is the logarithm of the size.
std::uint32_t OrderTable::seal_tree(std::size_t begin, std::size_t end) {
    const std::size_t middle = begin + (end - begin) / 2;
    auto highest = static_cast<std::uint32_t>(middle);
    const auto take = [&](std::uint32_t other) {
        if (high_first(between_[highest].range.high, between_[other].range.high)) {
            highest = other;
        }
    };
    if (begin < middle) {
        take(seal_tree(begin, middle));
    }
    if (middle + 1 < end) {
        take(seal_tree(middle + 1, end));
    }
    return highest_[middle] = highest;
}

void OrderTable::find(const Value& value, std::vector<std::uint32_t>& out) const {
    const auto lets_in = std::ranges::partition_point(from_, [&](const Entry& entry) { return above(entry.range.low, value); });
    std::for_each(from_.begin(), lets_in, [&](const Entry& entry) { out.push_back(entry.number); });
    const auto passed = std::ranges::partition_point(until_, [&](const Entry& entry) { return !below(entry.range.high, value); });
    std::for_each(passed, until_.end(), [&](const Entry& entry) { out.push_back(entry.number); });
    find_in_tree(value, 0, between_.size(), out);
}

void OrderTable::find_in_tree(const Value& value, std::size_t begin, std::size_t end, std::vector<std::uint32_t>& out) const {
    while (begin < end) {
        const std::size_t middle = begin + (end - begin) / 2;
        if (!below(between_[highest_[middle]].range.high, value)) {
            return;
        }
        find_in_tree(value, begin, middle, out);
        const Entry& entry = between_[middle];
        if (!above(entry.range.low, value)) {
            return;
        }
        if (below(entry.range.high, value)) {
            out.push_back(entry.number);
        }
        begin = middle + 1;
    }
}

}  // namespace tocsin::matcher
