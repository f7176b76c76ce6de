#include "exact_sum.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace tocsin::matcher {

namespace {
constexpr double kHalfWrap = 0x1p1023;
constexpr double kSmallestToQuarter = 0x1p-960;
}  // namespace

void ExactSum::add(double x) {
    std::size_t kept = 0;
    for (double y : partials_) {
        if (std::fabs(x) < std::fabs(y)) {
            std::swap(x, y);
        }
        double high = x + y;
        if (std::isinf(high)) [[unlikely]] {
            // Both have one sign, and the larger is at least 2^1023: both differences are exact.
            const double half = std::copysign(kHalfWrap, high);
            wraps_ += high > 0 ? 1 : -1;
            x = (x - half) - half;
            if (std::fabs(x) < std::fabs(y)) {
                std::swap(x, y);
            }
            high = x + y;
        }
        const double low = y - (high - x);
        if (low != 0) {
            partials_[kept++] = low;
        }
        x = high;
    }
    partials_.resize(kept);
    partials_.push_back(x);
    if (wraps_ != 0 && std::fabs(x) >= kHalfWrap && (x < 0) == (wraps_ > 0)) [[unlikely]] {
        const double half = std::copysign(kHalfWrap, -x);
        wraps_ -= x < 0 ? 1 : -1;
        add(half);
        add(half);
    }
}

/// A sum that is beyond ±2^1023 is rounded as a quarter of it, which no double of the sum goes over.
double ExactSum::value() const {
    if (wraps_ == 0) [[likely]] {
        return rounded();
    }
    if (wraps_ > 1 || wraps_ < -1) {
        return std::copysign(HUGE_VAL, static_cast<double>(wraps_));
    }
    ExactSum quarter;
    for (const double part : partials_) {
        // The smallest numbers cannot be quartered; of what lies so far below, only the sign shows.
        quarter.add(std::fabs(part) < kSmallestToQuarter ? part : part / 4);
    }
    quarter.add(std::copysign(kHalfWrap / 2, static_cast<double>(wraps_)));
    return quarter.rounded() * 4;
}

double ExactSum::rounded() const {
    std::size_t n = partials_.size();
    if (n == 0) {
        return 0;
    }
    double high = partials_[--n];
    double low = 0;
    while (n > 0) {
        const double x = high;
        const double y = partials_[--n];
        high = x + y;
        low = y - (high - x);
        if (low != 0) {
            break;
        }
    }
    // What lies below decides a tie: half an ulp and something more is rounded up.
    if (n > 0 && ((low < 0 && partials_[n - 1] < 0) || (low > 0 && partials_[n - 1] > 0))) {
        const double y = low * 2;
        const double x = high + y;
        if (y == x - high) {
            high = x;
        }
    }
    return high;
}

}  // namespace tocsin::matcher
