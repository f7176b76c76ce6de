#include <tocsin/matcher/table_store.hpp>

#include <array>
#include <string>
#include <vector>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using event::Value;

const PartitionTable& no_partitions() {
    static const PartitionTable kNone = [] {
        PartitionTable table;
        static_cast<void>(table.intern("0"));
        return table;
    }();
    return kNone;
}

EventTime s(std::int64_t seconds) { return EventTime::from_millis(seconds * 1000); }
Position at(std::int64_t seconds, std::uint64_t offset = 0) { return {s(seconds), {}, {}, offset, 0}; }

/// A table of a key and one text.
class Table {
public:
    std::vector<std::string> put(const std::string& key, std::int64_t seconds, const std::string& text,
                                 std::uint64_t offset = 0) {
        const std::array values{Value::of_string(key), Value::of_string(text)};
        return told(store_.apply(Value::of_string(key), at(seconds, offset), Row::of(values)));
    }
    std::vector<std::string> remove(const std::string& key, std::int64_t seconds) {
        return told(store_.apply(Value::of_string(key), at(seconds), nullptr));
    }
    [[nodiscard]] std::string as_of(const std::string& key, std::int64_t seconds) const {
        const Row* row = store_.as_of(Value::of_string(key), s(seconds));
        return row == nullptr ? "-" : std::string((*row)[1].as_string());
    }
    void compact(std::int64_t seconds) { store_.compact(s(seconds)); }
    [[nodiscard]] const TableStore& store() const { return store_; }

private:
    static std::string text(const RowPtr& row) { return row == nullptr ? "-" : std::string((*row)[1].as_string()); }
    static std::vector<std::string> told(const RowChanges& changes) {
        std::vector<std::string> out;
        const auto tell = [&](const std::vector<RowChange>& some, const std::string& sign) {
            for (const RowChange& one : some) {
                out.push_back(sign + text(one.before) + ">" + text(one.after) + "@" +
                              std::to_string(one.position.time.micros() / 1'000'000));
            }
        };
        tell(changes.removed, "less ");
        tell(changes.added, "more ");
        return out;
    }
    TableStore store_{no_partitions(), 2, {0, 1}};
};

using Told = std::vector<std::string>;

TEST_CASE("a row is found from its own time on until the next one's") {
    Table table;
    table.put("ann", 10, "gold");
    table.put("ann", 20, "silver");
    CHECK(table.as_of("ann", 9) == "-");
    CHECK(table.as_of("ann", 10) == "gold");
    CHECK(table.as_of("ann", 19) == "gold");
    CHECK(table.as_of("ann", 20) == "silver");
    CHECK(table.as_of("bob", 20) == "-");
}

TEST_CASE("of two rows of one time the later in the order of events counts, whichever came first") {
    Table table;
    table.put("ann", 10, "second", 2);
    table.put("ann", 10, "first", 1);
    CHECK(table.as_of("ann", 10) == "second");
}

TEST_CASE("a deleted row is none until the next one") {
    Table table;
    table.put("ann", 10, "gold");
    table.remove("ann", 20);
    table.put("ann", 30, "new");
    CHECK(table.as_of("ann", 25) == "-");
    CHECK(table.as_of("ann", 30) == "new");
}

TEST_CASE("rows in order are an insert, an update and a delete") {
    Table table;
    CHECK(table.put("ann", 10, "a") == Told{"more ->a@10"});
    CHECK(table.put("ann", 20, "b") == Told{"more a>b@20"});
    CHECK(table.remove("ann", 30) == Told{"more b>-@30"});
}

TEST_CASE("a row between two others puts two changes in the place of one") {
    Table table;
    table.put("ann", 10, "a");
    table.put("ann", 30, "c");
    CHECK(table.put("ann", 20, "b") == Told{"less a>c@30", "more a>b@20", "more b>c@30"});
}

TEST_CASE("a row before all others changes the insert") {
    Table table;
    table.put("ann", 20, "b");
    CHECK(table.put("ann", 10, "a") == Told{"less ->b@20", "more ->a@10", "more a>b@20"});
}

TEST_CASE("a row that is as the one before is no change, and is one once another comes between") {
    Table table;
    table.put("ann", 10, "a");
    CHECK(table.put("ann", 30, "a").empty());
    CHECK(table.put("ann", 20, "b") == Told{"more a>b@20", "more b>a@30"});
}

TEST_CASE("deleting what is not there is no change") {
    Table table;
    CHECK(table.remove("ann", 10).empty());
    CHECK(table.as_of("ann", 10) == "-");
}

TEST_CASE("compacting keeps what a look-up at the horizon or later sees") {
    Table table;
    for (const int second : {10, 20, 30, 40}) {
        table.put("ann", second, std::to_string(second));
    }
    table.compact(30);
    CHECK(table.as_of("ann", 29) == "20");
    CHECK(table.as_of("ann", 30) == "30");
    CHECK(table.as_of("ann", 40) == "40");
    CHECK(table.store().versions() == 3);
    table.compact(100);
    CHECK(table.store().versions() == 1);
    CHECK(table.as_of("ann", 100) == "40");
}

TEST_CASE("a row at the horizon can still be told apart from the one before") {
    Table table;
    table.put("ann", 10, "a", 1);
    table.put("ann", 20, "c", 9);
    table.compact(20);
    CHECK(table.put("ann", 20, "b", 5) == Told{"less a>c@20", "more a>b@20", "more b>c@20"});
}

TEST_CASE("nothing is kept of a key whose row was deleted before the horizon") {
    Table table;
    table.put("ann", 10, "a");
    table.remove("ann", 20);
    table.remove("bob", 20);
    table.compact(20);
    CHECK(table.store().keys() == 2);
    table.compact(21);
    CHECK(table.store().keys() == 0);
    CHECK(table.store().versions() == 0);
    CHECK(table.put("ann", 30, "again") == Told{"more ->again@30"});
}

TEST_CASE("an int finds the row of a float key that is the same number") {
    TableStore store(no_partitions(), 1, {0});
    const std::array values{Value::of_float(7)};
    static_cast<void>(store.apply(values[0], at(1), Row::of(values)));
    CHECK(store.as_of(Value::of_int(7), s(1)) != nullptr);
}

TEST_CASE("a row owns its strings") {
    RowPtr row;
    {
        const std::string text = "a text that is too long to be kept in place";
        const std::array values{Value::of_string(text), Value::of_string("x"), Value()};
        row = Row::of(values);
    }
    CHECK((*row)[0].as_string() == "a text that is too long to be kept in place");
    CHECK((*row)[1].as_string() == "x");
    CHECK((*row)[2].is_null());
}

}  // namespace
}  // namespace tocsin::matcher
