#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tocsin/matcher/table_store.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// A change of one key of a table.
struct KeyedChanges {
    plan::Constant key;
    RowChanges changes;
};

/// A view over two tables, kept up to date row by row: its rows are those of the left table, each with the row that the right one
/// has at that time. Its versions are worked out anew for a key whose rows changed, on either side, and compared with those
/// before; so it is right in whatever order rows come.
///
/// Cost of a change: the versions of the left keys that it concerns, which are all rows that refer to the changed one.
/// Memory: as a table, whose rows are shared with its tables; and about 250 bytes a key to find it by what it refers to.
/// Changed by one thread; may be read by many while it is not.
class ViewStore {
public:
    using Where = std::function<bool(const Row&)>;
    /// Requires: a view, whose tables live longer, and change by one thread with the view. `where` may be empty.
    ViewStore(const plan::TablePlan& view, const TableStore& left, const TableStore& right, const PartitionTable& partitions,
              Where where);

    /// After the left table's versions of `key` changed; appends the view's changes.
    void left_changed(const event::Value& key, std::vector<KeyedChanges>& out);
    /// After the right table's versions of `key` changed.
    void right_changed(const event::Value& key, std::vector<KeyedChanges>& out);
    /// The left table has forgotten the key.
    void left_forgotten(const event::Value& key) { refer(key); }
    void compact(EventTime horizon, const TableStore::Forgotten& forgotten) { rows_.compact(horizon, forgotten); }

    [[nodiscard]] const TableStore& rows() const { return rows_; }

    void save(StateWriter& out, RowWriter& rows) { rows_.save(out, rows); }
    /// Requires: an empty view, and the tables that it is made of restored before it.
    void restore(StateReader& in, RowReader& rows);

private:
    struct Less {
        bool operator()(const plan::Constant& a, const plan::Constant& b) const {
            return event::total_order(a.view(), b.view()) < 0;
        }
    };
    using KeySet = std::set<plan::Constant, Less>;

    void recompute(const event::Value& key, std::vector<KeyedChanges>& out);
    [[nodiscard]] std::vector<RowVersion> compose(const event::Value& key) const;
    [[nodiscard]] RowPtr joined(const RowPtr& left, const RowPtr& right) const;
    static void add(std::vector<RowVersion>& versions, const Position& position, RowPtr row);
    void refer(const event::Value& key);

    plan::JoinPlan join_;
    const TableStore* left_;
    const TableStore* right_;
    const PartitionTable* partitions_;
    Where where_;
    TableStore rows_;
    /// By right key: the left keys some version of which refers to it. By left key: what its versions refer to.
    std::unordered_map<plan::Constant, KeySet, TableKeyHash, TableKeyEqual> referring_;
    std::unordered_map<plan::Constant, KeySet, TableKeyHash, TableKeyEqual> referred_;
};

}  // namespace tocsin::matcher
