#include <tocsin/matcher/position.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace tocsin::matcher {
namespace {

std::optional<std::uint64_t> as_number(std::string_view name) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

bool PartitionTable::Less::operator()(std::string_view a, std::string_view b) const {
    const auto x = as_number(a);
    const auto y = as_number(b);
    if (x && y && *x != *y) {
        return *x < *y;
    }
    if (x.has_value() != y.has_value()) {
        return x.has_value();
    }
    return a < b;
}

PartitionId PartitionTable::intern(std::string_view name) {
    if (const auto found = ids_.find(name); found != ids_.end()) {
        return found->second;
    }
    const PartitionId id{static_cast<std::uint32_t>(names_.size())};
    names_.emplace_back(name);
    ids_.emplace(std::string(name), id);
    ranks_.resize(names_.size());
    std::uint32_t rank = 0;
    for (const auto& entry : ids_) {
        ranks_[static_cast<std::size_t>(entry.second)] = rank++;
    }
    return id;
}

std::strong_ordering compare(const Position& a, const Position& b, const PartitionTable& partitions) {
    if (const auto order = a.time <=> b.time; order != 0) {
        return order;
    }
    if (const auto order = a.input <=> b.input; order != 0) {
        return order;
    }
    if (a.partition != b.partition) {
        return partitions.rank(a.partition) <=> partitions.rank(b.partition);
    }
    if (const auto order = a.offset <=> b.offset; order != 0) {
        return order;
    }
    return a.arrival <=> b.arrival;
}

}  // namespace tocsin::matcher
