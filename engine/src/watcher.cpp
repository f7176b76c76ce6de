#include "watcher.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tocsin::engine {

using matcher::Position;
using matcher::SeenEvent;
using Fate = WatchedRecord::Fate;

namespace {

constexpr std::size_t kLateTold = 3;

bool same_place(const Position& a, const Position& b) {
    return a.time == b.time && a.input == b.input && a.partition == b.partition && a.offset == b.offset;
}

}  // namespace

Watcher::Watcher(std::shared_ptr<const plan::Program> program, std::shared_ptr<const matcher::Evaluator> evaluator,
                 const matcher::RoutingTable& routing, const matcher::PartitionTable& partitions,
                 std::vector<const matcher::TableSet*> tables, Watch watch, const Limits& limits)
    : program_(std::move(program)),
      routing_(routing.of_rule[static_cast<std::size_t>(watch.rule)]),
      watch_(std::move(watch)),
      limits_(limits),
      memory_(program_, std::move(evaluator), partitions, std::move(tables)),
      values_(program_->kept_count) {}

bool Watcher::is_record(const PreparedRows& batch, std::size_t row) const {
    return watch_.record && batch.batch.input() == watch_.record->input &&
           batch.batch.header(row).offset == watch_.record->offset;
}

std::vector<plan::StreamId> Watcher::streams_of(const PreparedRows& batch, std::size_t row) const {
    std::vector<plan::StreamId> streams;
    for (std::size_t m = batch.member_begin[row]; m < batch.member_begin[row + 1]; ++m) {
        streams.push_back(batch.members[m].stream);
    }
    return streams;
}

void Watcher::came(const PreparedRows& batch, std::size_t row) {
    // Partitions count their offsets each: of several such records the one counts that the rule sees.
    if (!is_record(batch, row) || record_.fate == Fate::seen) {
        return;
    }
    record_ = {};
    record_.streams = streams_of(batch, row);
    const plan::RulePlan& rule = (*program_)[watch_.rule];
    const auto of_rule = [&](const Member& member) {
        return std::any_of(rule.sources.begin(), rule.sources.end(),
                           [&](const plan::SourcePlan& source) { return source.stream == member.stream; });
    };
    const auto begin = batch.members.begin() + batch.member_begin[row];
    const auto end = batch.members.begin() + batch.member_begin[row + 1];
    record_.fate = std::any_of(begin, end, of_rule) ? Fate::without_time : Fate::other_stream;
}

void Watcher::outside_range(const PreparedRows& batch, std::size_t row) {
    if (is_record(batch, row) && record_.fate == Fate::without_time) {
        record_.fate = Fate::outside_range;
    }
}

void Watcher::judged(const QueuedRow& row, Fate fate, Duration behind) {
    if (row.route->routing != routing_) {
        return;
    }
    if (is_record(*row.from.batch, row.from.row)) {
        note_record(row, fate, behind);
    }
    if (fate == Fate::seen || fate == Fate::null_key) {
        inputs_end_ = std::max(inputs_end_, row.position.time);
    }
    if (row.route->null_key || !watch_.key || row.from.batch->key(*row.route) != *watch_.key) {
        return;
    }
    if (fate == Fate::too_late) {
        ++too_late_;
        latest_too_late_.push_back({row.position, behind});
        if (latest_too_late_.size() > kLateTold) {
            latest_too_late_.erase(latest_too_late_.begin());
        }
    } else if (fate == Fate::seen) {
        row.from.back ? remove(row.position) : add(row);
    }
}

void Watcher::note_record(const QueuedRow& row, Fate fate, Duration behind) {
    if (record_.fate == Fate::seen) {
        return;
    }
    record_.fate = fate;
    record_.behind = behind;
    if (fate == Fate::null_key) {
        add_null_parts(row);
    }
    if (fate == Fate::seen) {
        record_.key = row.from.batch->key(*row.route);
        place_ = row.position;
    }
}

void Watcher::add_null_parts(const QueuedRow& row) {
    const plan::RulePlan& rule = (*program_)[watch_.rule];
    for (const plan::SourcePlan& source : rule.sources) {
        if (std::find(record_.streams.begin(), record_.streams.end(), source.stream) == record_.streams.end()) {
            continue;
        }
        for (std::size_t part = 0; part < source.key.size(); ++part) {
            if (row.from.batch->batch.column(source.key[part]).is_null(row.from.row)) {
                record_.null_parts.push_back(rule.key[part].name);
            }
        }
    }
}

void Watcher::add(const QueuedRow& row) {
    if (events_.size() >= limits_.explained_events) {
        ++left_out_;
        return;
    }
    const PreparedRows& batch = *row.from.batch;
    for (std::uint32_t column = 0; column < program_->kept_count; ++column) {
        values_[column] = batch.batch.column(event::ColumnId{column}).value(row.from.row);
    }
    SeenEvent seen{memory_.events.add(row.position, {}, values_), row.position, streams_of(batch, row.from.row), 0};
    for (std::size_t t = row.route->touch_begin; t < row.route->touch_end; ++t) {
        seen.hits |= batch.touches[t].rule == watch_.rule ? batch.touches[t].hits : 0;
    }
    events_.push_back(std::move(seen));
}

void Watcher::remove(const Position& position) {
    const auto found = std::find_if(events_.rbegin(), events_.rend(),
                                    [&](const SeenEvent& event) { return same_place(event.position, position); });
    if (found != events_.rend()) {
        memory_.events.release(found->id);
        events_.erase(std::next(found).base());
    }
}

Result<matcher::Why> Watcher::explain() {
    if (left_out_ > 0) {
        return fail(Errc::limit,
                    fmt::format("the key has {} events, more than are kept to explain (--limit explained_events={}); "
                                "--from and --to narrow them down",
                                events_.size() + left_out_, limits_.explained_events));
    }
    std::stable_sort(events_.begin(), events_.end(), [&](const SeenEvent& a, const SeenEvent& b) {
        return compare(a.position, b.position, memory_.partitions) < 0;
    });
    return matcher::explain(memory_, {watch_.rule, watch_.key.value_or(""), events_, inputs_end_, place_}, limits_);
}

}  // namespace tocsin::engine
