#include <tocsin/matcher/position.hpp>

#include <algorithm>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

/// The names in the order of their ranks, interned in the order given.
std::vector<std::string> ranked(const std::vector<std::string>& names) {
    PartitionTable table;
    std::vector<PartitionId> ids;
    for (const std::string& name : names) {
        ids.push_back(table.intern(name));
    }
    std::sort(ids.begin(), ids.end(), [&](PartitionId a, PartitionId b) { return table.rank(a) < table.rank(b); });
    std::vector<std::string> sorted;
    for (const PartitionId id : ids) {
        sorted.emplace_back(table.name(id));
    }
    return sorted;
}

Position at(std::int64_t time, std::uint32_t input = 0, PartitionId partition = {}, std::uint64_t offset = 0,
            std::uint64_t arrival = 0) {
    return {EventTime(time), event::InputId{input}, partition, offset, arrival};
}

TEST_CASE("partitions that are numbers are in order of their numbers") {
    CHECK(ranked({"10", "9", "100", "0"}) == std::vector<std::string>{"0", "9", "10", "100"});
}

TEST_CASE("other partitions are in order of their bytes") {
    CHECK(ranked({"b", "a", "B", "é"}) == std::vector<std::string>{"B", "a", "b", "é"});
}

TEST_CASE("numbers come before other partitions") {
    CHECK(ranked({"-1", "2", "", "x", "1x", "30"}) == std::vector<std::string>{"2", "30", "", "-1", "1x", "x"});
}

TEST_CASE("two ways to write one number are two partitions") {
    CHECK(ranked({"1", "01"}) == std::vector<std::string>{"01", "1"});
}

TEST_CASE("a number too long for 64 bits counts as text") {
    CHECK(ranked({"99999999999999999999", "5"}) == std::vector<std::string>{"5", "99999999999999999999"});
}

TEST_CASE("a partition has one id however often it is named") {
    PartitionTable table;
    const PartitionId first = table.intern("p");
    (void)table.intern("q");
    CHECK(table.intern("p") == first);
}

TEST_CASE("a new partition does not change the order of those before") {
    PartitionTable table;
    const PartitionId nine = table.intern("9");
    const PartitionId ten = table.intern("10");
    REQUIRE(table.rank(nine) < table.rank(ten));
    (void)table.intern("1");
    (void)table.intern("9a");
    CHECK(table.rank(nine) < table.rank(ten));
}

TEST_CASE("events are ordered by time, then input, then partition, then offset, then arrival") {
    PartitionTable table;
    const PartitionId ten = table.intern("10");
    const PartitionId nine = table.intern("9");
    CHECK((compare(at(1, 9, ten, 9, 9), at(2, 0, nine, 0, 0), table) < 0));
    CHECK((compare(at(1, 0, ten, 9, 9), at(1, 1, nine, 0, 0), table) < 0));
    CHECK((compare(at(1, 0, nine, 9, 9), at(1, 0, ten, 0, 0), table) < 0));
    CHECK((compare(at(1, 0, ten, 3, 9), at(1, 0, ten, 4, 0), table) < 0));
    CHECK((compare(at(1, 0, ten, 3, 1), at(1, 0, ten, 3, 2), table) < 0));
}

TEST_CASE("a place is equal to itself") {
    PartitionTable table;
    const PartitionId id = table.intern("0");
    CHECK((compare(at(1, 2, id, 3, 4), at(1, 2, id, 3, 4), table) == 0));
}

}  // namespace
}  // namespace tocsin::matcher
