#pragma once

#include <vector>

namespace tocsin::matcher {

/// A sum of doubles without error, rounded once when it is read: the order of adding does not show.
/// Non-overlapping partial sums after J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust
/// Geometric Predicates", Discrete & Computational Geometry 18 (1997), section 2.4. Taking a number away is adding its
/// negative. Cost: O(partials) an addition; there are seldom more than three.
class ExactSum {
public:
    void add(double x);
    /// The nearest double to the true sum (ties to even); not finite if a partial sum overflowed.
    [[nodiscard]] double value() const;

private:
    std::vector<double> partials_;      ///< in increasing magnitude, not overlapping
};

}  // namespace tocsin::matcher
