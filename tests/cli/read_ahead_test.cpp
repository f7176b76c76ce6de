#include "read_ahead.hpp"

#include <numeric>

#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;

namespace {

/// Gives 0 … count − 1, then the end or an error.
class Numbers {
public:
    Numbers(int count, bool broken) : count_(count), broken_(broken) {}
    Result<std::optional<int>> operator()() {
        if (next_ < count_) {
            return std::optional<int>(next_++);
        }
        if (broken_) {
            return fail(Errc::bad_data, "damaged");
        }
        return std::optional<int>{};
    }

private:
    int count_;
    bool broken_;
    int next_{0};
};

int busy_square(int n) {
    volatile int spin = (n * 7919) % 5000;
    while (spin > 0) {
        spin = spin - 1;
    }
    return n * n;
}

/// What comes next; an error ends the test.
std::optional<int> given(ReadAhead<int, int>& ahead, const std::atomic<bool>* interrupted = nullptr) {
    const auto next = ahead.next(interrupted);
    REQUIRE(next.has_value());
    return *next;
}

}  // namespace

TEST_CASE("results come in the order of reading, for any number of workers") {
    for (const unsigned workers : {0u, 1u, 2u, 7u}) {
        ReadAhead<int, int> ahead(Numbers(500, false), busy_square, workers, 2 * workers);
        for (int i = 0; i < 500; ++i) {
            REQUIRE(given(ahead) == i * i);
        }
        CHECK_FALSE(given(ahead));
        CHECK_FALSE(given(ahead));
    }
}

TEST_CASE("an error comes in its place, and then the end") {
    for (const unsigned workers : {0u, 3u}) {
        ReadAhead<int, int> ahead(Numbers(2, true), busy_square, workers, 6);
        CHECK(given(ahead) == 0);
        CHECK(given(ahead) == 1);
        const auto broken = ahead.next();
        REQUIRE_FALSE(broken);
        CHECK(broken.error().message == "damaged");
        CHECK_FALSE(given(ahead));
    }
}

TEST_CASE("no more is read ahead than the depth allows") {
    std::atomic<int> reads{0};
    ReadAhead<int, int> ahead([&reads]() -> Result<std::optional<int>> { return std::optional<int>(reads++); },
                              [](int n) { return n; }, 3, 4);
    REQUIRE(ahead.next());
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    CHECK(reads.load() <= 5);
}

TEST_CASE("an interrupt ends the wait for an input that keeps silent") {
    std::atomic<bool> interrupted{false};
    std::atomic<bool> release{false};
    ReadAhead<int, int> ahead(
        [&release]() -> Result<std::optional<int>> {
            while (!release.load()) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            return std::optional<int>{};
        },
        [](int n) { return n; }, 1, 2);
    interrupted.store(true);
    CHECK_FALSE(given(ahead, &interrupted));
    release.store(true);
}

TEST_CASE("giving up early waits for what is under way and drops it") {
    ReadAhead<int, int> ahead(Numbers(1'000'000, false), busy_square, 4, 8);
    CHECK(given(ahead) == 0);
}
