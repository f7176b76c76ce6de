#include "exact_sum.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace tocsin::matcher {
namespace {

constexpr double kLarge = 0x1p900;
constexpr int kScale = 64;      ///< more than 2^64 numbers below 2^960 do not come

/// Scaled down as large numbers are. What would lose digits is so far below any large sum that its sign alone counts.
double scaled_down(double x) {
    const double scaled = std::ldexp(x, -kScale);
    return std::ldexp(scaled, kScale) == x ? scaled : std::copysign(std::numeric_limits<double>::denorm_min(), x);
}

}  // namespace

void ExactSum::add(double x) {
    if (std::fabs(x) < kLarge) {
        add(partials_, x);
    } else {
        add(large_, std::ldexp(x, -kScale));
    }
}

double ExactSum::value() const {
    if (large_.empty() || (large_.size() == 1 && large_.front() == 0)) {
        return rounded(partials_);
    }
    Partials all = large_;
    for (const double x : partials_) {
        add(all, scaled_down(x));
    }
    return std::ldexp(rounded(all), kScale);
}

void ExactSum::add(Partials& partials, double x) {
    std::size_t kept = 0;
    for (double y : partials) {
        if (std::fabs(x) < std::fabs(y)) {
            std::swap(x, y);
        }
        const double high = x + y;
        const double low = y - (high - x);
        if (low != 0) {
            partials[kept++] = low;
        }
        x = high;
    }
    partials.resize(kept);
    partials.push_back(x);
}

double ExactSum::rounded(const Partials& partials) {
    std::size_t n = partials.size();
    if (n == 0) {
        return 0;
    }
    double high = partials[--n];
    double low = 0;
    while (n > 0) {
        const double x = high;
        const double y = partials[--n];
        high = x + y;
        low = y - (high - x);
        if (low != 0) {
            break;
        }
    }
    // What lies below decides a tie: half an ulp and something more is rounded up.
    if (n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
        const double y = low * 2;
        const double x = high + y;
        if (y == x - high) {
            high = x;
        }
    }
    return high;
}

}  // namespace tocsin::matcher
