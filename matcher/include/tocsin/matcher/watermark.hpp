#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// The clock of one stream, from its partitions: the least of max(largest event time − slack, heartbeat) over those that
/// are not idle. A partition that is known and has not spoken holds it at lowest(), as does a stream without partitions.
/// It goes back when a slow partition joins: what never goes back is the watermark of a rule. Thread-compatible.
class StreamClock {
public:
    explicit StreamClock(Duration slack) : slack_(slack) {}

    using Partition = std::pair<event::InputId, PartitionId>;

    /// Makes a partition known; it holds the clock until it speaks.
    void know(Partition partition) { (void)state(partition); refresh(); }
    /// True if the watermark or idleness changed.
    bool event(Partition partition, EventTime time);
    bool heartbeat(Partition partition, EventTime time);
    bool idle(Partition partition);
    /// The input's partitions have ended and hold nothing back. `all_ended`: no input that could feed the stream is left.
    void end_input(event::InputId input, bool all_ended);

    [[nodiscard]] EventTime watermark() const { return watermark_; }
    /// All known partitions are idle.
    [[nodiscard]] bool is_idle() const { return all_idle_; }

    template <class Archive>
    void archive(Archive& a) {
        a(partitions_, watermark_, all_idle_);
        last_state_ = nullptr;
    }

private:
    struct State {
        EventTime newest{EventTime::lowest()};
        EventTime heartbeat{EventTime::lowest()};
        bool idle{false};
        bool ended{false};

        template <class Archive>
        void archive(Archive& a) {
            a(newest, heartbeat, idle, ended);
        }
    };
    State& state(Partition partition);
    bool refresh();
    [[nodiscard]] EventTime of(const State& state) const;

    Duration slack_;
    std::map<Partition, State> partitions_;
    Partition last_{};              ///< a record mostly comes from the partition of the one before
    State* last_state_{nullptr};
    EventTime watermark_{EventTime::lowest()};
    bool all_idle_{false};
};

/// The clock of a set of streams, as a rule that names them sees it: the least watermark of those that are not idle altogether;
/// if all are, it stays. Never goes back.
class RuleClock {
public:
    explicit RuleClock(std::vector<plan::StreamId> streams) : streams_(std::move(streams)) {}
    /// True if it moved.
    bool refresh(const std::vector<StreamClock>& clocks);
    [[nodiscard]] EventTime watermark() const { return watermark_; }
    [[nodiscard]] const std::vector<plan::StreamId>& streams() const { return streams_; }

    template <class Archive>
    void archive(Archive& a) {
        a(watermark_);
    }

private:
    std::vector<plan::StreamId> streams_;
    EventTime watermark_{EventTime::lowest()};
};

}  // namespace tocsin::matcher
