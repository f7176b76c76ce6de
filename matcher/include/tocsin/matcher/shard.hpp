#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/matcher/clock_history.hpp>
#include <tocsin/matcher/matcher.hpp>
#include <tocsin/matcher/routing.hpp>

namespace tocsin::matcher {

/// A rule and which of its conditions an event satisfies.
struct Touch {
    plan::RuleId rule;
    std::uint64_t hits;

    template <class Archive>
    void archive(Archive& a) {
        a(rule, hits);
    }
};

/// An event on its way to the rules of one routing.
struct Arrival {
    Position position;
    RoutingId routing{};
    std::string_view key;               ///< encode_key
    std::span<const Touch> touches;
    std::uint64_t cause{0};             ///< the record that brought it, by arrival
};

class ReorderBuffer;

/// A part of the keys: holds their events until the watermark has passed them, then gives them to the rules in order; the rules that
/// can take alerts back get theirs as they come. Owned by one thread at a time; shares nothing that changes with other shards.
///
/// Calls for each batch: (take | take_back)* in order of cause, per level drain, end_batch.
class Shard {
public:
    /// `tables`: by rule, what it looks into, or null; they change only while no shard runs.
    Shard(std::shared_ptr<const plan::Program> program, std::shared_ptr<const Evaluator> evaluator, const RoutingTable& routing,
          const PartitionTable& partitions, std::vector<const TableSet*> tables, const Limits& limits);
    ~Shard();
    Shard(Shard&&) noexcept;
    Shard& operator=(Shard&&) noexcept = delete;

    /// Takes row `row` in for a routing. The event of one row is stored once for all routings that take it in succession.
    void take(const event::Batch& batch, std::size_t row, const Arrival& arrival);
    /// The event at this place and key, taken in before, is not one any more.
    void take_back(const Arrival& arrival);
    /// The record `cause` changed what a revisable rule that looks into tables finds there from `from` on. Between two drains.
    void look_again(plan::RuleId rule, EventTime from, std::uint64_t cause);
    /// Runs the routings of a level up to where their clocks stand.
    void drain(const ClockHistory& clocks, std::uint32_t level);
    /// The rows taken are done with: batches may go, and their addresses be used again.
    void end_batch();

    /// Changes of all rules since clear_changes(), each with its cause.
    [[nodiscard]] std::vector<Change>& changes() { return changes_; }
    /// Gives the decisions' references back.
    void clear_changes();

    /// Requires: after end_batch() and clear_changes().
    void save(StateWriter& out);
    /// Requires: a new shard.
    void restore(StateReader& in);

    [[nodiscard]] ShardMemory& memory() { return *memory_; }
    [[nodiscard]] const MatcherCounters& counters(plan::RuleId rule) const {
        return rules_[static_cast<std::size_t>(rule)]->counters();
    }
    [[nodiscard]] std::size_t live_runs() const;
    [[nodiscard]] std::size_t live_keys() const;
    [[nodiscard]] std::size_t live_events() const { return memory_->events.live(); }

private:
    /// What came for a revisable routing, until drain().
    struct Pending {
        Position position;
        EventId event{};
        bool back{false};               ///< take_back: there is no event
        std::size_t first_key_byte{0};  ///< in PendingRecords::keys
        std::size_t key_size{0};
        std::size_t first_touch{0};     ///< in PendingRecords::touches
        std::size_t touches{0};
        std::uint64_t cause{0};
    };
    struct PendingRecords {
        std::vector<Pending> records;
        std::string keys;
        std::vector<Touch> touches;

        void add(const Arrival& arrival, EventId event, bool back) {
            records.push_back({arrival.position, event, back, keys.size(), arrival.key.size(), touches.size(),
                               arrival.touches.size(), arrival.cause});
            keys.append(arrival.key);
            touches.insert(touches.end(), arrival.touches.begin(), arrival.touches.end());
        }
        void clear() {
            records.clear();
            keys.clear();
            touches.clear();
        }
        [[nodiscard]] std::string_view key_of(const Pending& record) const {
            return std::string_view(keys).substr(record.first_key_byte, record.key_size);
        }
        [[nodiscard]] std::span<const Touch> touches_of(const Pending& record) const {
            return std::span(touches).subspan(record.first_touch, record.touches);
        }
    };
    /// From when on tables have changed, and the record that did it.
    struct Again {
        plan::RuleId rule;
        EventTime from;
        std::uint64_t cause;
    };
    /// How far the rules of a revisable routing have come in the history of their clocks.
    struct Course;

    EventId stored(const event::Batch& batch, std::size_t row, const Position& position);
    void drain_in_order(const Routing& routing, ReorderBuffer& buffer, const ClockHistory& clocks);
    void drain_as_it_came(RoutingId id, const ClockHistory& clocks);
    void arrive(Course& course, const Pending& pending);
    void give(Course& course, plan::RuleId rule, std::string_view key, EventId event, std::uint64_t hits);
    void take_back_from(Course& course, const Pending& pending);
    void touch(Course& course, plan::RuleId rule);
    void pass(Course& course, plan::RuleId rule);
    void end_cause(Course& course);
    [[nodiscard]] Matcher& matcher(plan::RuleId rule) { return *rules_[static_cast<std::size_t>(rule)]; }

    std::shared_ptr<const plan::Program> program_;
    const RoutingTable& routing_;
    std::unique_ptr<ShardMemory> memory_;
    std::vector<std::unique_ptr<Matcher>> rules_;
    std::vector<ReorderBuffer> buffers_;                ///< by RoutingId
    std::vector<PendingRecords> pending_;               ///< by RoutingId, of the revisable ones
    std::vector<std::uint64_t> touched_at_;             ///< by rule, of the revisable ones: the last record that gave it an event
    std::vector<std::vector<Again>> again_;             ///< by RoutingId, of the revisable ones
    std::vector<Change> changes_;
    std::vector<std::pair<event::ColumnId, std::uint32_t>> kept_;      ///< columns to keep, and their slots
    std::vector<event::Value> values_;
    const event::Batch* last_batch_{nullptr};           ///< of the row stored last
    std::size_t last_row_{0};
    EventId last_event_{};
};

}  // namespace tocsin::matcher
