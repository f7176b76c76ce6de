#pragma once

#include <cstdint>

#include "../exact_sum.hpp"

namespace tocsin::matcher {

/// Population standard deviation of numbers that come and go. The sums of the numbers and of their squares are kept without
/// error, and so is n·Σx² - (Σx)², which is rounded once: the result has full precision however close the numbers are to each
/// other, and the order of adding and taking away does not show. Squares outside the range of a double (beyond about
/// 1e±150) make it infinite, or lose digits.
class Deviation {
public:
    void add(double x) { take(x, 1); }
    void remove(double x) { take(x, -1); }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    /// Not finite where a square is out of range. Requires: count() > 0.
    [[nodiscard]] double value() const;

    template <class Archive>
    void archive(Archive& a) {
        a(count_, too_large_, sum_, squares_);
    }

private:
    void take(double x, int sign);

    std::uint64_t count_{0};
    std::uint64_t too_large_{0};  ///< numbers whose squares no double holds
    ExactSum sum_;
    ExactSum squares_;
};

}  // namespace tocsin::matcher
