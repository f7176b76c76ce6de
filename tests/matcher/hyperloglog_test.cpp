#include "windows/hyperloglog.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

TEST_CASE("an estimate is within five standard errors, from none to a million") {
    std::mt19937_64 random(5);
    HyperLogLog sketch;
    CHECK(sketch.estimate() == 0);
    std::uint64_t added = 0;
    for (const std::uint64_t wanted : {1U, 10U, 100U, 1'000U, 3'000U, 10'000U, 100'000U, 1'000'000U}) {
        for (; added < wanted; ++added) {
            sketch.add(random());
        }
        const auto exact = static_cast<double>(wanted);
        INFO(wanted << " estimated as " << sketch.estimate());
        CHECK(std::fabs(static_cast<double>(sketch.estimate()) - exact) <= 0.5 + 5 * 0.01625 * exact);
    }
}

TEST_CASE("the mean error over many sketches is what the theory says") {
    std::mt19937_64 random(6);
    double squares = 0;
    double errors = 0;
    constexpr int kSketches = 200;
    for (int i = 0; i < kSketches; ++i) {
        HyperLogLog sketch;
        for (int n = 0; n < 20'000; ++n) {
            sketch.add(random());
        }
        const double error = static_cast<double>(sketch.estimate()) / 20'000 - 1;
        squares += error * error;
        errors += error;
    }
    CHECK(std::sqrt(squares / kSketches) < 0.020);
    CHECK(std::fabs(errors / kSketches) < 0.004);
}

TEST_CASE("adding a value again changes nothing, and the order of adding does not show") {
    std::mt19937_64 random(8);
    std::vector<std::uint64_t> hashes;
    HyperLogLog forwards;
    for (int i = 0; i < 5'000; ++i) {
        hashes.push_back(random());
        forwards.add(hashes.back());
        forwards.add(hashes[static_cast<std::size_t>(i / 2)]);
    }
    HyperLogLog backwards;
    for (auto hash = hashes.rbegin(); hash != hashes.rend(); ++hash) {
        backwards.add(*hash);
    }
    CHECK(forwards.estimate() == backwards.estimate());
}

TEST_CASE("a counted sketch estimates what a growing one estimates of what is there") {
    std::mt19937_64 random(9);
    CountedHyperLogLog counted;
    CHECK(counted.estimate() == 0);
    std::vector<std::uint64_t> there;
    for (int step = 0; step < 30'000; ++step) {
        const bool goes = !there.empty() && random() % 5 < 2;
        if (goes) {
            const std::size_t gone = random() % there.size();
            counted.remove(there[gone]);
            there[gone] = there.back();
            there.pop_back();
        } else {
            there.push_back(random() % 50'000 * 0x9e3779b97f4a7c15ULL);
            counted.add(there.back());
        }
        if (step % 500 == 0) {
            HyperLogLog fresh;
            for (const std::uint64_t hash : there) {
                fresh.add(hash);
            }
            CHECK(counted.estimate() == fresh.estimate());
        }
    }
    for (const std::uint64_t hash : there) {
        counted.remove(hash);
    }
    CHECK(counted.estimate() == 0);
}

}  // namespace
}  // namespace tocsin::matcher
