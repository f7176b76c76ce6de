#include <tocsin/matcher/executor.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

TEST_CASE("an executor runs every task once") {
    for (const unsigned threads : {1U, 2U, 8U}) {
        const auto executor = make_executor(threads);
        std::vector<std::atomic<int>> runs(1000);
        executor->run(runs.size(), [&](std::size_t i) { ++runs[i]; });
        for (const auto& count : runs) {
            REQUIRE(count == 1);
        }
    }
}

TEST_CASE("what tasks wrote is there when run returns") {
    const auto executor = make_executor(4);
    for (int round = 0; round < 50; ++round) {
        std::vector<int> written(64, 0);
        executor->run(written.size(), [&](std::size_t i) { written[i] = round; });
        REQUIRE(written == std::vector<int>(64, round));
    }
}

TEST_CASE("no task is run where there is none") {
    for (const unsigned threads : {1U, 2U}) {
        int runs = 0;
        make_executor(threads)->run(0, [&](std::size_t) { ++runs; });
        CHECK(runs == 0);
    }
}

TEST_CASE("with one thread tasks run in the caller's thread and in order") {
    std::vector<std::size_t> order;
    std::vector<std::thread::id> ids;
    make_executor(1)->run(5, [&](std::size_t i) {
        order.push_back(i);
        ids.push_back(std::this_thread::get_id());
    });
    CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
    CHECK(ids == std::vector<std::thread::id>(5, std::this_thread::get_id()));
}

TEST_CASE("no threads asked for means one") {
    int runs = 0;
    make_executor(0)->run(3, [&](std::size_t) { ++runs; });
    CHECK(runs == 3);
}

}  // namespace
}  // namespace tocsin::matcher
