#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <tocsin/engine/engine.hpp>
#include <tocsin/matcher/clock_history.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/matcher/table_set.hpp>
#include <tocsin/plan/program.hpp>

#include "made_streams.hpp"
#include "prepared.hpp"

namespace tocsin::engine {

/// What a row changes in a stream of changes, for the rules that accept it.
struct MadeChanges {
    matcher::Acceptance of;
    plan::StreamId stream;
    std::vector<MadeRow> rows;
};

/// The tables that rules look into, and whose changes they see. Whether a row is too late depends on the rule, and what later rows
/// change depends on it: rules that accept the same rows have tables of their own. Used by one thread; the shards read it while
/// they run.
class Tables {
public:
    Tables(std::shared_ptr<const plan::Program> program, const std::shared_ptr<const matcher::Evaluator>& evaluator,
           const matcher::RoutingTable& routing, const matcher::ClockHistory& clocks, const matcher::PartitionTable& partitions,
           const std::vector<Input>& inputs);

    /// By rule: what it looks into, or null.
    [[nodiscard]] std::vector<const matcher::TableSet*> of_rules() const;
    [[nodiscard]] bool is_feed(plan::StreamId stream) const { return table_of_[static_cast<std::size_t>(stream)].has_value(); }
    /// The row belongs to a table, and its key there is null.
    [[nodiscard]] bool has_null_key(const PreparedRows& batch, std::size_t row) const;
    /// The row is accepted by a rule that may have shown alerts by the table as it was: one that accepts late rows, if it is
    /// late, or one with `emit early`.
    [[nodiscard]] bool revises(const PreparedRows& batch, std::size_t row) const;
    /// A row that came at `at`, whose time is that of each table that it is a row of.
    [[nodiscard]] std::vector<MadeChanges> take(const PreparedRows& batch, std::size_t row, const matcher::Position& at);

    /// A revisable rule has to look again.
    struct Look {
        plan::RuleId rule;
        EventTime from;  ///< from which on a table has changed
        std::uint64_t cause;  ///< the record that changed it
    };
    /// Since they were last taken. Requires: taken between a row that revises and the next.
    [[nodiscard]] std::vector<Look> take_looks();

    /// Forgets rows that no rule can look for any more.
    void compact();
    /// The rows held, each as often as there are rules that accept different rows of its table.
    [[nodiscard]] std::size_t rows() const;

    /// Requires: the looks were taken.
    void save(StateWriter& out) {
        for (Class& one : classes_) {
            one.set->save(out);
        }
    }
    void restore(StateReader& in) {
        for (Class& one : classes_) {
            one.set->restore(in);
        }
    }

private:
    /// The rules of one acceptance.
    struct Class {
        matcher::Acceptance of;
        Duration look_back{0};  ///< the longest of its rules
        std::vector<plan::RuleId> rules;  ///< that look into tables
        std::vector<plan::TableId> tables;  ///< those, and those whose changes are seen
        std::vector<bool> shown;  ///< by TableId: changes are seen
        bool early{false};  ///< one of them shows alerts at once
        std::optional<matcher::TableSet> set{};
        std::optional<matcher::Position> changed{};  ///< by the row there, since the looks were taken
    };

    [[nodiscard]] Class& class_of(matcher::Acceptance of);
    void add_rule(plan::RuleId rule, matcher::Acceptance of);
    [[nodiscard]] bool accepts(const Class& one, EventTime time) const {
        return time >= clocks_.now(one.of.clock) - one.of.lateness;
    }
    /// A row of this time is accepted by rules that may have shown something by the table without it.
    [[nodiscard]] bool revises(const Class& one, EventTime time) const {
        const bool late = one.of.lateness > Duration(0) && time < clocks_.now(one.of.clock);
        return !one.rules.empty() && accepts(one, time) && (one.early || late);
    }
    void note(Class& one, const matcher::Position& at, std::vector<MadeChanges>& out);
    [[nodiscard]] std::optional<plan::StreamId> changes_of(plan::TableId table) const {
        return changes_of_[static_cast<std::size_t>(table)];
    }
    [[nodiscard]] MadeRow event_of(plan::TableId table, const matcher::KeyedChanges& of, const matcher::RowChange& change,
                                   bool back, const matcher::Position& at) const;

    std::shared_ptr<const plan::Program> program_;
    const matcher::ClockHistory& clocks_;
    const matcher::PartitionTable& partitions_;
    const std::vector<Input>& inputs_;
    std::vector<std::optional<plan::TableId>> table_of_;  ///< by stream that feeds it
    std::vector<std::optional<plan::StreamId>> changes_of_;  ///< by table
    std::vector<Class> classes_;  ///< not moved after the constructor
    std::vector<event::Value> values_;
    std::vector<matcher::TableChanges> changed_;
};

}  // namespace tocsin::engine
