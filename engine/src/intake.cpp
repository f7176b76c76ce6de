#include "intake.hpp"

#include <algorithm>
#include <utility>

#include "watcher.hpp"

namespace tocsin::engine {

using matcher::Position;
using matcher::RoutingId;

Intake::Intake(std::shared_ptr<const plan::Program> program, const matcher::RoutingTable& routing,
               const matcher::ClockHistory& clocks, matcher::PartitionTable& partitions, AlertBuilder& late_builder,
               std::size_t shards)
    : program_(std::move(program)),
      routing_(routing),
      clocks_(clocks),
      partitions_(partitions),
      late_builder_(late_builder),
      queues_(shards),
      streams_(program_->streams.size()),
      routings_(routing.routings.size()) {}

EventTime Intake::horizon(RoutingId routing, std::uint64_t cause) const {
    const matcher::Routing& of = routing_[routing];
    return clocks_.before(of.clock, cause) - of.lateness;
}

void Intake::take(const ArrivingRow& row, bool duplicate) {
    const PreparedRows& batch = *row.batch;
    for (std::size_t r = batch.routed_begin[row.row]; r < batch.routed_begin[row.row + 1]; ++r) {
        if (concerns(row, batch.routed[r].routing)) {
            judge(row, batch.routed[r], duplicate);
        }
    }
    for (std::size_t m = batch.member_begin[row.row]; m < batch.member_begin[row.row + 1]; ++m) {
        count_member(row, batch.members[m], duplicate);
    }
}

/// False: the row is nothing for the rules of the routing.
bool Intake::count(RuleCounters& counts, const ArrivingRow& row, RoutingId routing, EventTime time, bool duplicate) const {
    ++counts.received;
    if (duplicate) {
        ++counts.duplicate;
        return false;
    }
    if (time < horizon(routing, row.cause)) {
        ++counts.too_late;
        return false;
    }
    const bool late = time < clocks_.before(routing_[routing].clock, row.cause);
    ++(late ? counts.late_accepted : counts.on_time);
    return true;
}

void Intake::judge(const ArrivingRow& row, const Routed& route, bool duplicate) {
    RuleCounters& counts = routings_[static_cast<std::size_t>(route.routing)];
    const auto queued = [&] {
        return QueuedRow{row, &route, {route.time, row.batch->batch.input(), row.partition, row.offset, row.arrival}};
    };
    const bool accepted = count(counts, row, route.routing, route.time, duplicate);
    if (watcher_ != nullptr) {
        tell_watcher(queued(), accepted, duplicate);
    }
    if (!accepted) {
        return;
    }
    if (route.null_key) {
        ++counts.null_key;
        return;
    }
    if (route.touch_begin != route.touch_end) {
        queues_[route.shard].push_back(queued());
    }
}

void Intake::tell_watcher(const QueuedRow& row, bool accepted, bool duplicate) {
    using Fate = WatchedRecord::Fate;
    const Fate fate = duplicate               ? Fate::duplicate
                      : !accepted             ? Fate::too_late
                      : row.route->null_key   ? Fate::null_key
                                              : Fate::seen;
    const EventTime watermark = clocks_.before(routing_[row.route->routing].clock, row.from.cause);
    const Duration behind = fate == Fate::too_late ? Duration(watermark.micros() - row.position.time.micros()) : Duration(0);
    watcher_->judged(row, fate, behind);
}

void Intake::count_member(const ArrivingRow& row, const Member& member, bool duplicate) {
    StreamCounters& counts = streams_[static_cast<std::size_t>(member.stream)];
    ++counts.received;
    if (!member.has_time) {
        ++counts.without_time;
        return;
    }
    const auto stream = static_cast<std::size_t>(member.stream);
    for (const RoutingId id : routing_.by_table[stream]) {
        RuleCounters& of_rule = routings_[static_cast<std::size_t>(id)];
        if (count(of_rule, row, id, member.time, duplicate) && row.null_key) {
            ++of_rule.null_key;
        }
    }
    if (duplicate) {
        ++counts.duplicate;
        return;
    }
    alerts::LateRecord record;
    bool late = false;
    for (const auto* concerned : {&routing_.of_stream[stream], &routing_.by_table[stream]}) {
        for (const RoutingId id : *concerned) {
            late = late || (concerns(row, id) && member.time < clocks_.before(routing_[id].clock, row.cause));
            note_too_late(row, id, member.time, record);
        }
    }
    if (!record.rules.empty()) {
        ++counts.too_late;
        report_late(row, member, std::move(record));
        return;
    }
    ++(late ? counts.late_accepted : counts.on_time);
}

void Intake::note_too_late(const ArrivingRow& row, RoutingId id, EventTime time, alerts::LateRecord& record) const {
    const matcher::Routing& of = routing_[id];
    const EventTime watermark = clocks_.before(of.clock, row.cause);
    if (!concerns(row, id) || time >= watermark - of.lateness) {
        return;
    }
    const std::int64_t behind = watermark.micros() - time.micros();
    record.behind_ms = std::max(record.behind_ms, (behind + 999) / 1000);
    for (const plan::RuleId rule : of.rules) {
        record.rules.push_back((*program_)[rule].name);
    }
}

void Intake::report_late(const ArrivingRow& row, const Member& member, alerts::LateRecord record) {
    const PreparedRows& batch = *row.batch;
    record.stream = (*program_)[member.stream].name;
    const Position position{member.time, batch.batch.input(), row.partition, row.offset, row.arrival};
    record.event = late_builder_.event(member.stream, position, partitions_.name(row.partition), batch.batch.header(row.row).raw);
    late_.push_back({row.cause, std::move(record)});
}

}  // namespace tocsin::engine
