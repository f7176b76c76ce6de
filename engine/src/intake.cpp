#include "intake.hpp"

#include <algorithm>
#include <utility>

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
        judge(row, batch.routed[r], duplicate);
    }
    for (std::size_t m = batch.member_begin[row.row]; m < batch.member_begin[row.row + 1]; ++m) {
        count_member(row, batch.members[m], duplicate);
    }
}

void Intake::judge(const ArrivingRow& row, const Routed& route, bool duplicate) {
    RuleCounters& counts = routings_[static_cast<std::size_t>(route.routing)];
    ++counts.received;
    if (duplicate) {
        ++counts.duplicate;
        return;
    }
    if (route.time < horizon(route.routing, row.cause)) {
        ++counts.too_late;
        return;
    }
    const bool late = route.time < clocks_.before(routing_[route.routing].clock, row.cause);
    ++(late ? counts.late_accepted : counts.on_time);
    if (route.null_key) {
        ++counts.null_key;
        return;
    }
    if (route.touch_begin != route.touch_end) {
        queues_[route.shard].push_back(
            {row, &route, {route.time, row.batch->batch.input(), row.partition, row.offset, row.arrival}});
    }
}

void Intake::count_member(const ArrivingRow& row, const Member& member, bool duplicate) {
    StreamCounters& counts = streams_[static_cast<std::size_t>(member.stream)];
    ++counts.received;
    if (!member.has_time) {
        ++counts.without_time;
        return;
    }
    if (duplicate) {
        ++counts.duplicate;
        return;
    }
    alerts::LateRecord record;
    bool late = false;
    for (const RoutingId id : routing_.of_stream[static_cast<std::size_t>(member.stream)]) {
        const matcher::Routing& of = routing_[id];
        const EventTime watermark = clocks_.before(of.clock, row.cause);
        if (member.time >= watermark) {
            continue;
        }
        late = true;
        if (member.time >= watermark - of.lateness) {
            continue;
        }
        const std::int64_t behind = watermark.micros() - member.time.micros();
        record.behind_ms = std::max(record.behind_ms, (behind + 999) / 1000);
        for (const plan::RuleId rule : of.rules) {
            record.rules.push_back((*program_)[rule].name);
        }
    }
    if (!record.rules.empty()) {
        ++counts.too_late;
        report_late(row, member, std::move(record));
        return;
    }
    ++(late ? counts.late_accepted : counts.on_time);
}

void Intake::report_late(const ArrivingRow& row, const Member& member, alerts::LateRecord record) {
    const PreparedRows& batch = *row.batch;
    record.stream = (*program_)[member.stream].name;
    const Position position{member.time, batch.batch.input(), row.partition, row.offset, row.arrival};
    record.event = late_builder_.event(member.stream, position, partitions_.name(row.partition), batch.batch.header(row.row).raw);
    late_.push_back({row.cause, std::move(record)});
}

}  // namespace tocsin::engine
