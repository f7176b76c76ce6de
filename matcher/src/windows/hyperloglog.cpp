// Twelve bits of the hash choose a register; the rank is the place of the first one bit in the other 52.

#include "hyperloglog.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tocsin::matcher {
namespace {

constexpr unsigned kPlaceBits = 12;
constexpr std::size_t kRegisters = std::size_t{1} << kPlaceBits;
constexpr unsigned kRankBits = 64 - kPlaceBits;
/// A place and its rank take four bytes, so that this many take as much as all registers.
constexpr std::size_t kFew = kRegisters / sizeof(HashRank);

/// Ertl's σ: x + Σ x^(2^k) · 2^(k-1), over k from 1.
double sigma(double x) {
    if (x == 1) {
        return HUGE_VAL;
    }
    double sum = x;
    double weight = 1;
    for (double before = -1; before != sum;) {
        before = sum;
        x *= x;
        sum += x * weight;
        weight += weight;
    }
    return sum;
}

/// Ertl's τ: (1 - x - Σ (1 - x^(2^-k))² · 2^-k) / 3, over k from 1.
double tau(double x) {
    if (x == 0 || x == 1) {
        return 0;
    }
    double sum = 1 - x;
    double weight = 1;
    for (double before = -1; before != sum;) {
        before = sum;
        x = std::sqrt(x);
        weight *= 0.5;
        sum -= (1 - x) * (1 - x) * weight;
    }
    return sum / 3;
}

std::uint32_t slot(HashRank one) { return static_cast<std::uint32_t>(one.place) * 64 + one.rank; }

}  // namespace

HashRank hash_rank(std::uint64_t hash) {
    const auto place = static_cast<std::uint16_t>(hash >> kRankBits);
    const std::uint64_t rest = hash << kPlaceBits;
    const int zeros = rest == 0 ? static_cast<int>(kRankBits) : std::countl_zero(rest);
    return {place, static_cast<std::uint8_t>(zeros + 1)};
}

std::uint64_t estimate_distinct(const RankCounts& counts) {
    constexpr auto m = static_cast<double>(kRegisters);
    double sum = m * tau(1 - static_cast<double>(counts[kRankBits + 1]) / m);
    for (unsigned k = kRankBits; k >= 1; --k) {
        sum = 0.5 * (sum + static_cast<double>(counts[k]));
    }
    sum += m * sigma(static_cast<double>(counts[0]) / m);
    constexpr double kHalfOverLn2 = 0.72134752044448170368;  // 1 / (2 ln 2)
    return static_cast<std::uint64_t>(std::llround(kHalfOverLn2 * m * m / sum));
}

void HyperLogLog::add_few(HashRank one) {
    const auto found = std::lower_bound(few_.begin(), few_.end(), one.place,
                                        [](const HashRank& a, std::uint16_t place) { return a.place < place; });
    if (found == few_.end() || found->place != one.place) {
        few_.insert(found, one);
    } else {
        found->rank = std::max(found->rank, one.rank);
    }
    if (few_.size() < kFew) {
        return;
    }
    registers_.assign(kRegisters, 0);
    for (const HashRank& each : few_) {
        registers_[each.place] = each.rank;
    }
    std::vector<HashRank>().swap(few_);
}

void HyperLogLog::add(std::uint64_t hash) {
    const HashRank one = hash_rank(hash);
    if (registers_.empty()) {
        add_few(one);
    } else {
        registers_[one.place] = std::max(registers_[one.place], one.rank);
    }
}

std::uint64_t HyperLogLog::estimate() const {
    RankCounts counts{};
    for (const HashRank& one : few_) {
        ++counts[one.rank];
    }
    for (const std::uint8_t rank : registers_) {
        ++counts[rank];
    }
    if (registers_.empty()) {
        counts[0] = static_cast<std::uint32_t>(kRegisters - few_.size());
    }
    return estimate_distinct(counts);
}

void CountedHyperLogLog::move(std::uint16_t place, std::uint8_t from, std::uint8_t to) {
    --by_rank_[from];
    ++by_rank_[to];
    if (to == 0) {
        highest_.erase(place);
    } else {
        highest_[place] = to;
    }
}

void CountedHyperLogLog::add(std::uint64_t hash) {
    const HashRank one = hash_rank(hash);
    ++counts_[slot(one)];
    const auto found = highest_.find(one.place);
    const std::uint8_t highest = found == highest_.end() ? std::uint8_t{0} : found->second;
    if (one.rank > highest) {
        move(one.place, highest, one.rank);
    }
}

void CountedHyperLogLog::remove(std::uint64_t hash) {
    const HashRank one = hash_rank(hash);
    const auto count = counts_.find(slot(one));
    if (--count->second > 0) {
        return;
    }
    counts_.erase(count);
    if (highest_.at(one.place) > one.rank) {
        return;
    }
    std::uint8_t next = one.rank;
    while (next > 0 && !counts_.contains(slot({one.place, next}))) {
        --next;
    }
    move(one.place, one.rank, next);
}

std::uint64_t CountedHyperLogLog::estimate() const { return estimate_distinct(by_rank_); }

}  // namespace tocsin::matcher
