#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/matcher/table_store.hpp>
#include <tocsin/matcher/view_store.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// A change of one key of a table or view.
struct TableChanges {
    plan::TableId table;
    KeyedChanges of;
};

/// Some tables of a program with the views over them: what rules look into that accept the same rows. Rows go in, and what they
/// change in every table and view comes out. Changed by one thread, between batches; read by the shards while they run.
class TableSet {
public:
    /// Holds `wanted`, and what those are made of.
    TableSet(std::shared_ptr<const plan::Program> program, std::shared_ptr<const Evaluator> evaluator,
             const PartitionTable& partitions, std::span<const plan::TableId> wanted);
    TableSet(TableSet&&) noexcept;
    TableSet& operator=(TableSet&&) noexcept = delete;
    ~TableSet();

    [[nodiscard]] bool holds(plan::TableId table) const { return stores_[static_cast<std::size_t>(table)] != nullptr; }
    /// From `position` on the table has this row for `key`; null deletes it. Appends what that changes, views behind what they are
    /// made of. Requires: holds(table), no view; what TableStore::apply requires.
    void apply(plan::TableId table, const event::Value& key, const Position& position, RowPtr row,
               std::vector<TableChanges>& out);
    /// The row for the key at `time`, or null. Lives until the set changes. Requires: holds(table).
    [[nodiscard]] const Row* find(plan::TableId table, const event::Value& key, EventTime time) const;
    /// Forgets what no look-up at or after `horizon` can see.
    void compact(EventTime horizon);

    /// Over all tables and views.
    [[nodiscard]] std::size_t keys() const;
    [[nodiscard]] std::size_t versions() const;

    void save(StateWriter& out);
    /// Requires: a new set of the same tables.
    void restore(StateReader& in);

private:
    struct Store;
    [[nodiscard]] const TableStore& rows(plan::TableId table) const;
    void add(plan::TableId table);
    void spread(plan::TableId table, std::size_t begin, std::vector<TableChanges>& out);

    std::shared_ptr<const plan::Program> program_;
    std::unique_ptr<Evaluator::Session> session_;  ///< for the `where` of views
    const PartitionTable* partitions_;
    std::vector<std::unique_ptr<Store>> stores_;  ///< by TableId; null: not held
};

}  // namespace tocsin::matcher
