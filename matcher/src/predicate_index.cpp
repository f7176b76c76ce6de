#include <tocsin/matcher/predicate_index.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "value_hash.hpp"

namespace tocsin::matcher {

using event::Value;
using plan::ExprId;

namespace {

struct Access {
    std::optional<event::ColumnId> column;      ///< nothing: not by equality
    std::vector<Value> constants;               ///< views into the program
    bool whole{false};                          ///< the equality is all there is
};

/// The column and the constants of `column = constant` or `column in (…)`.
std::optional<Access> equality(const plan::Program& program, ExprId id) {
    const auto& node = program.pool[id].node;
    const auto column_of = [&](ExprId side) { return std::get_if<plan::ColumnRef>(&program.pool[side].node); };
    if (const auto* apply = std::get_if<plan::Apply>(&node); apply != nullptr && apply->op == plan::Op::equal) {
        for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
            const auto* column = column_of(apply->arguments[side]);
            const auto* constant = std::get_if<plan::Constant>(&program.pool[apply->arguments[1 - side]].node);
            if (column != nullptr && constant != nullptr) {
                return Access{column->column, {constant->view()}, true};
            }
        }
    }
    if (const auto* in = std::get_if<plan::InList>(&node); in != nullptr && !in->negated) {
        const plan::List& list = program.pool[in->list];
        const auto* column = column_of(in->value);
        if (column != nullptr && list.networks.empty()) {
            Access access{column->column, {}, true};
            for (const plan::Constant& constant : list.values) {
                access.constants.push_back(constant.view());
            }
            return access;
        }
    }
    return std::nullopt;
}

Access access_of(const plan::Program& program, ExprId id) {
    if (auto access = equality(program, id)) {
        return *access;
    }
    const auto* apply = std::get_if<plan::Apply>(&program.pool[id].node);
    if (apply != nullptr && apply->op == plan::Op::logical_and) {
        std::optional<Access> best;
        for (const ExprId part : apply->arguments) {
            // A conjunct can be a conjunction itself, where the pool did not flatten it.
            Access access = access_of(program, part);
            if (access.column && (!best || access.constants.size() < best->constants.size())) {
                best = std::move(access);
            }
        }
        if (best) {
            best->whole = false;
            return *best;
        }
    }
    return {};
}

}  // namespace

struct ConditionIndex::Impl {
    struct Reached {
        std::uint32_t id;
        std::optional<ExprId> rest;     ///< still to be evaluated
    };
    using Values = std::unordered_map<Value, std::vector<Reached>, ValueHash, ValueEqual>;
    std::vector<std::pair<event::ColumnId, Values>> by_column;
    std::vector<std::uint32_t> always;
    std::vector<Reached> evaluated;
    std::vector<Access> accesses;       ///< by entry
    std::vector<bool> unconditional;
};

ConditionIndex::ConditionIndex(const plan::Program& program, const std::vector<Entry>& entries) : impl_(std::make_unique<Impl>()) {
    std::map<event::ColumnId, Impl::Values> by_column;
    for (const Entry& entry : entries) {
        impl_->unconditional.push_back(!entry.expr);
        if (!entry.expr) {
            impl_->always.push_back(entry.id);
            impl_->accesses.emplace_back();
            continue;
        }
        Access access = access_of(program, *entry.expr);
        if (access.column) {
            for (const Value& constant : access.constants) {
                std::vector<Impl::Reached>& reached = by_column[*access.column][constant];
                if (reached.empty() || reached.back().id != entry.id) {
                    reached.push_back({entry.id, access.whole ? std::nullopt : entry.expr});
                }
            }
        } else {
            impl_->evaluated.push_back({entry.id, entry.expr});
        }
        impl_->accesses.push_back(std::move(access));
    }
    for (auto& [column, values] : by_column) {
        impl_->by_column.emplace_back(column, std::move(values));
    }
}

ConditionIndex::~ConditionIndex() = default;
ConditionIndex::ConditionIndex(ConditionIndex&&) noexcept = default;
ConditionIndex& ConditionIndex::operator=(ConditionIndex&&) noexcept = default;

void ConditionIndex::find(const event::Batch& batch, std::size_t row, Evaluator::Session& session,
                          std::vector<std::uint32_t>& out) const {
    Scope scope;
    scope.batch = &batch;
    scope.row = row;
    out.insert(out.end(), impl_->always.begin(), impl_->always.end());
    const auto add = [&](const Impl::Reached& reached) {
        if (!reached.rest || session.condition(*reached.rest, scope)) {
            out.push_back(reached.id);
        }
    };
    for (const auto& [column, values] : impl_->by_column) {
        const Value value = batch.column(column).value(row);
        if (value.is_null()) {
            continue;
        }
        if (const auto found = values.find(value); found != values.end()) {
            std::for_each(found->second.begin(), found->second.end(), add);
        }
    }
    std::for_each(impl_->evaluated.begin(), impl_->evaluated.end(), add);
    session.release();
}

std::string ConditionIndex::access(std::size_t entry, const plan::Program& program) const {
    if (impl_->unconditional[entry]) {
        return "holds for every event of the stream";
    }
    const Access& access = impl_->accesses[entry];
    if (!access.column) {
        return "evaluated for each event of the stream";
    }
    return fmt::format("found by the value of {}{}",
                       fmt::join(program.projection[static_cast<std::size_t>(*access.column)].path, "."),
                       access.whole ? "" : ", the rest evaluated on a hit");
}

}  // namespace tocsin::matcher
