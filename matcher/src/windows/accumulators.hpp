#pragma once

#include <memory>

#include <tocsin/base/archive.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// How the events of a window come and go.
enum class Order : std::uint8_t {
    growing,  ///< in the order of events; none goes
    queue,  ///< in the order of events; the earliest goes first
    any,  ///< in any order, both ways
};

/// One aggregate over the events of one window. What it gives depends on the events that are in it and on nothing else: not
/// on the order in which they came, nor on what came and went meanwhile. Owned by one shard.
///
/// Cost of add and remove: constant, or O(log events) where the values are kept in order (quantile; min, max, first and last
/// in any order); amortised constant for min and max of a queue.
class Accumulator {
public:
    Accumulator() = default;
    Accumulator(const Accumulator&) = delete;
    Accumulator& operator=(const Accumulator&) = delete;
    virtual ~Accumulator() = default;

    /// Requires: the value is not null.
    virtual void add(const event::Value& value, const Position& at) = 0;
    /// Takes back what was added. Requires: the order allows it.
    virtual void remove(const event::Value& value, const Position& at) = 0;
    /// Strings live until the next change.
    [[nodiscard]] virtual event::Value value() const = 0;
    /// The value is null because it is out of range.
    [[nodiscard]] virtual bool overflowed() const { return false; }

    virtual void save(StateWriter& out) = 0;
    virtual void restore(StateReader& in) = 0;
};

/// The accumulator that a register needs for values of `type`. `partitions` outlives it.
[[nodiscard]] std::unique_ptr<Accumulator> make_accumulator(const plan::Register& reg, event::Type type, Order order,
                                                            const PartitionTable& partitions);

/// What `quantile~` makes of a number: the middle of its bucket. Each range from one power of two to the next is cut into 64
/// buckets of equal width, so no value moves by more than its 128th part (0.8 %). After C. Masson, J. E. Rim, H. K. Lee,
/// "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", PVLDB 12(12), 2019, section 2, with
/// their linear interpolation between powers of two in place of the logarithm, whose last digit differs between machines. A
/// double has at most 2 × 2,098 × 64 buckets; a span of a million to one has 1,276.
[[nodiscard]] double bucket_middle(double x);

}  // namespace tocsin::matcher
