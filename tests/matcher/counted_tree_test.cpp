#include "windows/counted_tree.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using event::Value;

TEST_CASE("a counted tree gives each rank what a sorted list gives, whatever came and went") {
    for (const int different : {1, 5, 300}) {
        std::mt19937 random(static_cast<unsigned>(different));
        CountedTree tree;
        std::vector<std::int64_t> list;
        for (int step = 0; step < 3'000; ++step) {
            if (!list.empty() && random() % 5 < 2) {
                const auto gone = list.begin() + static_cast<std::ptrdiff_t>(random() % list.size());
                tree.erase(Value::of_int(*gone));
                list.erase(gone);
            } else {
                const auto value = static_cast<std::int64_t>(random() % static_cast<unsigned>(different));
                tree.insert(Value::of_int(value));
                list.insert(std::lower_bound(list.begin(), list.end(), value), value);
            }
            REQUIRE(tree.size() == list.size());
            if (!list.empty()) {
                const std::size_t rank = random() % list.size();
                REQUIRE(tree.at(rank).as_int() == list[rank]);
            }
        }
    }
}

TEST_CASE("a counted tree of sorted values is no list") {
    // A million values in order would take minutes, and overflow the stack, if they became one long branch.
    CountedTree tree;
    for (std::int64_t i = 0; i < 200'000; ++i) {
        tree.insert(Value::of_int(i));
    }
    CHECK(tree.at(123'456).as_int() == 123'456);
    for (std::int64_t i = 0; i < 200'000; ++i) {
        tree.erase(Value::of_int(i));
    }
    CHECK(tree.size() == 0);
}

}  // namespace
}  // namespace tocsin::matcher
