#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tocsin/event/batch.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/matcher/table_set.hpp>
#include <tocsin/plan/program.hpp>

#include "clocks.hpp"

namespace tocsin::engine {

/// The tables that rules look into. Whether a row is too late depends on who looks: rules of one clock and one lateness accept the
/// same rows, and have tables of their own. Used by one thread; the shards read it while they run.
class Tables {
public:
    Tables(std::shared_ptr<const plan::Program> program, const std::shared_ptr<const matcher::Evaluator>& evaluator,
           const matcher::RoutingTable& routing, const matcher::PartitionTable& partitions);

    /// By rule: what it looks into, or null.
    [[nodiscard]] std::vector<const matcher::TableSet*> of_rules() const;
    [[nodiscard]] bool is_feed(plan::StreamId stream) const { return table_of_[static_cast<std::size_t>(stream)].has_value(); }
    /// A row of a stream that feeds a table, for all that accept it. False: its key is null, and it is a row of nothing.
    /// Requires: is_feed(stream).
    bool take(plan::StreamId stream, const event::Batch& batch, std::size_t row, const matcher::Position& position,
              const Clocks& clocks);
    /// Forgets rows that no rule can look for any more.
    void compact(const Clocks& clocks);

private:
    struct Class {
        matcher::ClockId clock;
        Duration lateness;
        Duration look_back;  ///< the longest of its rules
        std::vector<plan::RuleId> rules;
        matcher::TableSet set;
    };

    std::shared_ptr<const plan::Program> program_;
    std::vector<std::optional<plan::TableId>> table_of_;  ///< by stream that feeds it
    std::vector<Class> classes_;
    std::vector<event::Value> values_;
    std::vector<matcher::TableChanges> changes_;
};

}  // namespace tocsin::engine
