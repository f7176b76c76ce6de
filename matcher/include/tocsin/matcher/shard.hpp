#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/matcher/matcher.hpp>

namespace tocsin::matcher {

/// A rule and which of its conditions an event satisfies.
struct Touch {
    plan::RuleId rule;
    std::uint64_t hits;
};

/// A part of the keys: holds their events until the watermark has passed them, then gives them to the rules in order.
/// Owned by one thread at a time; shares nothing that changes with other shards.
class Shard {
public:
    /// `tables`: by rule, what it looks into, or null; they change only while no shard runs.
    Shard(std::shared_ptr<const plan::Program> program, std::shared_ptr<const Evaluator> evaluator,
          const RoutingTable& routing, const PartitionTable& partitions, std::vector<const TableSet*> tables, const Limits& limits);

    /// Takes an event in for a routing. Rows come in arrival order; the event of one row is stored once for all routings.
    void take(const event::Batch& batch, std::size_t row, const Position& position, RoutingId routing, std::string_view key,
              std::span<const Touch> touches);
    /// The batch is done with: its rows may be numbered anew.
    void end_batch();
    /// Runs everything before the watermarks (by ClockId).
    void drain(std::span<const EventTime> watermarks);

    /// Changes of all rules since clear_changes(), rule by rule.
    [[nodiscard]] std::vector<Change>& changes() { return changes_; }
    /// Gives the decisions' references back.
    void clear_changes();

    [[nodiscard]] ShardMemory& memory() { return *memory_; }
    [[nodiscard]] const MatcherCounters& counters(plan::RuleId rule) const {
        return rules_[static_cast<std::size_t>(rule)]->counters();
    }
    [[nodiscard]] std::size_t live_runs() const;
    [[nodiscard]] std::size_t live_keys() const;
    [[nodiscard]] std::size_t live_events() const { return memory_->events.live(); }

private:
    /// An event that waits for the watermark.
    struct Waiting {
        EventId event{};
        std::string key;
        std::vector<Touch> touches;
    };
    struct Queued {
        Position position;
        std::uint32_t waiting;
    };
    /// The reorder buffer of one routing: a heap with the earliest event on top.
    struct Buffer {
        std::vector<Queued> heap;
        std::vector<Waiting> slots;
        std::vector<std::uint32_t> free;
    };

    EventId stored(const event::Batch& batch, std::size_t row, const Position& position);
    void drain(Buffer& buffer, EventTime watermark);

    std::shared_ptr<const plan::Program> program_;
    const RoutingTable& routing_;
    const PartitionTable& partitions_;
    std::unique_ptr<ShardMemory> memory_;
    std::vector<std::unique_ptr<Matcher>> rules_;
    std::vector<Buffer> buffers_;               ///< by RoutingId
    std::vector<Change> changes_;
    std::vector<std::pair<event::ColumnId, std::uint32_t>> kept_;      ///< columns to keep, and their slots
    std::vector<event::Value> values_;
    std::size_t last_row_{kNoRow};
    EventId last_event_{};
    static constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);
};

}  // namespace tocsin::matcher
