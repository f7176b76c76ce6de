#include "idle_watch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tocsin/event/value.hpp>

namespace tocsin::service {

using delivery::Millis;
using delivery::WallTime;

namespace {

std::string idle_record(std::string_view stream, std::string_view partition) {
    std::string out = "{\"$idle\":{\"stream\":";
    event::append_json_string(out, stream);
    out += ",\"partition\":";
    event::append_json_string(out, partition);
    return out + "}}\n";
}

}  // namespace

IdleWatch::IdleWatch(const plan::Program& program, std::vector<std::string> inputs, WallTime start)
    : inputs_(std::move(inputs)) {
    for (const plan::StreamPlan& stream : program.streams) {
        names_.push_back(stream.name);
        idle_of_.push_back(stream.idle ? std::optional(std::chrono::ceil<Millis>(*stream.idle)) : std::nullopt);
        watches_ = watches_ || stream.idle.has_value();
        const auto input = std::find(inputs_.begin(), inputs_.end(), stream.from.value_or(""));
        if (stream.from && input != inputs_.end()) {
            const auto id = event::InputId{static_cast<std::uint32_t>(input - inputs_.begin())};
            hear(static_cast<std::uint32_t>(names_.size() - 1), id, "0", start);
        }
    }
}

std::optional<std::uint32_t> IdleWatch::stream_named(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    return found == names_.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(found - names_.begin()));
}

void IdleWatch::hear(std::uint32_t stream, event::InputId input, std::string_view partition, WallTime now) {
    if (!idle_of_[stream]) {
        return;
    }
    const bool same = last_state_ != nullptr && std::get<0>(last_) == stream && std::get<1>(last_) == input &&
                      std::get<2>(last_) == partition;
    if (!same) {
        last_ = Partition(stream, input, partition);
        last_state_ = &partitions_[last_];  // a map's nodes stay where they are
    }
    *last_state_ = {now + *idle_of_[stream], false};
}

void IdleWatch::hear(const engine::PreparedBatch& batch, WallTime now) {
    if (!watches_) {
        return;
    }
    const event::InputId input = batch.batch().input();
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        const event::RecordHeader& header = batch.batch().header(row);
        if (header.kind == event::RecordKind::event) {
            for (const engine::Member& member : batch.members(row)) {
                hear(static_cast<std::uint32_t>(member.stream), input, header.partition, now);
            }
        } else if (const auto stream = stream_named(header.stream)) {
            hear(*stream, input, header.partition, now);
            if (header.kind == event::RecordKind::idle && idle_of_[*stream]) {
                last_state_->idle = true;
            }
        }
    }
}

void IdleWatch::restart(WallTime now) {
    for (auto& [partition, state] : partitions_) {
        state.due = now + *idle_of_[std::get<0>(partition)];
    }
}

void IdleWatch::take_over(const IdleWatch& before) {
    for (auto& [partition, state] : partitions_) {
        const auto& [stream, input, name] = partition;
        const auto old_stream = before.stream_named(names_[stream]);
        const auto old = old_stream ? before.partitions_.find({*old_stream, input, name}) : before.partitions_.end();
        if (old != before.partitions_.end()) {
            state = {old->second.due - *before.idle_of_[*old_stream] + *idle_of_[stream], old->second.idle};
        }
    }
}

void IdleWatch::retry(WallTime now) {
    restart(now);
    for (auto& [partition, state] : partitions_) {
        state.idle = false;
    }
}

std::optional<WallTime> IdleWatch::next() const {
    std::optional<WallTime> next;
    for (const auto& [partition, state] : partitions_) {
        if (!state.idle && (!next || state.due < *next)) {
            next = state.due;
        }
    }
    return next;
}

std::map<std::string, std::string> IdleWatch::take_idle(WallTime now) {
    std::map<std::string, std::string> records;
    for (auto& [partition, state] : partitions_) {
        if (!state.idle && state.due <= now) {
            state.idle = true;
            const auto& [stream, input, name] = partition;
            records[inputs_[static_cast<std::size_t>(input)]] += idle_record(names_[stream], name);
        }
    }
    return records;
}

}  // namespace tocsin::service
