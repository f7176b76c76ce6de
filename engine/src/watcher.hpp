#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/engine/watch.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/matcher/why.hpp>

#include "intake.hpp"
#include "prepared.hpp"

namespace tocsin::engine {

/// Notes down what the watched rule sees of the watched key, and what becomes of the watched record. Used by one thread.
class Watcher {
public:
    Watcher(std::shared_ptr<const plan::Program> program, std::shared_ptr<const matcher::Evaluator> evaluator,
            const matcher::RoutingTable& routing, const matcher::PartitionTable& partitions,
            std::vector<const matcher::TableSet*> tables, Watch watch, const Limits& limits);

    /// A record came, before anything is decided about it.
    void came(const PreparedRows& batch, std::size_t row);
    void outside_range(const PreparedRows& batch, std::size_t row);
    /// How the intake judged a row for a routing; of one that was too late, by how much.
    void judged(const QueuedRow& row, WatchedRecord::Fate fate, Duration behind);

    [[nodiscard]] const WatchedRecord& record() const { return record_; }
    /// How many came too late, and the last few of them.
    [[nodiscard]] std::size_t too_late() const { return too_late_; }
    struct Late {
        matcher::Position position;
        Duration behind{0};
    };
    [[nodiscard]] const std::vector<Late>& latest_too_late() const { return latest_too_late_; }
    /// Fails where there were more events than Limits::explained_events.
    [[nodiscard]] Result<matcher::Why> explain();

private:
    [[nodiscard]] bool is_record(const PreparedRows& batch, std::size_t row) const;
    [[nodiscard]] std::vector<plan::StreamId> streams_of(const PreparedRows& batch, std::size_t row) const;
    void note_record(const QueuedRow& row, WatchedRecord::Fate fate, Duration behind);
    void add_null_parts(const QueuedRow& row);
    void add(const QueuedRow& row);
    void remove(const matcher::Position& position);

    std::shared_ptr<const plan::Program> program_;
    matcher::RoutingId routing_;
    Watch watch_;
    Limits limits_;
    matcher::ShardMemory memory_;
    std::vector<matcher::SeenEvent> events_;
    std::size_t left_out_{0};
    EventTime inputs_end_{EventTime::lowest()};
    std::size_t too_late_{0};
    std::vector<Late> latest_too_late_;
    WatchedRecord record_;
    std::optional<matcher::Position> place_;  ///< of the record, where it was seen
    std::vector<event::Value> values_;
};

}  // namespace tocsin::engine
