#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/matcher/clock_history.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/matcher/routing.hpp>

#include "alert_builder.hpp"
#include "prepared.hpp"

namespace tocsin::engine {

/// A row of a prepared batch, when it came and where it stands.
struct ArrivingRow {
    const PreparedRows* batch;
    std::size_t row;
    matcher::PartitionId partition;
    std::uint64_t offset;
    std::uint64_t arrival;          ///< Position::arrival
    std::uint64_t cause;            ///< the record that brought it, by arrival: itself, but for what rules and tables make
    bool back{false};               ///< it is taken back
    /// A change of a table as the rules of one acceptance see it, and no others.
    std::optional<matcher::Acceptance> only{};
    bool null_key{false};           ///< a row of a table without a key: it is a row of nothing
};

/// A row on its way to a shard.
struct QueuedRow {
    ArrivingRow from;
    const Routed* route;
    matcher::Position position;
};

struct LateLine {
    std::uint64_t cause;
    alerts::LateRecord record;
};

class Watcher;

/// Judges rows as they come: on time, late or too late for each routing that sees them; counts them; hands those that are accepted to
/// the shard of their key. Used by one thread.
class Intake {
public:
    Intake(std::shared_ptr<const plan::Program> program, const matcher::RoutingTable& routing, const matcher::ClockHistory& clocks,
           matcher::PartitionTable& partitions, AlertBuilder& late_builder, std::size_t shards);

    /// From now on each judgement is told to it.
    void let_watch(Watcher& watcher) { watcher_ = &watcher; }
    void take(const ArrivingRow& row, bool duplicate);
    /// Nothing with a time before it is accepted for this routing.
    [[nodiscard]] EventTime horizon(matcher::RoutingId routing, std::uint64_t cause) const;

    /// What waits for a shard, in order of cause. Whoever takes it clears it.
    [[nodiscard]] std::vector<QueuedRow>& queue(std::size_t shard) { return queues_[shard]; }
    /// The records that were too late, in order of cause. Whoever takes them clears them.
    [[nodiscard]] std::vector<LateLine>& late() { return late_; }

    [[nodiscard]] const std::vector<StreamCounters>& streams() const { return streams_; }
    /// What all rules of the routing share.
    [[nodiscard]] const RuleCounters& counters(matcher::RoutingId routing) const {
        return routings_[static_cast<std::size_t>(routing)];
    }

    /// Requires: nothing waits for a shard.
    template <class Archive>
    void archive(Archive& a) {
        a(streams_, routings_);
    }

private:
    [[nodiscard]] bool concerns(const ArrivingRow& row, matcher::RoutingId routing) const {
        return !row.only || *row.only == routing_[routing].acceptance();
    }
    [[nodiscard]] bool count(RuleCounters& counts, const ArrivingRow& row, matcher::RoutingId routing, EventTime time, bool duplicate) const;
    void judge(const ArrivingRow& row, const Routed& route, bool duplicate);
    void tell_watcher(const QueuedRow& row, bool accepted, bool duplicate);
    void count_member(const ArrivingRow& row, const Member& member, bool duplicate);
    void note_too_late(const ArrivingRow& row, matcher::RoutingId id, EventTime time, alerts::LateRecord& record) const;
    void report_late(const ArrivingRow& row, const Member& member, alerts::LateRecord record);

    std::shared_ptr<const plan::Program> program_;
    const matcher::RoutingTable& routing_;
    const matcher::ClockHistory& clocks_;
    matcher::PartitionTable& partitions_;
    AlertBuilder& late_builder_;
    Watcher* watcher_{nullptr};
    std::vector<std::vector<QueuedRow>> queues_;        ///< by shard
    std::vector<LateLine> late_;
    std::vector<StreamCounters> streams_;
    std::vector<RuleCounters> routings_;
};

}  // namespace tocsin::engine
