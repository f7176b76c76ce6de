#include <tocsin/matcher/shard.hpp>

#include <algorithm>
#include <utility>

namespace tocsin::matcher {

Shard::Shard(std::shared_ptr<const plan::Program> program, std::shared_ptr<const Evaluator> evaluator,
             const RoutingTable& routing, const PartitionTable& partitions, std::vector<const TableSet*> tables, const Limits& limits)
    : program_(std::move(program)),
      routing_(routing),
      partitions_(partitions),
      memory_(std::make_unique<ShardMemory>(program_, std::move(evaluator), partitions, std::move(tables))),
      buffers_(routing.routings.size()),
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

EventId Shard::stored(const event::Batch& batch, std::size_t row, const Position& position) {
    if (row == last_row_) {
        return last_event_;
    }
    end_batch();
    for (const auto& [column, slot] : kept_) {
        values_[slot] = batch.column(column).value(row);
    }
    last_event_ = memory_->events.add(position, batch.header(row).raw, values_);
    last_row_ = row;
    return last_event_;
}

void Shard::end_batch() {
    if (last_row_ != kNoRow) {
        memory_->events.release(last_event_);
        last_row_ = kNoRow;
    }
}

void Shard::take(const event::Batch& batch, std::size_t row, const Position& position, RoutingId routing, std::string_view key,
                 std::span<const Touch> touches) {
    const EventId event = stored(batch, row, position);
    memory_->events.retain(event);
    Buffer& buffer = buffers_[static_cast<std::size_t>(routing)];
    std::uint32_t slot = 0;
    if (buffer.free.empty()) {
        slot = static_cast<std::uint32_t>(buffer.slots.size());
        buffer.slots.emplace_back();
    } else {
        slot = buffer.free.back();
        buffer.free.pop_back();
    }
    Waiting& waiting = buffer.slots[slot];
    waiting.event = event;
    waiting.key.assign(key);
    waiting.touches.assign(touches.begin(), touches.end());
    buffer.heap.push_back({position, slot});
    std::push_heap(buffer.heap.begin(), buffer.heap.end(), [&](const Queued& a, const Queued& b) {
        return compare(a.position, b.position, partitions_) > 0;
    });
}

void Shard::drain(Buffer& buffer, EventTime watermark) {
    while (!buffer.heap.empty() && buffer.heap.front().position.time < watermark) {
        std::pop_heap(buffer.heap.begin(), buffer.heap.end(), [&](const Queued& a, const Queued& b) {
            return compare(a.position, b.position, partitions_) > 0;
        });
        const std::uint32_t slot = buffer.heap.back().waiting;
        buffer.heap.pop_back();
        const Waiting& waiting = buffer.slots[slot];
        for (const Touch& touch : waiting.touches) {
            rules_[static_cast<std::size_t>(touch.rule)]->on_event(waiting.key, waiting.event, touch.hits);
        }
        memory_->events.release(waiting.event);
        buffer.free.push_back(slot);
    }
}

void Shard::drain(std::span<const EventTime> watermarks) {
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
        const Routing& routing = routing_.routings[i];
        const EventTime watermark = watermarks[static_cast<std::size_t>(routing.clock)];
        drain(buffers_[i], watermark);
        for (const plan::RuleId id : routing.rules) {
            Matcher& rule = *rules_[static_cast<std::size_t>(id)];
            rule.pass_time({watermark, watermark});
            std::vector<Change>& made = rule.changes();
            if (!made.empty()) {
                std::move(made.begin(), made.end(), std::back_inserter(changes_));
                made.clear();
            }
        }
    }
}

void Shard::clear_changes() {
    for (const Change& change : changes_) {
        if (change.decision.past != kNoPast) {
            memory_->pasts.release(change.decision.past);
        }
    }
    changes_.clear();
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
