// Tables and views against the slowest way to have them: all rows in a list, every question answered by going through it, a view
// by two loops.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>

#include <tocsin/matcher/table_set.hpp>

#include "compiler/compiled.hpp"
#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using event::Value;
using plan::TableId;
using test::compiled;

constexpr int kKeys = 3;
constexpr int kTimes = 10;

/// `V` joins, `L` keeps what does not join, `W` is a view over a view.
const char* const kTables =
    "table A(id: int, x: int, v: int, ts: time)\n  key id\n  time ts\n"
    "table B(id: int, w: int, ts: time)\n  key id\n  time ts\n"
    "view V = A join B on A.x = B.id where A.v <= B.w\n"
    "view L = A left join B on A.x = B.id\n"
    "view W = L left join A on L.B.w = A.id where not (A.v = 2)\n"
    "rule r\n"
    "  lookup V as v on v.A.id = x\n"
    "  lookup W as w on w.L.A.id = x\n"
    "  when A[after.x = 1]\n";
// `A` is looked into by no rule, and is held because views are made of it.

using Row1 = std::vector<std::optional<int>>;  // the fields but the time
using Rows = std::map<int, Row1>;  // by key

struct Given {
    bool left;  ///< of A, else of B
    int key;
    std::optional<Row1> row;  ///< nothing: deleted
    Position position;
};

struct World {
    std::shared_ptr<const plan::Program> program;
    std::shared_ptr<const Evaluator> evaluator;
};

TableId table_named(const plan::Program& program, const std::string& name) {
    for (std::size_t i = 0; i < program.tables.size(); ++i) {
        if (program.tables[i].name == name) {
            return TableId{static_cast<std::uint32_t>(i)};
        }
    }
    FAIL("no table " << name);
    return {};
}

// ---- the oracle ---------------------------------------------------------------------------------------------------

Rows rows_at(const std::vector<Given>& all, bool left, const Position& until, const PartitionTable& partitions) {
    std::vector<Given> mine;
    std::copy_if(all.begin(), all.end(), std::back_inserter(mine),
                 [&](const Given& one) { return one.left == left && compare(one.position, until, partitions) <= 0; });
    std::sort(mine.begin(), mine.end(),
              [&](const Given& a, const Given& b) { return compare(a.position, b.position, partitions) < 0; });
    Rows rows;
    for (const Given& one : mine) {
        rows.erase(one.key);
        if (one.row) {
            rows.emplace(one.key, *one.row);
        }
    }
    return rows;
}

Rows join(const Rows& left, const Rows& right, std::size_t on, std::size_t width, bool keep, auto fits) {
    Rows out;
    for (const auto& [key, a] : left) {
        Row1 b(width);
        bool found = false;
        for (const auto& [other, row] : right) {
            if (a[on] && *a[on] == other) {
                b = row;
                found = true;
            }
        }
        Row1 both = a;
        both.insert(both.end(), b.begin(), b.end());
        if ((found || keep) && fits(both)) {
            out.emplace(key, both);
        }
    }
    return out;
}

Rows oracle(const std::string& name, const std::vector<Given>& all, const Position& until, const PartitionTable& partitions) {
    const Rows a = rows_at(all, true, until, partitions);
    const Rows b = rows_at(all, false, until, partitions);
    const auto always = [](const Row1&) { return true; };
    if (name == "A" || name == "B") {
        return name == "A" ? a : b;
    }
    if (name == "V") {
        return join(a, b, 1, 2, false, [](const Row1& row) { return row[2] && row[4] && *row[2] <= *row[4]; });
    }
    const Rows l = join(a, b, 1, 2, true, always);
    return name == "L" ? l : join(l, a, 4, 3, true, [](const Row1& row) { return !(row[7] && *row[7] == 2); });
}

// ---- the tables ---------------------------------------------------------------------------------------------------

/// The row's numbers, without the time of each table in it.
std::string text_of(const Row* row, const plan::TablePlan& table) {
    std::string out;
    for (std::size_t i = 0; row != nullptr && i < table.fields.size(); ++i) {
        if (table.fields[i].type != event::Type::time) {
            event::append_json(out, (*row)[i]);
            out += ' ';
        }
    }
    return row == nullptr ? "none" : out;
}
std::string text_of(const Rows& rows, int key) {
    const auto found = rows.find(key);
    std::string out;
    for (std::size_t i = 0; found != rows.end() && i < found->second.size(); ++i) {
        out += found->second[i] ? std::to_string(*found->second[i]) + " " : "null ";
    }
    return found == rows.end() ? "none" : out;
}
std::string where_of(const Position& position) { return fmt::format("{}/{}", position.time.micros(), position.offset); }

/// All changes of a table, as they stand after what was added and removed.
using Log = std::multiset<std::string>;

void note(Log& log, const RowChanges& changes, const plan::Constant& key, const plan::TablePlan& table) {
    const auto text = [&](const RowChange& one) {
        return fmt::format("{} {}: {} > {}", where_of(one.position), std::get<std::int64_t>(key.value),
                           text_of(one.before.get(), table), text_of(one.after.get(), table));
    };
    for (const RowChange& one : changes.removed) {
        const auto found = log.find(text(one));
        RC_ASSERT(found != log.end());
        log.erase(found);
    }
    for (const RowChange& one : changes.added) {
        log.insert(text(one));
    }
}

Log oracle_log(const std::string& name, const std::vector<Given>& all, const PartitionTable& partitions) {
    std::vector<Position> places;
    std::transform(all.begin(), all.end(), std::back_inserter(places), [](const Given& one) { return one.position; });
    std::sort(places.begin(), places.end(),
              [&](const Position& a, const Position& b) { return compare(a, b, partitions) < 0; });
    Log log;
    Rows before;
    for (const Position& place : places) {
        Rows after = oracle(name, all, place, partitions);
        for (int key = 0; key < kKeys; ++key) {
            if (text_of(before, key) != text_of(after, key)) {
                log.insert(fmt::format("{} {}: {} > {}", where_of(place), key, text_of(before, key), text_of(after, key)));
            }
        }
        before = std::move(after);
    }
    return log;
}

RowPtr stored(const Given& given) {
    if (!given.row) {
        return nullptr;
    }
    std::vector<Value> values;
    for (const auto& number : *given.row) {
        values.push_back(number ? Value::of_int(*number) : Value());
    }
    values.push_back(Value());  // the time as a field is left null: a row is what it says, not when
    return Row::of(values);
}

Given random_row(std::uint64_t offset) {
    Given given{*rc::gen::arbitrary<bool>(), *rc::gen::inRange(0, kKeys), {}, {}};
    const auto number = [] {
        const int drawn = *rc::gen::inRange(-1, kKeys);
        return drawn < 0 ? std::optional<int>() : std::optional(drawn);
    };
    given.position = {
        EventTime(*rc::gen::inRange<std::int64_t>(0, kTimes)), {}, {}, *rc::gen::element(offset, 1000 - offset), 0};
    if (*rc::gen::inRange(0, 4) > 0) {
        given.row = given.left ? Row1{given.key, number(), number()} : Row1{given.key, number()};
    }
    return given;
}

World make_world() {
    const test::Compiled made = compiled(kTables);
    INFO(made.found);
    REQUIRE(made.program != nullptr);
    const auto evaluator = Evaluator::create(made.program);
    REQUIRE(evaluator.has_value());
    return {made.program, *evaluator};
}

void check_rows(const TableSet& set, const plan::Program& program, const std::vector<Given>& all, EventTime horizon,
                const PartitionTable& partitions) {
    for (const char* name : {"A", "B", "V", "L", "W"}) {
        const TableId id = table_named(program, name);
        for (std::int64_t time = horizon.micros(); time <= kTimes; ++time) {
            const Rows expected = oracle(name, all, {EventTime(time), {}, {}, 1'000'000, 0}, partitions);
            for (int key = 0; key < kKeys; ++key) {
                const std::string found = text_of(set.find(id, Value::of_int(key), EventTime(time)), program[id]);
                if (found != text_of(expected, key)) {
                    RC_FAIL(fmt::format("{} of {} at {}: {}, not {}", key, name, time, found, text_of(expected, key)));
                }
            }
        }
    }
}

TEST_CASE("tables and views hold, at every time and in any order of rows, what two loops over all rows give") {
    const World world = make_world();
    const bool ok = rc::check([&] {
        PartitionTable partitions;
        static_cast<void>(partitions.intern("0"));
        TableSet set(world.program, world.evaluator, partitions, world.program->rules[0].tables);
        std::map<std::string, Log> logs;
        std::vector<Given> accepted;
        EventTime horizon(0);
        const auto count = *rc::gen::inRange<std::uint64_t>(1, 14);
        for (std::uint64_t i = 0; i < count; ++i) {
            const Given given = random_row(i);
            if (given.position.time < horizon) {
                continue;
            }
            accepted.push_back(given);
            std::vector<TableChanges> changes;
            set.apply(table_named(*world.program, given.left ? "A" : "B"), Value::of_int(given.key), given.position,
                      stored(given), changes);
            for (const TableChanges& one : changes) {
                const plan::TablePlan& table = (*world.program)[one.table];
                note(logs[table.name], one.of.changes, one.of.key, table);
            }
            if (*rc::gen::inRange(0, 3) == 0) {
                horizon = std::max(horizon, EventTime(*rc::gen::inRange<std::int64_t>(0, kTimes)));
                set.compact(horizon);
            }
            check_rows(set, *world.program, accepted, horizon, partitions);
        }
        for (const char* name : {"A", "B", "V", "L", "W"}) {
            RC_ASSERT(logs[name] == oracle_log(name, accepted, partitions));
        }
    });
    CHECK(ok);
}

TEST_CASE("what is left of tables behind the horizon is a version a row, and of views no more") {
    const World world = make_world();
    const bool ok = rc::check([&] {
        PartitionTable partitions;
        static_cast<void>(partitions.intern("0"));
        TableSet set(world.program, world.evaluator, partitions, world.program->rules[0].tables);
        std::vector<Given> all;
        const auto count = *rc::gen::inRange<std::uint64_t>(1, 20);
        for (std::uint64_t i = 0; i < count; ++i) {
            all.push_back(random_row(i));
            std::vector<TableChanges> changes;
            set.apply(table_named(*world.program, all.back().left ? "A" : "B"), Value::of_int(all.back().key),
                      all.back().position, stored(all.back()), changes);
        }
        set.compact(EventTime(kTimes + 1));
        std::size_t rows = 0;
        for (const char* name : {"A", "B", "V", "L", "W"}) {
            rows += oracle(name, all, {EventTime(kTimes), {}, {}, 1'000'000, 0}, partitions).size();
        }
        RC_ASSERT(set.keys() == rows);
        RC_ASSERT(set.versions() == rows);
    });
    CHECK(ok);
}

}  // namespace
}  // namespace tocsin::matcher
