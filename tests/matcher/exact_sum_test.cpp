#include "exact_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <rapidcheck.h>

#include "support/test.hpp"
#include "windows/deviation.hpp"

namespace tocsin::matcher {
namespace {

double sum_of(const std::vector<double>& numbers) {
    ExactSum sum;
    for (const double number : numbers) {
        sum.add(number);
    }
    return sum.value();
}

/// Of magnitudes from 1e-30 to 1e30, both signs.
std::vector<double> wild_numbers(unsigned seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> mantissa(-1, 1);
    std::uniform_int_distribution<int> exponent(-100, 100);
    std::vector<double> numbers;
    for (int i = 0; i < 200; ++i) {
        numbers.push_back(std::ldexp(mantissa(random), exponent(random)));
    }
    return numbers;
}

/// The oracle: a sum as one whole number of 2^-1074, the smallest that a double can be apart from 0, rounded when it is read.
class WholeSum {
public:
    void add(double x) {
        int exponent = 0;
        const double fraction = std::frexp(std::fabs(x), &exponent);
        // |x| = mantissa * 2^shift in the unit; below 2^-1022 the lowest bits of the mantissa are 0.
        auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
        int shift = exponent - 53 + 1074;
        for (; shift < 0; ++shift) {
            mantissa /= 2;
        }
        for (int bit = 0; bit < 53; ++bit) {
            const auto at = static_cast<std::size_t>(shift + bit);
            digits_[at / 16] += ((mantissa >> bit) & 1U) == 0 ? 0 : std::int64_t{x < 0 ? -1 : 1} << (at % 16);
        }
    }

    [[nodiscard]] double value() const {
        auto digits = digits_;
        carry(digits);
        const bool negative = digits.back() < 0;
        if (negative) {
            std::ranges::transform(digits, digits.begin(), [](std::int64_t digit) { return -digit; });
            carry(digits);
        }
        const auto bit = [&](int at) { return at >= 0 && ((digits[static_cast<std::size_t>(at / 16)] >> (at % 16)) & 1) != 0; };
        int top = static_cast<int>(digits.size()) * 16 - 1;
        while (top >= 0 && !bit(top)) {
            --top;
        }
        const int lowest = std::max(top - 52, 0);
        std::uint64_t mantissa = 0;
        for (int at = top; at >= lowest; --at) {
            mantissa = mantissa * 2 + (bit(at) ? 1 : 0);
        }
        bool rest = false;
        for (int at = 0; at < lowest - 1; ++at) {
            rest |= bit(at);
        }
        mantissa += bit(lowest - 1) && (rest || mantissa % 2 == 1) ? 1U : 0U;
        const double value = std::ldexp(static_cast<double>(mantissa), lowest - 1074);
        return negative ? -value : value;
    }

private:
    using Digits = std::array<std::int64_t, 140>;  // of 16 bits, the last with the sign

    static void carry(Digits& digits) {
        for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
            const std::int64_t over = digits[i] >> 16;
            digits[i] -= over * 65536;
            digits[i + 1] += over;
        }
    }

    Digits digits_{};
};

double whole_sum_of(const std::vector<double>& numbers) {
    WholeSum sum;
    for (const double number : numbers) {
        sum.add(number);
    }
    return sum.value();
}

/// Many at the upper end of the range, some at the lower, and some that cancel others.
std::vector<double> extreme_numbers() {
    std::vector<double> numbers;
    const auto count = *rc::gen::inRange<int>(1, 24);
    for (int i = 0; i < count; ++i) {
        const double fraction =
            1 + std::ldexp(static_cast<double>(*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 52)), -52);
        const int exponent = *rc::gen::weightedOneOf<int>({{5, rc::gen::inRange(1019, 1024)},
                                                           {2, rc::gen::inRange(960, 975)},
                                                           {1, rc::gen::inRange(-10, 10)},
                                                           {1, rc::gen::inRange(-1080, -1015)}});
        const bool round = *rc::gen::arbitrary<bool>();
        const double number = std::ldexp(round ? 1 : fraction, exponent);
        numbers.push_back(*rc::gen::arbitrary<bool>() ? number : -number);
        if (*rc::gen::inRange(0, 3) == 0) {
            numbers.push_back(-numbers[*rc::gen::inRange<std::size_t>(0, numbers.size())]);
        }
    }
    return numbers;
}

constexpr double kMax = std::numeric_limits<double>::max();

TEST_CASE("the sum of nothing is 0") { CHECK(ExactSum().value() == 0); }

TEST_CASE("a small number survives large ones that cancel") {
    CHECK(sum_of({1e100, 1.0, -1e100}) == 1.0);
    CHECK(sum_of({1.0, 1e100, 1.0, -1e100}) == 2.0);
}

TEST_CASE("ten times a tenth is one") { CHECK(sum_of(std::vector<double>(10, 0.1)) == 1.0); }

TEST_CASE("the sum does not depend on the order of adding") {
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::vector<double> numbers = wild_numbers(seed);
        const double expected = sum_of(numbers);
        std::mt19937_64 random(seed + 1000);
        for (int i = 0; i < 5; ++i) {
            std::shuffle(numbers.begin(), numbers.end(), random);
            REQUIRE(sum_of(numbers) == expected);
        }
    }
}

TEST_CASE("taking away what was added leaves what was there before") {
    const std::vector<double> numbers = wild_numbers(7);
    ExactSum sum;
    sum.add(0.1);
    for (const double number : numbers) {
        sum.add(number);
    }
    for (const double number : numbers) {
        sum.add(-number);
    }
    CHECK(sum.value() == 0.1);
}

TEST_CASE("a tie is rounded to even") { CHECK(sum_of({0x1p53, 1.0}) == 0x1p53); }

TEST_CASE("half a unit and anything more is rounded up") {
    CHECK(sum_of({0x1p53, 1.0, 0x1p-200}) == 0x1p53 + 2);
    CHECK(sum_of({-0x1p53, -1.0, -0x1p-200}) == -0x1p53 - 2);
}

TEST_CASE("half a unit and anything less is rounded down") { CHECK(sum_of({0x1p53 + 2, 1.0, -0x1p-200}) == 0x1p53 + 2); }

TEST_CASE("only the total has to be in range") {
    CHECK(sum_of({1e308, 1e308, -1e308}) == 1e308);
    CHECK(sum_of({-1e308, -1e308, -1e308, 1e308, 1e308}) == -1e308);
    CHECK(sum_of({kMax, kMax, kMax, kMax, -kMax, -kMax, -kMax, 5e-324}) == kMax);
    CHECK(sum_of({1e308, 1e308, -1e308, -1e308, 5e-324}) == 5e-324);
    CHECK(sum_of({1e308, 1e308}) == HUGE_VAL);
    CHECK(sum_of({-1e308, -1e308}) == -HUGE_VAL);
}

TEST_CASE("of what lies far below a large sum only the sign shows") {
    CHECK(sum_of({0x1p1023, 0x1p970, 0x1p-1074}) == 0x1.0000000000001p1023);
    CHECK(sum_of({0x1p1000, 0x1p947, 0x1p-1074}) == 0x1.0000000000001p1000);
    CHECK(sum_of({0x1p1000, 0x1p947}) == 0x1p1000);
}

TEST_CASE("a total half a unit above the largest number is out of range, and anything less is not") {
    CHECK(sum_of({kMax, 0x1p970}) == HUGE_VAL);
    CHECK(sum_of({kMax, 0x1p970, -5e-324}) == kMax);
    CHECK(sum_of({kMax, 0x1p969}) == kMax);
}

TEST_CASE("a number that is not finite stays to be seen") {
    CHECK_FALSE(std::isfinite(sum_of({HUGE_VAL, 1.0})));
    CHECK_FALSE(std::isfinite(sum_of({1.0, HUGE_VAL, -HUGE_VAL})));
    CHECK_FALSE(std::isfinite(sum_of({HUGE_VAL, -1e308, -1e308, -1e308})));
}

TEST_CASE("the sum is the one that whole numbers give, in any order, at the ends of the range too") {
    const bool ok = rc::check([] {
        std::vector<double> numbers = extreme_numbers();
        const double expected = whole_sum_of(numbers);
        RC_TAG(std::isinf(expected) ? "out of range" : "in range");
        RC_ASSERT(sum_of(numbers) == expected);
        std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
        std::shuffle(numbers.begin(), numbers.end(), random);
        RC_ASSERT(sum_of(numbers) == expected);
    });
    CHECK(ok);
}

TEST_CASE("a sliding sum is the sum of what is in the window, at the ends of the range too") {
    const bool ok = rc::check([] {
        const std::vector<double> numbers = extreme_numbers();
        const auto size = *rc::gen::inRange<std::size_t>(1, 8);
        ExactSum sliding;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            sliding.add(numbers[i]);
            if (i >= size) {
                sliding.add(-numbers[i - size]);
            }
            const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(i >= size ? i - size + 1 : 0);
            RC_ASSERT(sliding.value() == whole_sum_of({begin, numbers.begin() + static_cast<std::ptrdiff_t>(i) + 1}));
        }
    });
    CHECK(ok);
}

TEST_CASE("subnormal numbers are added without loss") { CHECK(sum_of({0x1p-1074, 0x1p-1074, 1.0, -1.0}) == 0x1p-1073); }

TEST_CASE("a deviation whose squares add up to more than a double holds is not finite") {
    Deviation deviation;
    for (int i = 0; i < 20'000; ++i) {
        deviation.add(i % 2 == 0 ? 1e150 : -1e150);
    }
    CHECK(std::isinf(deviation.value()));
    for (int i = 0; i < 19'998; ++i) {
        deviation.remove(i % 2 == 0 ? 1e150 : -1e150);
    }
    CHECK(deviation.value() == 1e150);
}

}  // namespace
}  // namespace tocsin::matcher
