#pragma once

#include <vector>

namespace tocsin::matcher {

/// A sum of doubles without error, rounded once when it is read: the order of adding does not show.
/// Non-overlapping partial sums after J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust
/// Geometric Predicates", Discrete & Computational Geometry 18 (1997), section 2.4. Taking a number away is adding its
/// negative. Cost: O(partials) an addition; there are seldom more than three.
class ExactSum {
public:
    /// Requires: x is finite.
    void add(double x);
    /// The nearest double to the true sum (ties to even); not finite if that is beyond the range of doubles.
    [[nodiscard]] double value() const;

private:
    /// In increasing magnitude, not overlapping.
    using Partials = std::vector<double>;
    static void add(Partials& partials, double x);
    [[nodiscard]] static double rounded(const Partials& partials);

    Partials partials_;
    Partials large_;        ///< of numbers so large that a partial sum might leave the range: kept scaled down
};

}  // namespace tocsin::matcher
