#include <tocsin/engine/engine.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tocsin/matcher/executor.hpp>
#include <tocsin/matcher/shard.hpp>

#include "alert_builder.hpp"
#include "clocks.hpp"
#include "duplicates.hpp"
#include "prepared.hpp"
#include "tables.hpp"

namespace tocsin::engine {

using matcher::PartitionId;
using matcher::Position;
using plan::StreamId;

namespace {

/// One shard, and what of it belongs to the engine.
struct ShardUnit {
    struct Item {
        std::size_t row;
        const Routed* route;
        Position position;
    };
    matcher::Shard shard;
    AlertBuilder builder;
    std::vector<Item> queue;
    std::vector<Shown> shown;
};

struct LateLine {
    std::uint64_t cause;
    alerts::LateRecord record;
};

}  // namespace

struct Engine::Impl {
    Impl(std::shared_ptr<const plan::Program> plan, std::shared_ptr<const matcher::Evaluator> compiled, Options given)
        : program(std::move(plan)),
          options(std::move(given)),
          routing(matcher::make_routing(*program)),
          executor(matcher::make_executor(options.threads)),
          preparer(program, compiled, routing, options.inputs, std::max(1U, options.threads)),
          clocks(*program, routing),
          tables(program, compiled, routing, partitions),
          late_builder(program, options.inputs, options.limits),
          routing_counters(routing.routings.size()),
          ended(options.inputs.size(), false) {
        for (unsigned i = 0; i < std::max(1U, options.threads); ++i) {
            units.push_back(std::make_unique<ShardUnit>(
                ShardUnit{matcher::Shard(program, compiled, routing, partitions, tables.of_rules(), options.limits),
                          AlertBuilder(program, options.inputs, options.limits), {}, {}}));
        }
        counters.streams.resize(program->streams.size());
        counters.rules.resize(program->rules.size());
        shown_overflows.resize(program->rules.size());
        for (std::size_t s = 0; s < program->streams.size(); ++s) {
            know_from(StreamId{static_cast<std::uint32_t>(s)});
        }
    }

    std::shared_ptr<const plan::Program> program;
    Options options;
    matcher::RoutingTable routing;
    std::unique_ptr<matcher::Executor> executor;
    Preparer preparer;
    matcher::PartitionTable partitions;
    Clocks clocks;
    Tables tables;
    DuplicateFilter duplicates;
    std::vector<std::unique_ptr<ShardUnit>> units;
    AlertBuilder late_builder;
    std::vector<LateLine> late;
    Counters counters;
    std::vector<RuleCounters> routing_counters;     ///< what all rules of a routing share
    std::vector<std::uint64_t> shown_overflows;     ///< by rule: in the values of its alerts
    std::vector<bool> ended;                        ///< by input
    std::uint64_t arrivals{0};
    bool finished{false};

    /// A `from` names its partition: it holds the stream's clock until it speaks or ends.
    void know_from(StreamId stream) {
        const auto& from = (*program)[stream].from;
        for (std::size_t i = 0; from && i < options.inputs.size(); ++i) {
            if (options.inputs[i].name == *from) {
                clocks.know(stream, {event::InputId{static_cast<std::uint32_t>(i)}, partitions.intern("0")});
            }
        }
    }

    void learn_header(const event::Batch& batch) {
        if (batch.csv_header() == nullptr) {
            return;
        }
        late_builder.learn_header(batch.input(), batch.csv_header());
        for (const auto& unit : units) {
            unit->builder.learn_header(batch.input(), batch.csv_header());
        }
    }

    void take_row(const PreparedRows& batch, std::size_t row) {
        const event::RecordHeader& header = batch.batch.header(row);
        ++arrivals;
        if (header.kind != event::RecordKind::event) {
            ++counters.control_records;
            control(batch.batch.input(), header);
            return;
        }
        ++counters.records;
        const std::size_t begin = batch.member_begin[row];
        const std::size_t end = batch.member_begin[row + 1];
        if (begin == end) {
            ++counters.unassigned;
            return;
        }
        if (outside_range(batch, begin, end)) {
            ++counters.outside_range;
            return;
        }
        const PartitionId partition = partitions.intern(header.partition);
        const bool duplicate = header.offset_given && is_duplicate(batch, row, partition);
        judge_routes(batch, row, partition, duplicate);
        for (std::size_t m = begin; m < end; ++m) {
            count_member(batch, row, batch.members[m], duplicate);
        }
        if (duplicate) {
            return;
        }
        for (std::size_t m = begin; m < end; ++m) {
            const Member& member = batch.members[m];
            if (member.has_time && tables.is_feed(member.stream)) {
                tables.take(member.stream, batch.batch, row,
                            {member.time, batch.batch.input(), partition, header.offset, arrivals}, clocks);
            }
        }
        for (std::size_t m = begin; m < end; ++m) {
            const Member& member = batch.members[m];
            if (member.has_time) {
                clocks.event(member.stream, {batch.batch.input(), partition}, member.time, arrivals);
            }
        }
    }

    void control(event::InputId input, const event::RecordHeader& header) {
        const auto stream = preparer.stream_named(header.stream);
        if (!stream) {
            ++counters.unassigned;
            return;
        }
        const matcher::StreamClock::Partition partition{input, partitions.intern(header.partition)};
        if (header.kind == event::RecordKind::watermark) {
            clocks.heartbeat(*stream, partition, header.time, arrivals);
        } else {
            clocks.idle(*stream, partition, arrivals);
        }
    }

    [[nodiscard]] bool outside_range(const PreparedRows& batch, std::size_t begin, std::size_t end) const {
        for (std::size_t m = begin; m < end; ++m) {
            const Member& member = batch.members[m];
            if (member.has_time) {
                return (options.from && member.time < *options.from) || (options.to && member.time >= *options.to);
            }
        }
        return false;
    }

    [[nodiscard]] EventTime horizon(const Routed& route) const {
        const matcher::Routing& of = routing.routings[static_cast<std::size_t>(route.routing)];
        return clocks.watermark(of.clock) - of.lateness;
    }

    bool is_duplicate(const PreparedRows& batch, std::size_t row, PartitionId partition) {
        EventTime oldest = EventTime::highest();
        EventTime time;
        for (std::size_t r = batch.routed_begin[row]; r < batch.routed_begin[row + 1]; ++r) {
            oldest = std::min(oldest, horizon(batch.routed[r]));
            time = batch.routed[r].time;
        }
        if (oldest == EventTime::highest()) {
            return false;
        }
        return duplicates.seen(batch.batch.input(), partition, batch.batch.header(row).offset, time, oldest);
    }

    /// On time, or too late, for each routing that sees the row; those on time go to their shard.
    void judge_routes(const PreparedRows& batch, std::size_t row, PartitionId partition, bool duplicate) {
        const event::RecordHeader& header = batch.batch.header(row);
        for (std::size_t r = batch.routed_begin[row]; r < batch.routed_begin[row + 1]; ++r) {
            const Routed& route = batch.routed[r];
            RuleCounters& counts = routing_counters[static_cast<std::size_t>(route.routing)];
            ++counts.received;
            if (duplicate) {
                ++counts.duplicate;
                continue;
            }
            if (route.time < horizon(route)) {
                ++counts.too_late;
                continue;
            }
            ++counts.on_time;
            if (route.null_key) {
                ++counts.null_key;
                continue;
            }
            if (route.touch_begin != route.touch_end) {
                units[route.shard]->queue.push_back(
                    {row, &route, {route.time, batch.batch.input(), partition, header.offset, arrivals}});
            }
        }
    }

    void count_member(const PreparedRows& batch, std::size_t row, const Member& member, bool duplicate) {
        StreamCounters& counts = counters.streams[static_cast<std::size_t>(member.stream)];
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
        for (const matcher::RoutingId id : routing.of_stream[static_cast<std::size_t>(member.stream)]) {
            const matcher::Routing& of = routing.routings[static_cast<std::size_t>(id)];
            const EventTime watermark = clocks.watermark(of.clock);
            if (member.time >= watermark - of.lateness) {
                continue;
            }
            const std::int64_t behind = watermark.micros() - member.time.micros();
            record.behind_ms = std::max(record.behind_ms, (behind + 999) / 1000);
            for (const plan::RuleId rule : of.rules) {
                record.rules.push_back((*program)[rule].name);
            }
        }
        if (record.rules.empty()) {
            ++counts.on_time;
            return;
        }
        ++counts.too_late;
        const event::RecordHeader& header = batch.batch.header(row);
        record.stream = (*program)[member.stream].name;
        const Position position{member.time, batch.batch.input(), partitions.intern(header.partition), header.offset, arrivals};
        record.event = late_builder.event(member.stream, position, header.partition, header.raw);
        late.push_back({arrivals, std::move(record)});
    }

    /// Lets the shards run up to the watermarks, and writes what that gives in the order of the language.
    void drain(const PreparedRows* batch, std::vector<alerts::Output>& out) {
        executor->run(units.size(), [&](std::size_t i) { run_shard(*units[i], batch); });
        std::vector<Shown> shown;
        for (const auto& unit : units) {
            std::move(unit->shown.begin(), unit->shown.end(), std::back_inserter(shown));
            unit->shown.clear();
        }
        for (Shown& one : shown) {
            const matcher::RoutingId id = routing.of_rule[static_cast<std::size_t>(one.rule)];
            one.cause = clocks.cause_of(routing.routings[static_cast<std::size_t>(id)].clock, one.time);
            ++counters.rules[static_cast<std::size_t>(one.rule)].alerts;
            shown_overflows[static_cast<std::size_t>(one.rule)] += one.overflows;
        }
        std::sort(shown.begin(), shown.end(), [&](const Shown& a, const Shown& b) { return shown_before(a, b, partitions); });
        clocks.forget_moves();
        tables.compact(clocks);
        auto next_late = late.begin();
        for (Shown& one : shown) {
            for (; next_late != late.end() && next_late->cause <= one.cause; ++next_late) {
                out.emplace_back(std::move(next_late->record));
            }
            out.emplace_back(std::move(one.alert));
        }
        for (; next_late != late.end(); ++next_late) {
            out.emplace_back(std::move(next_late->record));
        }
        late.clear();
    }

    void run_shard(ShardUnit& unit, const PreparedRows* batch) const {
        for (const ShardUnit::Item& item : unit.queue) {
            const Routed& route = *item.route;
            const std::span<const matcher::Touch> touches(batch->touches);
            unit.shard.take(batch->batch, item.row, item.position, route.routing, batch->key(route),
                            touches.subspan(route.touch_begin, route.touch_end - route.touch_begin));
        }
        unit.queue.clear();
        unit.shard.end_batch();
        unit.shard.drain(clocks.watermarks());
        for (const matcher::Change& change : unit.shard.changes()) {
            unit.shown.push_back(unit.builder.build(unit.shard.memory(), change));
        }
        unit.shard.clear_changes();
    }

    void end_input(event::InputId input) {
        ++arrivals;
        ended[static_cast<std::size_t>(input)] = true;
        for (std::size_t s = 0; s < program->streams.size(); ++s) {
            const StreamId stream{static_cast<std::uint32_t>(s)};
            bool all = true;
            for (std::size_t i = 0; i < ended.size(); ++i) {
                all = all && (ended[i] || !preparer.feeds(event::InputId{static_cast<std::uint32_t>(i)}, stream));
            }
            clocks.end_input(stream, input, all, arrivals);
        }
    }

    void refresh_counters() {
        for (std::size_t r = 0; r < program->rules.size(); ++r) {
            RuleCounters& of_rule = counters.rules[r];
            const RuleCounters& shared = routing_counters[static_cast<std::size_t>(routing.of_rule[r])];
            of_rule.received = shared.received;
            of_rule.on_time = shared.on_time;
            of_rule.late_accepted = shared.late_accepted;
            of_rule.too_late = shared.too_late;
            of_rule.duplicate = shared.duplicate;
            of_rule.null_key = shared.null_key;
            of_rule.candidates = 0;
            of_rule.runs_refused = 0;
            of_rule.overflows = shown_overflows[r];
            for (const auto& unit : units) {
                const matcher::MatcherCounters& own = unit->shard.counters(plan::RuleId{static_cast<std::uint32_t>(r)});
                of_rule.candidates += own.candidates;
                of_rule.runs_refused += own.runs_refused;
                of_rule.overflows += own.overflows;
            }
        }
    }
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::create(std::shared_ptr<const plan::Program> program, Options options) {
    auto evaluator = matcher::Evaluator::create(program);
    if (!evaluator) {
        return tl::unexpected<Error>(evaluator.error());
    }
    return Engine(std::make_unique<Impl>(std::move(program), std::move(*evaluator), std::move(options)));
}

PreparedBatch Engine::prepare(event::Batch batch) const { return PreparedBatch(impl_->preparer.prepare(std::move(batch))); }

void Engine::push(const PreparedBatch& batch, std::size_t begin, std::size_t end, std::vector<alerts::Output>& out) {
    impl_->learn_header(batch.rows_->batch);
    if (begin == 0) {
        impl_->counters.mistyped_fields += batch.rows_->batch.mistyped_fields();
        impl_->counters.overflows += batch.rows_->overflows;
    }
    for (std::size_t row = begin; row < end; ++row) {
        impl_->take_row(*batch.rows_, row);
    }
    impl_->drain(batch.rows_.get(), out);
}

void Engine::end_input(event::InputId input, std::vector<alerts::Output>& out) {
    impl_->end_input(input);
    impl_->drain(nullptr, out);
}

void Engine::finish(std::vector<alerts::Output>& out) {
    if (std::exchange(impl_->finished, true)) {
        return;
    }
    impl_->clocks.end_all(++impl_->arrivals);
    impl_->drain(nullptr, out);
}

void Engine::watermark(event::InputId input, std::string_view stream, std::string_view partition, EventTime time,
                       std::vector<alerts::Output>& out) {
    event::RecordHeader header;
    header.kind = event::RecordKind::watermark;
    header.stream = stream;
    header.partition = partition;
    header.time = time;
    ++impl_->arrivals;
    impl_->control(input, header);
    impl_->drain(nullptr, out);
}

void Engine::idle(event::InputId input, std::string_view stream, std::string_view partition, std::vector<alerts::Output>& out) {
    event::RecordHeader header;
    header.kind = event::RecordKind::idle;
    header.stream = stream;
    header.partition = partition;
    ++impl_->arrivals;
    impl_->control(input, header);
    impl_->drain(nullptr, out);
}

const Counters& Engine::counters() const {
    impl_->refresh_counters();
    return impl_->counters;
}

EventTime Engine::low_watermark() const {
    const auto& watermarks = impl_->clocks.watermarks();
    return watermarks.empty() ? EventTime::highest() : *std::min_element(watermarks.begin(), watermarks.end());
}

Engine::StateSize Engine::state_size() const {
    StateSize size;
    for (const auto& unit : impl_->units) {
        size.runs += unit->shard.live_runs();
        size.events += unit->shard.live_events();
        size.keys += unit->shard.live_keys();
    }
    return size;
}

}  // namespace tocsin::engine
