// Aggregates of windows against their definitions, computed anew from the values that are there.

#include "windows/accumulators.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using event::Type;
using event::Value;
using Kind = plan::Register::Kind;

/// A value, and where its event stands.
struct Placed {
    Value value;
    Position at;
};

std::string json(const Value& value) {
    std::string out;
    event::append_json(out, value);
    return out;
}

/// The aggregate by its definition. Sums of floats are small multiples of 1/4 here, so that any order is exact.
std::string by_definition(const plan::Register& reg, std::vector<Placed> values) {
    std::sort(values.begin(), values.end(), [](const Placed& a, const Placed& b) { return a.at.offset < b.at.offset; });
    if (reg.kind == Kind::count) {
        return std::to_string(std::count_if(values.begin(), values.end(), [](const Placed& one) { return one.value.truthy(); }));
    }
    double sum = 0;
    for (const Placed& one : values) {
        sum += one.value.is_number() ? one.value.to_double() : 0;
    }
    if (reg.kind == Kind::sum) {
        const bool whole = values.empty() || values.front().value.type() == Type::integer;
        return json(whole ? Value::of_int(std::llround(sum)) : Value::of_float(sum));
    }
    if (values.empty()) {
        return "null";
    }
    const auto n = static_cast<double>(values.size());
    if (reg.kind == Kind::avg) {
        return json(Value::of_float(sum / n));
    }
    if (reg.kind == Kind::first || reg.kind == Kind::last) {
        return json(reg.kind == Kind::first ? values.front().value : values.back().value);
    }
    std::stable_sort(values.begin(), values.end(), [](const Placed& a, const Placed& b) { return event::total_order(a.value, b.value) < 0; });
    if (reg.kind == Kind::distinct) {
        std::set<std::string> different;
        for (const Placed& one : values) {
            different.insert(json(one.value));
        }
        return std::to_string(different.size());
    }
    const double rank = reg.kind == Kind::min ? 1 : reg.kind == Kind::max ? n : std::max(1.0, std::ceil(reg.parameter * n));
    return json(values[static_cast<std::size_t>(rank) - 1].value);
}

plan::Register reg_of(Kind kind, double parameter = 0, bool approximate = false) {
    plan::Register reg;
    reg.kind = kind;
    reg.parameter = parameter;
    reg.approximate = approximate;
    return reg;
}

Position place(std::uint64_t offset) { return {EventTime(static_cast<std::int64_t>(offset)), {}, {}, offset, offset}; }

Value some_value(Type type, int number) {
    static const std::vector<std::string> kWords{"", "a", "b", "ab", "é", "zz", "long enough not to be stored in place"};
    switch (type) {
        case Type::integer: return Value::of_int(number);
        case Type::floating: return Value::of_float(number / 4.0);
        case Type::boolean: return Value::of_bool(number % 2 == 0);
        default: return Value::of_string(kWords[static_cast<std::size_t>(number + 30) % kWords.size()]);
    }
}

struct Subject {
    plan::Register reg;
    Type type;
};

std::vector<Subject> subjects() {
    std::vector<Subject> all{{reg_of(Kind::count), Type::boolean}};
    for (const Type type : {Type::integer, Type::floating}) {
        all.push_back({reg_of(Kind::sum), type});
        all.push_back({reg_of(Kind::avg), type});
        for (const double share : {0.0, 0.3, 0.5, 0.99, 1.0}) {
            all.push_back({reg_of(Kind::quantile, share), type});
        }
    }
    for (const Type type : {Type::integer, Type::floating, Type::string}) {
        for (const Kind kind : {Kind::first, Kind::last, Kind::min, Kind::max, Kind::distinct}) {
            all.push_back({reg_of(kind), type});
        }
    }
    return all;
}

/// Random adding and taking away, as the order allows it; the definition is asked after each step.
void check_against_definition(Order order, int seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto below = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    const PartitionTable partitions;
    for (const Subject& subject : subjects()) {
        const auto accumulator = make_accumulator(subject.reg, subject.type, order, partitions);
        std::deque<Placed> there;
        std::vector<std::uint64_t> unused;
        for (std::uint64_t i = 0; i < 40; ++i) {
            unused.push_back(i);
        }
        for (int step = 0; step < 60; ++step) {
            const bool take_away = order != Order::growing && !there.empty() && (unused.empty() || below(3) == 0);
            if (take_away) {
                const auto gone = there.begin() + (order == Order::queue ? 0 : below(static_cast<int>(there.size())));
                accumulator->remove(gone->value, gone->at);
                there.erase(gone);
            } else if (!unused.empty()) {
                const auto next = unused.begin() + (order == Order::any ? below(static_cast<int>(unused.size())) : 0);
                there.push_back({some_value(subject.type, below(25) - 12), place(*next)});
                unused.erase(next);
                accumulator->add(there.back().value, there.back().at);
            }
            const std::string expected = by_definition(subject.reg, {there.begin(), there.end()});
            const bool empty_float_sum = there.empty() && subject.reg.kind == Kind::sum;
            RC_ASSERT(empty_float_sum || json(accumulator->value()) == expected);
        }
    }
}

void check_property(const std::string& name, Order order) {
    const bool holds = rc::check(name, [order] { check_against_definition(order, *rc::gen::arbitrary<int>()); });
    CHECK(holds);
}

TEST_CASE("aggregates of growing windows are what they are defined to be") { check_property("growing", Order::growing); }
TEST_CASE("aggregates of queues are what they are defined to be") { check_property("queue", Order::queue); }
TEST_CASE("aggregates in any order are what they are defined to be") { check_property("any order", Order::any); }

Value sum_of(const std::vector<std::int64_t>& numbers, bool& overflowed) {
    const PartitionTable partitions;
    const auto sum = make_accumulator(reg_of(Kind::sum), Type::integer, Order::any, partitions);
    for (const std::int64_t number : numbers) {
        sum->add(Value::of_int(number), {});
    }
    overflowed = sum->overflowed();
    return sum->value();
}

TEST_CASE("a sum of integers is null only where the sum itself is out of range, in whatever order it came to be") {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    bool overflowed = false;
    CHECK(sum_of({kMost, 1}, overflowed).is_null());
    CHECK(overflowed);
    CHECK(json(sum_of({kMost, kMost, -kMost}, overflowed)) == "9223372036854775807");
    CHECK_FALSE(overflowed);
}

TEST_CASE("a sum of floats forgets what has been taken away, however large it was") {
    const PartitionTable partitions;
    const auto sum = make_accumulator(reg_of(Kind::sum), Type::floating, Order::any, partitions);
    sum->add(Value::of_float(0.1), {});
    sum->add(Value::of_float(1e300), {});
    sum->add(Value::of_float(0.2), {});
    sum->remove(Value::of_float(1e300), {});
    CHECK(json(sum->value()) == "0.30000000000000004");
    sum->remove(Value::of_float(0.1), {});
    CHECK(json(sum->value()) == "0.2");
}

TEST_CASE("an average of durations is a duration, rounded to a microsecond") {
    const PartitionTable partitions;
    const auto average = make_accumulator(reg_of(Kind::avg), Type::duration, Order::growing, partitions);
    for (const int micros : {1, 2, 2}) {
        average->add(Value::of_duration(Duration(micros)), {});
    }
    CHECK(average->value().type() == Type::duration);
    CHECK(average->value().as_duration() == Duration(2));
}

TEST_CASE("the middle of a bucket is at most the 128th part of a number away from it") {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> exponent(-1070, 1023);
    for (int i = 0; i < 100'000; ++i) {
        const double x = std::exp2(exponent(random)) * (i % 2 == 0 ? 1 : -1);
        const double middle = bucket_middle(x);
        if (std::fabs(x) > 1e-300 && std::fabs(middle - x) > std::fabs(x) / 128) {
            FAIL(x << " becomes " << middle);
        }
        if (std::isnan(middle) || std::isinf(middle) || std::signbit(middle) != std::signbit(x)) {
            FAIL(x << " becomes " << middle);
        }
    }
    CHECK(bucket_middle(0) == 0);
}

TEST_CASE("an approximate quantile is at most the 128th part away from the exact one, of whole numbers below 128 not at all") {
    const PartitionTable partitions;
    std::mt19937 random(11);
    for (const int most : {127, 1'000'000}) {
        for (const double share : {0.0, 0.5, 0.9, 0.99, 1.0}) {
            const auto exact = make_accumulator(reg_of(Kind::quantile, share), Type::integer, Order::any, partitions);
            const auto sketch = make_accumulator(reg_of(Kind::quantile, share, true), Type::integer, Order::any, partitions);
            std::vector<std::int64_t> numbers;
            for (int i = 0; i < 2'000; ++i) {
                numbers.push_back(static_cast<std::int64_t>(random() % static_cast<unsigned>(most)) - most / 3);
                exact->add(Value::of_int(numbers.back()), {});
                sketch->add(Value::of_int(numbers.back()), {});
            }
            for (int i = 0; i < 700; ++i) {
                exact->remove(Value::of_int(numbers[static_cast<std::size_t>(i)]), {});
                sketch->remove(Value::of_int(numbers[static_cast<std::size_t>(i)]), {});
            }
            const auto expected = static_cast<double>(exact->value().as_int());
            const auto given = static_cast<double>(sketch->value().as_int());
            INFO(share << " of numbers up to " << most << ": " << expected << ", " << given);
            CHECK(std::fabs(given - expected) <= (most < 128 ? 0 : std::fabs(expected) / 128));
        }
    }
}

}  // namespace
}  // namespace tocsin::matcher
