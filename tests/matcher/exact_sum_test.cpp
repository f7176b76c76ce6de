#include "exact_sum.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/test.hpp"

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

TEST_CASE("the sum of nothing is 0") { CHECK(ExactSum().value() == 0); }

TEST_CASE("a small number survives large ones that cancel") {
    CHECK(sum_of({1e100, 1.0, -1e100}) == 1.0);
    CHECK(sum_of({1.0, 1e100, 1.0, -1e100}) == 2.0);
}

TEST_CASE("a sum in range is right though a part of it is beyond the range") {
    CHECK(sum_of({1e308, 1e308, -1e308}) == 1e308);
    CHECK(sum_of({1e308, 1e308, -1e308, -1e308, 3.5}) == 3.5);
    CHECK(sum_of({0x1p1023, 0x1p970, 0x1p-1074}) == 0x1.0000000000001p1023);
    // Half a unit in the last place and the smallest number there is: up, and not to even.
    CHECK(sum_of({0x1p1000, 0x1p947, 0x1p-1074}) == 0x1.0000000000001p1000);
    CHECK(sum_of({0x1p1000, 0x1p947}) == 0x1p1000);
    CHECK_FALSE(std::isfinite(sum_of({1e308, 1e308})));
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

TEST_CASE("subnormal numbers are added without loss") { CHECK(sum_of({0x1p-1074, 0x1p-1074, 1.0, -1.0}) == 0x1p-1073); }

}  // namespace
}  // namespace tocsin::matcher
