// Products are split into their rounded value and the rest by a fused multiply-add: T. J. Dekker, "A floating-point technique
// for extending the available precision", Numerische Mathematik 18 (1971), in its later form.

#include "deviation.hpp"

#include <cmath>
#include <vector>

namespace tocsin::matcher {
namespace {

constexpr double kLargestToSquare = 1e150;

void add_product(ExactSum& sum, double a, double b) {
    const double product = a * b;
    sum.add(product);
    sum.add(std::fma(a, b, -product));
}

/// Numbers that add up to exactly the sum, the largest first.
std::vector<double> parts_of(ExactSum sum) {
    std::vector<double> parts;
    for (double part = sum.value(); part != 0; part = sum.value()) {
        parts.push_back(part);
        sum.add(-part);
    }
    return parts;
}

}  // namespace

void Deviation::take(double x, int sign) {
    count_ = sign > 0 ? count_ + 1 : count_ - 1;
    if (std::fabs(x) > kLargestToSquare) {
        too_large_ = sign > 0 ? too_large_ + 1 : too_large_ - 1;
        return;
    }
    sum_.add(sign * x);
    add_product(squares_, sign * x, x);
}

double Deviation::value() const {
    if (too_large_ > 0) {
        return HUGE_VAL;
    }
    const auto n = static_cast<double>(count_);
    // The largest number that comes up: (Σx)² is not above n·Σx².
    if (!std::isfinite(n * squares_.value())) {
        return HUGE_VAL;
    }
    ExactSum spread;
    for (const double square : parts_of(squares_)) {
        add_product(spread, n, square);
    }
    const std::vector<double> sums = parts_of(sum_);
    for (const double a : sums) {
        for (const double b : sums) {
            add_product(spread, -a, b);
        }
    }
    return std::sqrt(std::fmax(spread.value(), 0)) / n;
}

}  // namespace tocsin::matcher
