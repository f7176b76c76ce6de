#include "tables.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include <tocsin/matcher/matcher.hpp>

namespace tocsin::engine {

using Origin = plan::StreamPlan::Origin;
using plan::TableId;

Tables::Tables(std::shared_ptr<const plan::Program> program, const std::shared_ptr<const matcher::Evaluator>& evaluator,
               const matcher::RoutingTable& routing, const matcher::ClockHistory& clocks,
               const matcher::PartitionTable& partitions, const std::vector<Input>& inputs)
    : program_(std::move(program)),
      clocks_(clocks),
      partitions_(partitions),
      inputs_(inputs),
      table_of_(program_->streams.size()),
      changes_of_(program_->tables.size()) {
    for (std::size_t t = 0; t < program_->tables.size(); ++t) {
        const plan::TablePlan& table = program_->tables[t];
        if (!table.join) {
            table_of_[static_cast<std::size_t>(table.feeds.front())] = TableId{static_cast<std::uint32_t>(t)};
        }
    }
    for (std::size_t s = 0; s < program_->streams.size(); ++s) {
        if (program_->streams[s].origin == Origin::changes) {
            changes_of_[program_->streams[s].maker] = plan::StreamId{static_cast<std::uint32_t>(s)};
        }
    }
    for (std::size_t r = 0; r < program_->rules.size(); ++r) {
        const plan::RuleId rule{static_cast<std::uint32_t>(r)};
        add_rule(rule, routing.routing_of(rule).acceptance());
    }
    for (Class& one : classes_) {
        one.set.emplace(program_, evaluator, partitions, one.tables);
    }
}

Tables::Class& Tables::class_of(matcher::Acceptance of) {
    auto found = std::find_if(classes_.begin(), classes_.end(), [&](const Class& one) { return one.of == of; });
    if (found == classes_.end()) {
        classes_.push_back({of, {}, {}, {}, std::vector<bool>(program_->tables.size(), false), false, {}, {}});
        found = classes_.end() - 1;
    }
    return *found;
}

void Tables::add_rule(plan::RuleId id, matcher::Acceptance of) {
    const plan::RulePlan& rule = (*program_)[id];
    if (!rule.tables.empty()) {
        Class& mine = class_of(of);
        mine.look_back = std::max(mine.look_back, rule.look_back);
        mine.rules.push_back(id);
        mine.early = mine.early || rule.emit == plan::Emit::early;
        mine.tables.insert(mine.tables.end(), rule.tables.begin(), rule.tables.end());
    }
    for (const plan::SourcePlan& source : rule.sources) {
        const plan::StreamPlan& stream = (*program_)[source.stream];
        if (stream.origin == Origin::changes) {
            Class& mine = class_of(of);
            mine.tables.push_back(TableId{stream.maker});
            mine.shown[stream.maker] = true;
        }
    }
}

std::vector<const matcher::TableSet*> Tables::of_rules() const {
    std::vector<const matcher::TableSet*> sets(program_->rules.size(), nullptr);
    for (const Class& one : classes_) {
        for (const plan::RuleId rule : one.rules) {
            sets[static_cast<std::size_t>(rule)] = &*one.set;
        }
    }
    return sets;
}

bool Tables::has_null_key(const PreparedRows& batch, std::size_t row) const {
    for (std::size_t m = batch.member_begin[row]; m < batch.member_begin[row + 1]; ++m) {
        if (const auto table = table_of_[static_cast<std::size_t>(batch.members[m].stream)]) {
            const plan::TablePlan& plan = (*program_)[*table];
            if (batch.batch.column(plan.columns[plan.key]).is_null(row)) {
                return true;
            }
        }
    }
    return false;
}

bool Tables::revises(const PreparedRows& batch, std::size_t row) const {
    for (std::size_t m = batch.member_begin[row]; !classes_.empty() && m < batch.member_begin[row + 1]; ++m) {
        const Member& member = batch.members[m];
        const auto table = table_of_[static_cast<std::size_t>(member.stream)];
        const auto looks = [&](const Class& one) { return one.set->holds(*table) && revises(one, member.time); };
        if (table && member.has_time && std::any_of(classes_.begin(), classes_.end(), looks)) {
            return true;
        }
    }
    return false;
}

std::vector<MadeChanges> Tables::take(const PreparedRows& batch, std::size_t row, const matcher::Position& at) {
    std::vector<MadeChanges> made;
    for (std::size_t m = batch.member_begin[row]; !classes_.empty() && m < batch.member_begin[row + 1]; ++m) {
        const Member& member = batch.members[m];
        const auto table = table_of_[static_cast<std::size_t>(member.stream)];
        if (!table || !member.has_time) {
            continue;
        }
        const plan::TablePlan& plan = (*program_)[*table];
        values_.clear();
        for (const event::ColumnId column : plan.columns) {
            values_.push_back(batch.batch.column(column).value(row));
        }
        const event::Value key = values_[plan.key];
        if (key.is_null()) {
            continue;
        }
        matcher::Position position = at;
        position.time = member.time;
        const matcher::RowPtr values = batch.batch.header(row).deletes ? nullptr : matcher::Row::of(values_);
        for (Class& one : classes_) {
            if (one.set->holds(*table) && accepts(one, member.time)) {
                changed_.clear();
                one.set->apply(*table, key, position, values, changed_);
                note(one, position, made);
            }
        }
    }
    return made;
}

/// What the row changed in one class: events of changes, and where its revisable rules have to look again.
void Tables::note(Class& one, const matcher::Position& at, std::vector<MadeChanges>& out) {
    if (!changed_.empty() && revises(one, at.time)) {
        assert(!one.changed && "what the row before changed has been looked at");
        one.changed = at;
    }
    for (const matcher::TableChanges& change : changed_) {
        if (!one.shown[static_cast<std::size_t>(change.table)]) {
            continue;
        }
        MadeChanges made{one.of, *changes_of(change.table), {}};
        for (const matcher::RowChange& gone : change.of.changes.removed) {
            made.rows.push_back(event_of(change.table, change.of, gone, true, at));
        }
        for (const matcher::RowChange& added : change.of.changes.added) {
            made.rows.push_back(event_of(change.table, change.of, added, false, at));
        }
        out.push_back(std::move(made));
    }
}

/// A change stands where the row stands that made it; those that one row makes in a view are told apart by their keys.
MadeRow Tables::event_of(TableId table, const matcher::KeyedChanges& of, const matcher::RowChange& change, bool back,
                         const matcher::Position& at) const {
    const plan::TablePlan& plan = (*program_)[table];
    const plan::StreamPlan& stream = (*program_)[*changes_of(table)];
    MadeRow row;
    row.cause = at.arrival;
    row.origin = change.position.arrival;
    row.back = back;
    row.time = change.position.time;
    row.partition = fmt::format("{}/{}", inputs_[static_cast<std::size_t>(change.position.input)].name,
                                partitions_.name(change.position.partition));
    if (plan.join) {
        row.partition += '/';
        event::append_text(row.partition, of.key.view());
    }
    row.offset = change.position.offset;
    row.fields.reserve(stream.fields.size());
    const char* const op = change.before == nullptr ? "insert" : change.after == nullptr ? "delete" : "update";
    row.fields.push_back({std::string(op)});
    for (const matcher::RowPtr& side : {change.before, change.after}) {
        for (std::size_t f = 0; f < plan.fields.size(); ++f) {
            row.fields.push_back(side == nullptr ? plan::Constant{} : plan::Constant::of((*side)[f]));
        }
    }
    row.fields.push_back({change.position.time});
    return row;
}

std::vector<Tables::Look> Tables::take_looks() {
    std::vector<Look> looks;
    for (Class& one : classes_) {
        for (const plan::RuleId rule : one.rules) {
            if (one.changed && matcher::is_revisable((*program_)[rule])) {
                looks.push_back({rule, one.changed->time, one.changed->arrival});
            }
        }
        one.changed.reset();
    }
    return looks;
}

void Tables::compact() {
    for (Class& one : classes_) {
        one.set->compact(clocks_.now(one.of.clock) - one.of.lateness - one.look_back);
    }
}

std::size_t Tables::rows() const {
    std::size_t count = 0;
    for (const Class& one : classes_) {
        count += one.set->versions();
    }
    return count;
}

}  // namespace tocsin::engine
