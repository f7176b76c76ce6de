#include "tables.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::engine {

Tables::Tables(std::shared_ptr<const plan::Program> program, const std::shared_ptr<const matcher::Evaluator>& evaluator,
               const matcher::RoutingTable& routing, const matcher::PartitionTable& partitions)
    : program_(std::move(program)), table_of_(program_->streams.size()) {
    for (std::size_t t = 0; t < program_->tables.size(); ++t) {
        const plan::TablePlan& table = program_->tables[t];
        if (!table.join) {
            table_of_[static_cast<std::size_t>(table.feeds.front())] = plan::TableId{static_cast<std::uint32_t>(t)};
        }
    }
    struct Wanted {
        matcher::ClockId clock;
        Duration lateness;
        Duration look_back;
        std::vector<plan::RuleId> rules;
        std::vector<plan::TableId> tables;
    };
    std::vector<Wanted> classes;
    for (std::size_t r = 0; r < program_->rules.size(); ++r) {
        const plan::RulePlan& rule = program_->rules[r];
        if (rule.tables.empty()) {
            continue;
        }
        const matcher::ClockId clock = routing.routings[static_cast<std::size_t>(routing.of_rule[r])].clock;
        auto found = std::find_if(classes.begin(), classes.end(),
                                  [&](const Wanted& one) { return one.clock == clock && one.lateness == rule.lateness; });
        if (found == classes.end()) {
            classes.push_back({clock, rule.lateness, Duration(0), {}, {}});
            found = classes.end() - 1;
        }
        found->look_back = std::max(found->look_back, rule.look_back);
        found->rules.push_back(plan::RuleId{static_cast<std::uint32_t>(r)});
        found->tables.insert(found->tables.end(), rule.tables.begin(), rule.tables.end());
    }
    classes_.reserve(classes.size());
    for (Wanted& one : classes) {
        classes_.push_back({one.clock, one.lateness, one.look_back, std::move(one.rules),
                            matcher::TableSet(program_, evaluator, partitions, one.tables)});
    }
}

std::vector<const matcher::TableSet*> Tables::of_rules() const {
    std::vector<const matcher::TableSet*> sets(program_->rules.size(), nullptr);
    for (const Class& one : classes_) {
        for (const plan::RuleId rule : one.rules) {
            sets[static_cast<std::size_t>(rule)] = &one.set;
        }
    }
    return sets;
}

bool Tables::take(plan::StreamId stream, const event::Batch& batch, std::size_t row, const matcher::Position& position,
                  const Clocks& clocks) {
    const plan::TableId id = *table_of_[static_cast<std::size_t>(stream)];
    const plan::TablePlan& table = (*program_)[id];
    values_.clear();
    for (const event::ColumnId column : table.columns) {
        values_.push_back(batch.column(column).value(row));
    }
    const event::Value key = values_[table.key];
    if (key.is_null()) {
        return false;
    }
    const matcher::RowPtr values = batch.header(row).deletes ? nullptr : matcher::Row::of(values_);
    for (Class& one : classes_) {
        if (one.set.holds(id) && position.time >= clocks.watermark(one.clock) - one.lateness) {
            changes_.clear();
            one.set.apply(id, key, position, values, changes_);
        }
    }
    return true;
}

void Tables::compact(const Clocks& clocks) {
    for (Class& one : classes_) {
        one.set.compact(clocks.watermark(one.clock) - one.lateness - one.look_back);
    }
}

}  // namespace tocsin::engine
