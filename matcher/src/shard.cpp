#include <tocsin/matcher/shard.hpp>

#include <algorithm>
#include <utility>

#include "reorder_buffer.hpp"

namespace tocsin::matcher {

Shard::Shard(std::shared_ptr<const plan::Program> program, std::shared_ptr<const Evaluator> evaluator,
             const RoutingTable& routing, const PartitionTable& partitions, std::vector<const TableSet*> tables,
             const Limits& limits)
    : program_(std::move(program)),
      routing_(routing),
      memory_(std::make_unique<ShardMemory>(program_, std::move(evaluator), partitions, std::move(tables))),
      buffers_(routing.routings.size(), ReorderBuffer(memory_->events, partitions)),
      pending_(routing.routings.size()),
      touched_at_(program_->rules.size(), 0),
      again_(routing.routings.size()),
      values_(program_->kept_count) {
    rules_.reserve(program_->rules.size());
    for (std::size_t r = 0; r < program_->rules.size(); ++r) {
        rules_.push_back(make_matcher(*memory_, plan::RuleId{static_cast<std::uint32_t>(r)}, limits));
    }
    for (std::size_t c = 0; c < program_->kept_slot.size(); ++c) {
        if (program_->kept_slot[c] != plan::Program::kNotKept) {
            kept_.emplace_back(event::ColumnId{static_cast<std::uint32_t>(c)}, program_->kept_slot[c]);
        }
    }
}

Shard::~Shard() = default;
Shard::Shard(Shard&&) noexcept = default;

EventId Shard::stored(const event::Batch& batch, std::size_t row, const Position& position) {
    if (&batch == last_batch_ && row == last_row_) {
        return last_event_;
    }
    end_batch();
    for (const auto& [column, slot] : kept_) {
        values_[slot] = batch.column(column).value(row);
    }
    last_event_ = memory_->events.add(position, batch.header(row).raw, values_);
    last_batch_ = &batch;
    last_row_ = row;
    return last_event_;
}

void Shard::end_batch() {
    if (last_batch_ != nullptr) {
        memory_->events.release(last_event_);
        last_batch_ = nullptr;
    }
}

void Shard::take(const event::Batch& batch, std::size_t row, const Arrival& arrival) {
    const EventId event = stored(batch, row, arrival.position);
    const auto routing = static_cast<std::size_t>(arrival.routing);
    if (!routing_[arrival.routing].revisable()) {
        buffers_[routing].add(arrival.position, event, arrival.key, arrival.touches);
        return;
    }
    memory_->events.retain(event);
    pending_[routing].add(arrival, event, false);
}

void Shard::take_back(const Arrival& arrival) {
    const auto routing = static_cast<std::size_t>(arrival.routing);
    if (!routing_[arrival.routing].revisable()) {
        buffers_[routing].remove(arrival.position);
        return;
    }
    pending_[routing].add(arrival, {}, true);
}

void Shard::drain(const ClockHistory& clocks, std::uint32_t level) {
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
        const RoutingId id{static_cast<std::uint32_t>(i)};
        const Routing& routing = routing_[id];
        if (routing.level != level) {
            continue;
        }
        if (routing.revisable()) {
            drain_as_it_came(id, clocks);
        } else {
            drain_in_order(routing, buffers_[i], clocks);
        }
    }
}

void Shard::drain_in_order(const Routing& routing, ReorderBuffer& buffer, const ClockHistory& clocks) {
    const EventTime watermark = clocks.now(routing.clock);
    buffer.drain(watermark, [&](const ReorderBuffer::Waiting& waiting) {
        for (const Touch& touch : waiting.touches) {
            matcher(touch.rule).on_event(waiting.key, waiting.event, touch.hits);
        }
    });
    for (const plan::RuleId id : routing.rules) {
        Matcher& rule = matcher(id);
        rule.pass_time({watermark, watermark});
        for (Change& change : rule.changes()) {
            change.cause = clocks.cause_of(routing.clock, due_at((*program_)[id], change.decision));
            changes_.push_back(std::move(change));
        }
        rule.changes().clear();
    }
}

/// The records of a batch, one by one, as the rules of a revisable routing see them.
struct Shard::Course {
    Course(RoutingId id, const Routing& of, ReorderBuffer& waiting, const ClockHistory& history)
        : routing_id(id), routing(of), buffer(waiting), clocks(history), watermark(history, of.clock), shown(history, of.shown) {}

    RoutingId routing_id;
    const Routing& routing;
    ReorderBuffer& buffer;
    const ClockHistory& clocks;
    ClockHistory::Cursor watermark;
    ClockHistory::Cursor shown;
    std::uint64_t cause{0};                     ///< the record at hand
    std::vector<plan::RuleId> touched;          ///< by the record at hand

    [[nodiscard]] Progress before() const { return {shown.before(), watermark.before() - routing.lateness}; }
    [[nodiscard]] Progress after() const { return {shown.after(), watermark.after() - routing.lateness}; }
    /// Early rules see events at once; the others as the watermark passes them, and late ones at once.
    [[nodiscard]] bool buffered(EventTime time) const {
        return routing.emit == plan::Emit::final && time >= watermark.before();
    }
    void go_to(std::uint64_t record) {
        cause = record;
        watermark.go_to(record);
        shown.go_to(record);
    }
};

void Shard::look_again(plan::RuleId rule, EventTime from, std::uint64_t cause) {
    again_[static_cast<std::size_t>(routing_.of_rule[static_cast<std::size_t>(rule)])].push_back({rule, from, cause});
}

/// Record by record: what it changed in tables, what it brought, then where it left the clocks. So that the output is that of
/// records taken one by one.
void Shard::drain_as_it_came(RoutingId id, const ClockHistory& clocks) {
    const auto by_cause = [](const auto& a, const auto& b) { return a.cause < b.cause; };
    // What rules make comes after the records of the batch, though its causes are among them.
    std::vector<Pending>& pending = pending_[static_cast<std::size_t>(id)].records;
    if (!std::is_sorted(pending.begin(), pending.end(), by_cause)) {
        std::stable_sort(pending.begin(), pending.end(), by_cause);
    }
    std::vector<Again>& again = again_[static_cast<std::size_t>(id)];
    std::stable_sort(again.begin(), again.end(), by_cause);
    Course course(id, routing_[id], buffers_[static_cast<std::size_t>(id)], clocks);
    auto next_again = again.begin();
    auto next = pending.begin();
    for (;;) {
        std::uint64_t cause = course.buffer.empty() ? ClockHistory::kNever : course.watermark.next_beyond(course.buffer.first_time());
        cause = next == pending.end() ? cause : std::min(cause, next->cause);
        cause = next_again == again.end() ? cause : std::min(cause, next_again->cause);
        course.go_to(cause);
        if (cause == ClockHistory::kNever) {
            break;
        }
        for (; next_again != again.end() && next_again->cause == cause; ++next_again) {
            touch(course, next_again->rule);
            matcher(next_again->rule).look_again(next_again->from);
        }
        for (; next != pending.end() && next->cause == cause; ++next) {
            arrive(course, *next);
        }
        course.buffer.drain(course.watermark.after(), [&](const ReorderBuffer::Waiting& waiting) {
            for (const Touch& touch : waiting.touches) {
                give(course, touch.rule, waiting.key, waiting.event, touch.hits);
            }
        });
        end_cause(course);
    }
    again.clear();
    pending_[static_cast<std::size_t>(id)].clear();
    for (const plan::RuleId rule : course.routing.rules) {
        pass(course, rule);
    }
}

void Shard::arrive(Course& course, const Pending& pending) {
    if (pending.back) {
        take_back_from(course, pending);
        return;
    }
    const PendingRecords& all = pending_[static_cast<std::size_t>(course.routing_id)];
    const std::span<const Touch> touches = all.touches_of(pending);
    const std::string_view key = all.key_of(pending);
    if (course.buffered(pending.position.time)) {
        course.buffer.add(pending.position, pending.event, key, touches);
    } else {
        for (const Touch& touch : touches) {
            give(course, touch.rule, key, pending.event, touch.hits);
        }
    }
    memory_->events.release(pending.event);
}

void Shard::take_back_from(Course& course, const Pending& pending) {
    if (course.buffered(pending.position.time)) {
        course.buffer.remove(pending.position);
        return;
    }
    for (const plan::RuleId rule : course.routing.rules) {
        touch(course, rule);
        matcher(rule).remove(pending_[static_cast<std::size_t>(course.routing_id)].key_of(pending), pending.position);
    }
}

void Shard::give(Course& course, plan::RuleId rule, std::string_view key, EventId event, std::uint64_t hits) {
    Matcher& one = matcher(rule);
    if (one.set_aside(key, event, hits)) {
        return;
    }
    touch(course, rule);
    one.on_event(key, event, hits);
}

/// Before the first event that a record gives a rule, the rule has to have come up to that record.
void Shard::touch(Course& course, plan::RuleId rule) {
    std::uint64_t& last = touched_at_[static_cast<std::size_t>(rule)];
    if (last != course.cause) {
        last = course.cause;
        pass(course, rule);
        course.touched.push_back(rule);
    }
}

/// Lets a rule come up to where its clocks stood before the record at hand. No event came to it since it was looked at last: what
/// shows now does so because time passed, at the record that moved the clock beyond it.
void Shard::pass(Course& course, plan::RuleId rule) {
    Matcher& one = matcher(rule);
    one.pass_time(course.before());
    for (Change& change : one.changes()) {
        change.cause = course.clocks.cause_of(course.routing.shown, due_at((*program_)[rule], change.decision));
        changes_.push_back(std::move(change));
    }
    one.changes().clear();
}

void Shard::end_cause(Course& course) {
    for (const plan::RuleId rule : course.touched) {
        Matcher& one = matcher(rule);
        one.pass_time(course.after());
        for (Change& change : one.changes()) {
            change.cause = course.cause;
            changes_.push_back(std::move(change));
        }
        one.changes().clear();
    }
    course.touched.clear();
}

void Shard::clear_changes() {
    for (const Change& change : changes_) {
        if (change.decision.past != kNoPast) {
            memory_->pasts.release(change.decision.past);
        }
    }
    changes_.clear();
}

void Shard::save(StateWriter& out) {
    memory_->events.save(out);
    memory_->pasts.save(out);
    for (ReorderBuffer& buffer : buffers_) {
        buffer.save(out);
    }
    out(touched_at_);
    for (const auto& rule : rules_) {
        rule->save(out);
    }
}

void Shard::restore(StateReader& in) {
    memory_->events.restore(in);
    memory_->pasts.restore(in);
    for (ReorderBuffer& buffer : buffers_) {
        buffer.restore(in);
    }
    in(touched_at_);
    for (const auto& rule : rules_) {
        rule->restore(in);
    }
    touched_at_.resize(rules_.size());
}

std::size_t Shard::live_runs() const {
    std::size_t runs = 0;
    for (const auto& rule : rules_) {
        runs += rule->live_runs();
    }
    return runs;
}

std::size_t Shard::live_keys() const {
    std::size_t keys = 0;
    for (const auto& rule : rules_) {
        keys += rule->live_keys();
    }
    return keys;
}

}  // namespace tocsin::matcher
