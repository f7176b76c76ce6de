#include "windows/deviation.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

Deviation deviation_of(const std::vector<double>& numbers) {
    Deviation deviation;
    for (const double number : numbers) {
        deviation.add(number);
    }
    return deviation;
}

TEST_CASE("a deviation kept up to date is that of the whole population") {
    CHECK(deviation_of({2, 4, 4, 4, 5, 5, 7, 9}).value() == 2);
    CHECK(deviation_of({3}).value() == 0);
    CHECK(deviation_of({-1, 1}).value() == 1);
}

TEST_CASE("numbers close to each other and far from zero lose no digits") {
    // In plain doubles, Σx² - (Σx)²/n of these is 0 or negative.
    CHECK(deviation_of({1e15 + 1, 1e15 + 2, 1e15 + 3}).value() == Approx(std::sqrt(2.0 / 3)).epsilon(1e-15));
    CHECK(deviation_of({1e15, 1e15, 1e15}).value() == 0);
    CHECK(deviation_of({0.1, 0.1, 0.1}).value() == 0);
}

TEST_CASE("what came and went does not show, to the last digit") {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> exponent(-40, 40);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> stay;
        std::vector<double> go;
        for (int i = 0; i < 20; ++i) {
            stay.push_back(std::exp2(exponent(random)));
            go.push_back(-std::exp2(exponent(random) * 3));
        }
        Deviation mixed;
        for (int i = 19; i >= 0; --i) {
            mixed.add(go[static_cast<std::size_t>(i)]);
            mixed.add(stay[static_cast<std::size_t>(i)]);
        }
        for (const double gone : go) {
            mixed.remove(gone);
        }
        CHECK(mixed.value() == deviation_of(stay).value());
    }
}

TEST_CASE("a number whose square is out of range makes the deviation infinite as long as it is there") {
    Deviation deviation = deviation_of({1, 3, 1e200});
    CHECK(std::isinf(deviation.value()));
    deviation.remove(1e200);
    CHECK(deviation.value() == 1);
}

}  // namespace
}  // namespace tocsin::matcher
