#include <tocsin/matcher/table_set.hpp>

#include <cassert>
#include <utility>

#include "row_archive.hpp"

namespace tocsin::matcher {

/// The rows of a table, or of a view.
struct TableSet::Store {
    std::variant<TableStore, ViewStore> of;

    [[nodiscard]] const TableStore& rows() const {
        const auto* view = std::get_if<ViewStore>(&of);
        return view == nullptr ? std::get<TableStore>(of) : view->rows();
    }
};

TableSet::TableSet(std::shared_ptr<const plan::Program> program, std::shared_ptr<const Evaluator> evaluator,
                   const PartitionTable& partitions, std::span<const plan::TableId> wanted)
    : program_(std::move(program)),
      session_(std::make_unique<Evaluator::Session>(std::move(evaluator))),
      partitions_(&partitions),
      stores_(program_->tables.size()) {
    std::vector<bool> needed(program_->tables.size(), false);
    for (const plan::TableId table : wanted) {
        needed[static_cast<std::size_t>(table)] = true;
    }
    for (std::size_t i = needed.size(); i-- > 0;) {  // a view comes after what it is made of
        if (const auto& join = program_->tables[i].join; needed[i] && join) {
            needed[static_cast<std::size_t>(join->left)] = true;
            needed[static_cast<std::size_t>(join->right)] = true;
        }
    }
    for (std::size_t i = 0; i < needed.size(); ++i) {
        if (needed[i]) {
            add(plan::TableId{static_cast<std::uint32_t>(i)});
        }
    }
}

TableSet::TableSet(TableSet&&) noexcept = default;
TableSet::~TableSet() = default;

void TableSet::add(plan::TableId table) {
    const plan::TablePlan& plan = (*program_)[table];
    std::unique_ptr<Store>& store = stores_[static_cast<std::size_t>(table)];
    if (!plan.join) {
        store = std::make_unique<Store>(Store{TableStore(*partitions_, plan.fields.size(), plan.telling)});
        return;
    }
    ViewStore::Where where;
    if (plan.join->where) {
        where = [session = session_.get(), expr = *plan.join->where](const Row& row) {
            Scope scope;
            scope.table_row = &row;
            const bool holds = session->condition(expr, scope);
            session->release();
            return holds;
        };
    }
    store = std::make_unique<Store>(
        Store{ViewStore(plan, rows(plan.join->left), rows(plan.join->right), *partitions_, std::move(where))});
}

const TableStore& TableSet::rows(plan::TableId table) const {
    assert(holds(table) && "a table that is looked into is held");
    return stores_[static_cast<std::size_t>(table)]->rows();
}

const Row* TableSet::find(plan::TableId table, const event::Value& key, EventTime time) const {
    return rows(table).as_of(key, time);
}

void TableSet::apply(plan::TableId table, const event::Value& key, const Position& position, RowPtr row,
                     std::vector<TableChanges>& out) {
    auto& store = std::get<TableStore>(stores_[static_cast<std::size_t>(table)]->of);
    const std::size_t begin = out.size();
    out.push_back({table, {plan::Constant::of(key), store.apply(key, position, std::move(row))}});
    // A version that changes nothing now still counts for the views: what comes before it later may be undone by it.
    spread(table, begin, out);
    std::erase_if(out, [](const TableChanges& one) { return one.of.changes.empty(); });
}

/// Takes the changes from `begin` on to the views over them, in the order of tables: what changes a view stands behind.
void TableSet::spread(plan::TableId table, std::size_t begin, std::vector<TableChanges>& out) {
    for (std::size_t i = static_cast<std::size_t>(table) + 1; i < stores_.size(); ++i) {
        const auto& join = program_->tables[i].join;
        if (stores_[i] == nullptr || !join) {
            continue;
        }
        auto& view = std::get<ViewStore>(stores_[i]->of);
        std::vector<KeyedChanges> made;
        const std::size_t end = out.size();
        for (std::size_t c = begin; c < end; ++c) {
            const plan::Constant key = out[c].of.key;
            if (out[c].table == join->left) {
                view.left_changed(key.view(), made);
            }
            if (out[c].table == join->right) {
                view.right_changed(key.view(), made);
            }
        }
        for (KeyedChanges& one : made) {
            out.push_back({plan::TableId{static_cast<std::uint32_t>(i)}, std::move(one)});
        }
    }
}

void TableSet::compact(EventTime horizon) {
    for (std::size_t i = 0; i < stores_.size(); ++i) {
        if (stores_[i] == nullptr) {
            continue;
        }
        const auto forgotten = [&](const event::Value& key) {
            for (std::size_t v = i + 1; v < stores_.size(); ++v) {
                const auto& join = program_->tables[v].join;
                if (stores_[v] != nullptr && join && join->left == plan::TableId{static_cast<std::uint32_t>(i)}) {
                    std::get<ViewStore>(stores_[v]->of).left_forgotten(key);
                }
            }
        };
        std::visit([&](auto& store) { store.compact(horizon, forgotten); }, stores_[i]->of);
    }
}

std::size_t TableSet::keys() const {
    std::size_t count = 0;
    for (const auto& store : stores_) {
        count += store == nullptr ? 0 : store->rows().keys();
    }
    return count;
}

std::size_t TableSet::versions() const {
    std::size_t count = 0;
    for (const auto& store : stores_) {
        count += store == nullptr ? 0 : store->rows().versions();
    }
    return count;
}

void TableSet::save(StateWriter& out) {
    RowWriter rows(out);
    for (const auto& store : stores_) {
        if (store != nullptr) {
            std::visit([&](auto& of) { of.save(out, rows); }, store->of);
        }
    }
}

void TableSet::restore(StateReader& in) {
    RowReader rows(in);
    for (const auto& store : stores_) {     // a view stands behind what it is made of
        if (store != nullptr) {
            std::visit([&](auto& of) { of.restore(in, rows); }, store->of);
        }
    }
}

}  // namespace tocsin::matcher
