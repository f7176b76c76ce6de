#include "accumulators.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include <tsl/robin_map.h>

#include "../exact_sum.hpp"
#include "counted_tree.hpp"
#include "deviation.hpp"
#include "fifo.hpp"
#include "hyperloglog.hpp"
#include "owned.hpp"

namespace tocsin::matcher {
namespace {

using event::Type;
using event::Value;
using Kind = plan::Register::Kind;

double number(const Value& value) {
    return value.type() == Type::floating ? value.as_float() : static_cast<double>(value.as_int());
}

/// `count(condition)`
class Count final : public Archived<Count, Accumulator> {
public:
    void add(const Value& value, const Position& /*at*/) override { count_ += value.truthy() ? 1 : 0; }
    void remove(const Value& value, const Position& /*at*/) override { count_ -= value.truthy() ? 1 : 0; }
    [[nodiscard]] Value value() const override { return Value::of_int(count_); }

    template <class Archive>
    void archive(Archive& a) {
        a(count_);
    }

private:
    std::int64_t count_{0};
};

/// Sum and average. Whole numbers (int, duration) are summed in 128 bits, which 2^64 events cannot exceed.
class Total final : public Archived<Total, Accumulator> {
public:
    Total(Kind kind, Type type) : kind_(kind), type_(type) {}

    void add(const Value& value, const Position& /*at*/) override { count(value, 1); }
    void remove(const Value& value, const Position& /*at*/) override { count(value, -1); }

    [[nodiscard]] Value value() const override { return kind_ == Kind::sum ? sum() : average(); }
    [[nodiscard]] bool overflowed() const override { return kind_ == Kind::sum && type_ != Type::floating && !in_range(); }

    template <class Archive>
    void archive(Archive& a) {
        auto low = static_cast<std::uint64_t>(whole_);
        auto high = static_cast<std::int64_t>(whole_ >> 64);
        a(events_, low, high, exact_);
        whole_ = (static_cast<Wide>(high) << 64) | static_cast<Wide>(low);
    }

private:
    __extension__ using Wide = __int128;

    void count(const Value& value, int sign) {
        events_ += sign;
        if (type_ == Type::floating) {
            exact_.add(sign * number(value));
        } else {
            whole_ += static_cast<Wide>(sign) * value.as_int();
        }
    }
    [[nodiscard]] bool in_range() const {
        return whole_ >= std::numeric_limits<std::int64_t>::min() && whole_ <= std::numeric_limits<std::int64_t>::max();
    }
    [[nodiscard]] Value sum() const {
        if (type_ == Type::floating) {
            return Value::of_float(exact_.value());
        }
        if (!in_range()) {
            return {};
        }
        const auto whole = static_cast<std::int64_t>(whole_);
        return type_ == Type::duration ? Value::of_duration(Duration(whole)) : Value::of_int(whole);
    }
    [[nodiscard]] Value average() const {
        if (events_ == 0) {
            return {};
        }
        const double mean =
            (type_ == Type::floating ? exact_.value() : static_cast<double>(whole_)) / static_cast<double>(events_);
        return type_ == Type::duration ? Value::of_duration(Duration(std::llround(mean))) : Value::of_float(mean);
    }

    Kind kind_;
    Type type_;
    std::int64_t events_{0};
    Wide whole_{0};
    ExactSum exact_;
};

class StandardDeviation final : public Archived<StandardDeviation, Accumulator> {
public:
    void add(const Value& value, const Position& /*at*/) override { deviation_.add(number(value)); }
    void remove(const Value& value, const Position& /*at*/) override { deviation_.remove(number(value)); }
    [[nodiscard]] Value value() const override {
        return deviation_.count() == 0 ? Value() : Value::of_float(deviation_.value());
    }

    template <class Archive>
    void archive(Archive& a) {
        a(deviation_);
    }

private:
    Deviation deviation_;
};

bool better(Kind kind, const Value& a, const Value& b) {
    const auto order = event::total_order(a, b);
    return kind == Kind::min ? order < 0 : order > 0;
}

/// First, last, min and max of events that come in order and stay: one value.
class Kept final : public Archived<Kept, Accumulator> {
public:
    explicit Kept(Kind kind) : kind_(kind) {}
    void add(const Value& value, const Position& /*at*/) override {
        if (value_.view().is_null() || kind_ == Kind::last || (kind_ != Kind::first && better(kind_, value, value_.view()))) {
            value_ = own(value);
        }
    }
    void remove(const Value& /*value*/, const Position& /*at*/) override {
        assert(false && "a growing window gives nothing back");
    }
    [[nodiscard]] Value value() const override { return value_.view(); }

    template <class Archive>
    void archive(Archive& a) {
        a(value_);
    }

private:
    Kind kind_;
    Owned value_;
};

/// First and last of a queue.
class QueueEnds final : public Archived<QueueEnds, Accumulator> {
public:
    explicit QueueEnds(Kind kind) : kind_(kind) {}
    void add(const Value& value, const Position& /*at*/) override { values_.push_back(own(value)); }
    void remove(const Value& /*value*/, const Position& /*at*/) override { values_.pop_front(); }
    [[nodiscard]] Value value() const override {
        return values_.empty() ? Value() : (kind_ == Kind::first ? values_.front() : values_.back()).view();
    }

    template <class Archive>
    void archive(Archive& a) {
        a(values_);
    }

private:
    Kind kind_;
    Fifo<Owned> values_;
};

/// Min and max of a queue: the values that nothing later beats, the best in front. A value leaves for good as soon as one at
/// least as good comes after it, so each is pushed and popped once.
class QueueExtreme final : public Archived<QueueExtreme, Accumulator> {
public:
    explicit QueueExtreme(Kind kind) : kind_(kind) {}
    void add(const Value& value, const Position& /*at*/) override {
        while (!best_.empty() && !better(kind_, best_.back().value.view(), value)) {
            best_.pop_back();
        }
        best_.push_back({added_++, own(value)});
    }
    void remove(const Value& /*value*/, const Position& /*at*/) override {
        if (best_.front().number == removed_++) {
            best_.pop_front();
        }
    }
    [[nodiscard]] Value value() const override { return best_.empty() ? Value() : best_.front().value.view(); }

    template <class Archive>
    void archive(Archive& a) {
        a(best_, added_, removed_);
    }

private:
    struct Numbered {
        std::uint64_t number{0};
        Owned value;

        template <class Archive>
        void archive(Archive& a) {
            a(number, value);
        }
    };
    Kind kind_;
    Fifo<Numbered> best_;
    std::uint64_t added_{0};
    std::uint64_t removed_{0};
};

/// First and last of events that come and go in any order.
class PlacedEnds final : public Archived<PlacedEnds, Accumulator> {
public:
    PlacedEnds(Kind kind, const PartitionTable& partitions) : kind_(kind), values_(Before{&partitions}) {}
    void add(const Value& value, const Position& at) override { values_.emplace(at, own(value)); }
    void remove(const Value& /*value*/, const Position& at) override { values_.erase(at); }
    [[nodiscard]] Value value() const override {
        return values_.empty() ? Value() : (kind_ == Kind::first ? values_.begin()->second : values_.rbegin()->second).view();
    }

    template <class Archive>
    void archive(Archive& a) {
        a(values_);
    }

private:
    Kind kind_;
    std::map<Position, Owned, Before> values_;
};

/// What needs the values in their order: quantiles, and min and max where any event may go.
class Ordered final : public Archived<Ordered, Accumulator> {
public:
    Ordered(const plan::Register& reg) : kind_(reg.kind), share_(reg.parameter), approximate_(reg.approximate) {}
    void add(const Value& value, const Position& /*at*/) override { values_.insert(kept(value)); }
    void remove(const Value& value, const Position& /*at*/) override { values_.erase(kept(value)); }
    [[nodiscard]] Value value() const override { return values_.size() == 0 ? Value() : values_.at(rank()); }

    template <class Archive>
    void archive(Archive& a) {
        a(values_);
    }

private:
    [[nodiscard]] Value kept(const Value& value) const {
        if (!approximate_) {
            return value;
        }
        const double middle = bucket_middle(number(value));
        if (value.type() == Type::floating) {
            return Value::of_float(middle);
        }
        // Cut off, not rounded: a bucket that holds one whole number only gives that number.
        constexpr double kTwoTo63 = 9223372036854775808.0;
        const double whole = std::trunc(middle);
        const std::int64_t limited = whole >= kTwoTo63    ? std::numeric_limits<std::int64_t>::max()
                                     : whole <= -kTwoTo63 ? std::numeric_limits<std::int64_t>::min()
                                                          : static_cast<std::int64_t>(whole);
        return value.type() == Type::duration ? Value::of_duration(Duration(limited)) : Value::of_int(limited);
    }
    /// The nearest rank: the smallest value that at least the share of all does not exceed.
    [[nodiscard]] std::size_t rank() const {
        const std::size_t last = values_.size() - 1;
        if (kind_ == Kind::min || kind_ == Kind::max) {
            return kind_ == Kind::min ? 0 : last;
        }
        const double nearest = std::ceil(share_ * static_cast<double>(values_.size()));
        return std::min(last, static_cast<std::size_t>(std::max(nearest, 1.0)) - 1);
    }

    Kind kind_;
    double share_;
    bool approximate_;
    CountedTree values_;
};

class Distinct final : public Archived<Distinct, Accumulator> {
public:
    void add(const Value& value, const Position& /*at*/) override {
        if (const auto found = counts_.find(value); found != counts_.end()) {
            ++found.value();
        } else {
            counts_.emplace(own(value), 1);
        }
    }
    void remove(const Value& value, const Position& /*at*/) override {
        const auto found = counts_.find(value);
        if (--found.value() == 0) {
            counts_.erase(found);
        }
    }
    [[nodiscard]] Value value() const override {
        return counts_.empty() ? Value() : Value::of_int(static_cast<std::int64_t>(counts_.size()));
    }

    template <class Archive>
    void archive(Archive& a) {
        std::vector<std::pair<Owned, std::uint64_t>> all(counts_.begin(), counts_.end());
        std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return event::total_order(x.first.view(), y.first.view()) < 0; });
        a(all);
        if constexpr (Archive::kReads) {
            counts_.insert(all.begin(), all.end());
        }
    }

private:
    /// Found by a value, kept as an owned one.
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Owned& value) const { return event::hash(value.view()); }
        std::size_t operator()(const Value& value) const { return event::hash(value); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Owned& a, const Owned& b) const { return event::equal(a.view(), b.view()); }
        bool operator()(const Value& a, const Owned& b) const { return event::equal(a, b.view()); }
        bool operator()(const Owned& a, const Value& b) const { return event::equal(a.view(), b); }
    };
    tsl::robin_map<Owned, std::uint64_t, Hash, Equal, std::allocator<std::pair<Owned, std::uint64_t>>, true> counts_;
};

/// `distinct~` of events that stay.
class GrowingSketch final : public Archived<GrowingSketch, Accumulator> {
public:
    void add(const Value& value, const Position& /*at*/) override {
        sketch_.add(event::hash(value));
        any_ = true;
    }
    void remove(const Value& /*value*/, const Position& /*at*/) override {
        assert(false && "a growing window gives nothing back");
    }
    [[nodiscard]] Value value() const override {
        return any_ ? Value::of_int(static_cast<std::int64_t>(sketch_.estimate())) : Value();
    }

    template <class Archive>
    void archive(Archive& a) {
        a(sketch_, any_);
    }

private:
    HyperLogLog sketch_;
    bool any_{false};
};

/// `distinct~` of events that go again.
class CountedSketch final : public Archived<CountedSketch, Accumulator> {
public:
    void add(const Value& value, const Position& /*at*/) override {
        sketch_.add(event::hash(value));
        ++values_;
    }
    void remove(const Value& value, const Position& /*at*/) override {
        sketch_.remove(event::hash(value));
        --values_;
    }
    [[nodiscard]] Value value() const override {
        return values_ > 0 ? Value::of_int(static_cast<std::int64_t>(sketch_.estimate())) : Value();
    }

    template <class Archive>
    void archive(Archive& a) {
        a(sketch_, values_);
    }

private:
    CountedHyperLogLog sketch_;
    std::uint64_t values_{0};
};

std::unique_ptr<Accumulator> make_extreme(const plan::Register& reg, Order order) {
    switch (order) {
        case Order::growing: return std::make_unique<Kept>(reg.kind);
        case Order::queue: return std::make_unique<QueueExtreme>(reg.kind);
        case Order::any: return std::make_unique<Ordered>(reg);
    }
    return nullptr;
}

std::unique_ptr<Accumulator> make_end(Kind kind, Order order, const PartitionTable& partitions) {
    switch (order) {
        case Order::growing: return std::make_unique<Kept>(kind);
        case Order::queue: return std::make_unique<QueueEnds>(kind);
        case Order::any: return std::make_unique<PlacedEnds>(kind, partitions);
    }
    return nullptr;
}

std::unique_ptr<Accumulator> make_distinct(bool approximate, Order order) {
    if (!approximate) {
        return std::make_unique<Distinct>();
    }
    if (order == Order::growing) {
        return std::make_unique<GrowingSketch>();
    }
    return std::make_unique<CountedSketch>();
}

}  // namespace

double bucket_middle(double x) {
    if (x == 0) {
        return 0;
    }
    constexpr double kBuckets = 64;
    int exponent = 0;
    const double part = std::frexp(std::fabs(x), &exponent) * 2 * kBuckets;  // from 64 up to 128
    return std::copysign(std::ldexp((std::floor(part) + 0.5) / (2 * kBuckets), exponent), x);
}

std::unique_ptr<Accumulator> make_accumulator(const plan::Register& reg, Type type, Order order,
                                              const PartitionTable& partitions) {
    switch (reg.kind) {
        case Kind::count: return std::make_unique<Count>();
        case Kind::sum:
        case Kind::avg: return std::make_unique<Total>(reg.kind, type);
        case Kind::stddev: return std::make_unique<StandardDeviation>();
        case Kind::min:
        case Kind::max: return make_extreme(reg, order);
        case Kind::first:
        case Kind::last: return make_end(reg.kind, order, partitions);
        case Kind::quantile: return std::make_unique<Ordered>(reg);
        case Kind::distinct: return make_distinct(reg.approximate, order);
        case Kind::previous: break;
    }
    return nullptr;
}

}  // namespace tocsin::matcher
