#pragma once

#include <cstdint>
#include <vector>

namespace tocsin::matcher {

/// A sum of doubles without error, rounded once when it is read: the order of adding does not show.
/// Non-overlapping partial sums after J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust
/// Geometric Predicates", Discrete & Computational Geometry 18 (1997), section 2.4, with what goes over the range of a double
/// on the way counted beside them: only the total has to be in range. Taking a number away is adding its negative.
/// Cost: O(partials) an addition; there are seldom more than three.
class ExactSum {
public:
    void add(double x);
    /// The nearest double to the true sum (ties to even); infinite if that is out of range, and not finite for ever once a
    /// number was not.
    [[nodiscard]] double value() const;

    template <class Archive>
    void archive(Archive& a) {
        a(partials_, wraps_);
    }

private:
    /// Without the wraps.
    [[nodiscard]] double rounded() const;

    std::vector<double> partials_;      ///< in increasing magnitude, not overlapping
    std::int64_t wraps_{0};  ///< how often 2^1024 comes on top; if it is not 0, the sum is beyond ±2^1023
};

}  // namespace tocsin::matcher
