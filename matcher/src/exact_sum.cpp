#include "exact_sum.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace tocsin::matcher {

void ExactSum::add(double x) {
    std::size_t kept = 0;
    for (double y : partials_) {
        if (std::fabs(x) < std::fabs(y)) {
            std::swap(x, y);
        }
        const double high = x + y;
        const double low = y - (high - x);
        if (low != 0) {
            partials_[kept++] = low;
        }
        x = high;
    }
    partials_.resize(kept);
    partials_.push_back(x);
}

double ExactSum::value() const {
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
