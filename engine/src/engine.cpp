#include <tocsin/engine/engine.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include <tocsin/matcher/executor.hpp>
#include <tocsin/matcher/shard.hpp>

#include "alert_builder.hpp"
#include "checkpoint.hpp"
#include "clocks.hpp"
#include "duplicates.hpp"
#include "feedback.hpp"
#include "intake.hpp"
#include "made_streams.hpp"
#include "prepared.hpp"
#include "tables.hpp"
#include "throttle.hpp"
#include "watcher.hpp"

namespace tocsin::engine {

using matcher::PartitionId;
using plan::StreamId;

namespace {

/// One shard, and what of it belongs to the engine.
struct ShardUnit {
    matcher::Shard shard;
    AlertBuilder builder;
    std::vector<Shown> shown;
};

}  // namespace

struct Engine::Impl {
    Impl(std::shared_ptr<const plan::Program> plan, std::shared_ptr<const matcher::Evaluator> compiled, Options given)
        : program(std::move(plan)),
          options(std::move(given)),
          inputs_read(options.inputs.size()),
          made(program, options.inputs),
          routing(matcher::make_routing(*program)),
          executor(matcher::make_executor(options.threads)),
          preparer(program, compiled, routing, options.inputs, std::max(1U, options.threads)),
          clocks(*program, routing),
          tables(program, compiled, routing, clocks.history(), partitions, options.inputs),
          late_builder(program, options.inputs, options.limits),
          intake(program, routing, clocks.history(), partitions, late_builder, std::max(1U, options.threads)),
          feedback(program, routing),
          throttle(program, routing),
          ended(inputs_read, false) {
        for (unsigned i = 0; i < std::max(1U, options.threads); ++i) {
            units.push_back(std::make_unique<ShardUnit>(
                ShardUnit{matcher::Shard(program, compiled, routing, partitions, tables.of_rules(), options.limits),
                          AlertBuilder(program, options.inputs, options.limits), {}}));
        }
        if (options.watch) {
            watcher.emplace(program, compiled, routing, partitions, tables.of_rules(), *options.watch, options.limits);
            intake.let_watch(*watcher);
        }
        counters.streams.resize(program->streams.size());
        counters.rules.resize(program->rules.size());
        shown_overflows.resize(program->rules.size());
        for (std::size_t s = 0; s < program->streams.size(); ++s) {
            know_from(StreamId{static_cast<std::uint32_t>(s)});
        }
    }

    std::shared_ptr<const plan::Program> program;
    Options options;                                ///< its inputs, and behind them those that the program makes
    std::size_t inputs_read;
    MadeStreams made;
    matcher::RoutingTable routing;
    std::unique_ptr<matcher::Executor> executor;
    Preparer preparer;
    matcher::PartitionTable partitions;
    Clocks clocks;
    Tables tables;
    DuplicateFilter duplicates;
    std::vector<std::unique_ptr<ShardUnit>> units;
    AlertBuilder late_builder;
    Intake intake;
    Feedback feedback;
    Throttle throttle;
    std::optional<Watcher> watcher;
    Counters counters;
    std::vector<std::uint64_t> shown_overflows;     ///< by rule: in the values of its alerts
    std::vector<bool> ended;                        ///< by input that is read
    std::vector<std::unique_ptr<PreparedRows>> made_batches;    ///< until the end of drain()
    std::uint64_t arrivals{0};
    bool finished{false};

    /// A `from` names its partition: it holds the stream's clock until it speaks or ends.
    void know_from(StreamId stream) {
        const auto& from = (*program)[stream].from;
        for (std::size_t i = 0; from && i < inputs_read; ++i) {
            if (options.inputs[i].name == *from) {
                clocks.know(stream, {event::InputId{static_cast<std::uint32_t>(i)}, partitions.intern("0")});
            }
        }
    }

    void learn_header(event::InputId input, const std::shared_ptr<const event::CsvHeader>& header) {
        late_builder.learn_header(input, header);
        for (const auto& unit : units) {
            unit->builder.learn_header(input, header);
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
        if (watcher) {
            watcher->came(batch, row);
        }
        const std::size_t begin = batch.member_begin[row];
        const std::size_t end = batch.member_begin[row + 1];
        if (begin == end) {
            ++counters.unassigned;
            return;
        }
        if (outside_range(batch, begin, end)) {
            ++counters.outside_range;
            if (watcher) {
                watcher->outside_range(batch, row);
            }
            return;
        }
        const PartitionId partition = partitions.intern(header.partition);
        const bool duplicate = header.offset_given && is_duplicate(batch, row, partition);
        ArrivingRow arriving{&batch, row, partition, header.offset, arrivals, arrivals};
        arriving.null_key = tables.has_null_key(batch, row);
        intake.take(arriving, duplicate);
        if (duplicate) {
            return;
        }
        take_table_row(batch, row, partition);
        for (std::size_t m = begin; m < end; ++m) {
            const Member& member = batch.members[m];
            if (member.has_time) {
                clocks.event(member.stream, {batch.batch.input(), partition}, member.time);
            }
        }
        clocks.follow_events(arrivals);
    }

    /// A row of a table changes what rules find from now on; its changes are events too.
    void take_table_row(const PreparedRows& batch, std::size_t row, PartitionId partition) {
        const event::RecordHeader& header = batch.batch.header(row);
        const matcher::Position position{{}, batch.batch.input(), partition, header.offset, arrivals};
        for (const MadeChanges& one : tables.take(batch, row, position)) {
            take_made(one.stream, one.rows, one.of);
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
                // Rows of tables from before are what the first events find.
                const bool early = options.from && member.time < *options.from && !tables.is_feed(member.stream);
                return early || (options.to && member.time >= *options.to);
            }
        }
        return false;
    }

    bool is_duplicate(const PreparedRows& batch, std::size_t row, PartitionId partition) {
        EventTime oldest = EventTime::highest();
        EventTime time;
        for (std::size_t r = batch.routed_begin[row]; r < batch.routed_begin[row + 1]; ++r) {
            oldest = std::min(oldest, intake.horizon(batch.routed[r].routing, arrivals));
            time = batch.routed[r].time;
        }
        for (std::size_t m = batch.member_begin[row]; m < batch.member_begin[row + 1]; ++m) {
            const Member& member = batch.members[m];
            for (const matcher::RoutingId id : routing.by_table[static_cast<std::size_t>(member.stream)]) {
                oldest = member.has_time ? std::min(oldest, intake.horizon(id, arrivals)) : oldest;
                time = member.has_time ? member.time : time;
            }
        }
        if (oldest == EventTime::highest()) {
            return false;
        }
        return duplicates.seen(batch.batch.input(), partition, batch.batch.header(row).offset, time, oldest);
    }

    /// Lets the shards run up to the watermarks, level by level, and writes what that gives in the order of the language.
    void drain(std::vector<alerts::Output>& out) {
        for (const Tables::Look& look : tables.take_looks()) {
            for (const auto& unit : units) {
                unit->shard.look_again(look.rule, look.from, look.cause);
            }
        }
        std::vector<Shown> shown;
        for (std::uint32_t level = 0; level < routing.levels; ++level) {
            executor->run(units.size(), [&](std::size_t i) { run_shard(i, level); });
            const std::size_t before = shown.size();
            for (const auto& unit : units) {
                std::move(unit->shown.begin(), unit->shown.end(), std::back_inserter(shown));
                unit->shown.clear();
            }
            const auto own = shown.begin() + static_cast<std::ptrdiff_t>(before);
            std::sort(own, shown.end(), [&](const Shown& a, const Shown& b) { return shown_before(a, b, partitions); });
            if (level + 1 < routing.levels) {
                feed_back(std::span(shown).subspan(before));
            }
        }
        for (const auto& unit : units) {
            unit->shard.end_batch();
        }
        made_batches.clear();
        if (routing.levels > 1) {
            std::sort(shown.begin(), shown.end(), [&](const Shown& a, const Shown& b) { return shown_before(a, b, partitions); });
        }
        write(shown, out);
        feedback.forget_settled(clocks.history());
        throttle.forget_settled(clocks.history());
        clocks.forget_moves();
        if (!watcher) {     // which looks into tables as of all events again
            tables.compact();
        }
    }

    void run_shard(std::size_t index, std::uint32_t level) {
        ShardUnit& unit = *units[index];
        std::vector<QueuedRow>& queue = intake.queue(index);
        for (const QueuedRow& item : queue) {
            const Routed& route = *item.route;
            const PreparedRows& batch = *item.from.batch;
            const std::span<const matcher::Touch> touches(batch.touches);
            const matcher::Arrival arrival{item.position, route.routing, batch.key(route),
                                           touches.subspan(route.touch_begin, route.touch_end - route.touch_begin),
                                           item.from.cause};
            if (item.from.back) {
                unit.shard.take_back(arrival);
            } else {
                unit.shard.take(batch.batch, item.from.row, arrival);
            }
        }
        queue.clear();
        unit.shard.drain(clocks.history(), level);
        for (const matcher::Change& change : unit.shard.changes()) {
            unit.shown.push_back(unit.builder.build(unit.shard.memory(), change));
        }
        unit.shard.clear_changes();
    }

    /// Gives the alerts of a level to the rules that see them.
    void feed_back(std::span<const Shown> shown) {
        for (FedStream& fed : feedback.rows(shown)) {
            take_made(fed.stream, fed.rows);
        }
    }

    /// `only`: changes of a table as these rules see it.
    void take_made(StreamId stream, const std::vector<MadeRow>& rows, std::optional<matcher::Acceptance> only = {}) {
        made_batches.push_back(preparer.prepare_made(made.batch(stream, rows), stream));
        const PreparedRows& batch = *made_batches.back();
        counters.overflows += batch.overflows;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const PartitionId partition = partitions.intern(rows[row].partition);
            intake.take({&batch, row, partition, rows[row].offset, 0, rows[row].cause, rows[row].back, only}, false);
        }
    }

    void write(std::vector<Shown>& shown, std::vector<alerts::Output>& out) {
        // What rules and tables make comes after the records of their batch, though it may have earlier causes.
        std::vector<LateLine>& late = intake.late();
        std::stable_sort(late.begin(), late.end(), [](const LateLine& a, const LateLine& b) { return a.cause < b.cause; });
        auto next_late = late.begin();
        for (Shown& one : shown) {
            for (; next_late != late.end() && next_late->cause <= one.cause; ++next_late) {
                out.emplace_back(std::move(next_late->record));
            }
            RuleCounters& counts = counters.rules[static_cast<std::size_t>(one.rule)];
            shown_overflows[static_cast<std::size_t>(one.rule)] += one.overflows;
            if (throttle.holds_back(one)) {
                counts.held_back += one.alert.op == alerts::Op::alert ? 1 : 0;
                continue;
            }
            switch (one.alert.op) {
                case alerts::Op::retract: ++counts.retracts; break;
                case alerts::Op::alert: ++counts.alerts; break;
                case alerts::Op::correct: ++counts.corrects; break;
            }
            out.emplace_back(std::move(one.alert));
        }
        for (; next_late != late.end(); ++next_late) {
            out.emplace_back(std::move(next_late->record));
        }
        late.clear();
    }

    void end_input(event::InputId input) {
        ++arrivals;
        ended[static_cast<std::size_t>(input)] = true;
        for (std::size_t s = 0; s < program->streams.size(); ++s) {
            const StreamId stream{static_cast<std::uint32_t>(s)};
            if (program->streams[s].origin != plan::StreamPlan::Origin::records) {
                continue;
            }
            bool all = true;
            for (std::size_t i = 0; i < ended.size(); ++i) {
                all = all && (ended[i] || !preparer.feeds(event::InputId{static_cast<std::uint32_t>(i)}, stream));
            }
            clocks.end_input(stream, input, all, arrivals);
        }
    }

    void save(StateWriter& out);
    void restore(StateReader& in);

    void refresh_counters() {
        counters.streams = intake.streams();
        for (std::size_t r = 0; r < program->rules.size(); ++r) {
            RuleCounters& of_rule = counters.rules[r];
            const RuleCounters& shared = intake.counters(routing.of_rule[r]);
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

void Engine::Impl::save(StateWriter& out) {
    out(partitions, clocks, duplicates, intake, feedback, throttle, counters, shown_overflows, ended, arrivals);
    tables.save(out);
    for (const auto& header : late_builder.headers()) {
        std::optional<event::CsvHeader> names = header == nullptr ? std::nullopt : std::optional(*header);
        out(names);
    }
    for (const auto& unit : units) {
        unit->shard.save(out);
    }
}

void Engine::Impl::restore(StateReader& in) {
    in(partitions, clocks, duplicates, intake, feedback, throttle, counters, shown_overflows, ended, arrivals);
    tables.restore(in);
    for (std::size_t i = 0; i < late_builder.headers().size(); ++i) {
        std::optional<event::CsvHeader> names;
        in(names);
        if (names) {
            learn_header(event::InputId{static_cast<std::uint32_t>(i)}, std::make_shared<const event::CsvHeader>(std::move(*names)));
        }
    }
    for (const auto& unit : units) {
        unit->shard.restore(in);
    }
}

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

std::string Engine::save() {
    assert(!impl_->watcher && !impl_->finished && "an engine that watches, or is at its end, is not saved");
    StateWriter out;
    std::string identity = identity_of(*impl_->program, std::span(impl_->options.inputs).first(impl_->inputs_read), impl_->options);
    out(identity);
    impl_->save(out);
    return sealed(out.take());
}

Result<Engine> Engine::restore(std::shared_ptr<const plan::Program> program, Options options, std::string_view state) {
    const auto bytes = unsealed(state);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const std::string identity = identity_of(*program, options.inputs, options);
    auto engine = create(std::move(program), std::move(options));
    if (!engine) {
        return engine;
    }
    StateReader in(*bytes);
    std::string saved_identity;
    in(saved_identity);
    if (saved_identity != identity) {
        return fail(Errc::unsupported, "the state is one of other rules, inputs, threads or limits");
    }
    engine->impl_->restore(in);
    if (!in.complete()) {
        return fail(Errc::bad_data, "the state is damaged");
    }
    return engine;
}

PreparedBatch Engine::prepare(event::Batch batch) const { return PreparedBatch(impl_->preparer.prepare(std::move(batch))); }

void Engine::push(const PreparedBatch& batch, std::size_t begin, std::size_t end, std::vector<alerts::Output>& out) {
    if (const event::Batch& rows = batch.rows_->batch; rows.csv_header() != nullptr) {
        impl_->learn_header(rows.input(), rows.csv_header());
    }
    if (begin == 0) {
        impl_->counters.mistyped_fields += batch.rows_->mistyped;
        impl_->counters.overflows += batch.rows_->overflows;
    }
    for (std::size_t row = begin; row < end; ++row) {
        if (impl_->tables.revises(*batch.rows_, row)) {
            // What rules showed by the table as it was comes out before what the row makes of it, as it does where batches are small.
            impl_->drain(out);
        }
        impl_->take_row(*batch.rows_, row);
    }
    impl_->drain(out);
}

void Engine::end_input(event::InputId input, std::vector<alerts::Output>& out) {
    impl_->end_input(input);
    impl_->drain(out);
}

void Engine::finish(std::vector<alerts::Output>& out) {
    if (std::exchange(impl_->finished, true)) {
        return;
    }
    impl_->clocks.end_all(++impl_->arrivals);
    impl_->drain(out);
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
    impl_->drain(out);
}

void Engine::idle(event::InputId input, std::string_view stream, std::string_view partition, std::vector<alerts::Output>& out) {
    event::RecordHeader header;
    header.kind = event::RecordKind::idle;
    header.stream = stream;
    header.partition = partition;
    ++impl_->arrivals;
    impl_->control(input, header);
    impl_->drain(out);
}

const Counters& Engine::counters() const {
    impl_->refresh_counters();
    return impl_->counters;
}

EventTime Engine::low_watermark() const { return impl_->clocks.least(); }

Engine::StateSize Engine::state_size() const {
    StateSize size;
    for (const auto& unit : impl_->units) {
        size.runs += unit->shard.live_runs();
        size.events += unit->shard.live_events();
        size.keys += unit->shard.live_keys();
    }
    size.rows = impl_->tables.rows();
    return size;
}

const WatchedRecord& Engine::watched_record() const { return impl_->watcher->record(); }

Result<matcher::Why> Engine::why() { return impl_->watcher->explain(); }

std::size_t Engine::too_late() const { return impl_->watcher->too_late(); }

std::vector<TooLate> Engine::latest_too_late() const {
    const Duration lateness = impl_->routing.routing_of(impl_->options.watch->rule).lateness;
    std::vector<TooLate> result;
    for (const Watcher::Late& late : impl_->watcher->latest_too_late()) {
        result.push_back({place(late.position), late.behind, lateness});
    }
    return result;
}

Place Engine::place(const matcher::Position& position) const {
    return {impl_->options.inputs[static_cast<std::size_t>(position.input)].name,
            std::string(impl_->partitions.name(position.partition)), position.offset, position.time};
}

}  // namespace tocsin::engine
