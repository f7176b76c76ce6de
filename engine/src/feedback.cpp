#include "feedback.hpp"

#include <algorithm>

#include <tocsin/matcher/key.hpp>
#include <tocsin/matcher/matcher.hpp>

namespace tocsin::engine {

/// Its place among equal times is (rule, key, id): the key stands for the partition, the id for the offset.
MadeRow Feedback::row_of(const Shown& shown) {
    MadeRow row;
    row.cause = shown.cause;
    row.time = shown.time;
    for (const event::Value& part : matcher::decode_key(shown.key)) {
        row.partition += row.partition.empty() ? "" : ",";
        event::append_text(row.partition, part);
    }
    row.offset = shown.alert.id;
    row.fields = shown.fields;
    return row;
}

std::vector<FedStream> Feedback::rows(std::span<const Shown> shown) {
    std::vector<FedStream> result;
    for (const Shown& one : shown) {
        const auto& stream = routing_.alerts_of[static_cast<std::size_t>(one.rule)];
        if (!stream) {
            continue;
        }
        auto fed = std::find_if(result.begin(), result.end(), [&](const FedStream& known) { return known.stream == *stream; });
        if (fed == result.end()) {
            result.push_back({*stream, {}});
            fed = result.end() - 1;
        }
        auto& given = given_[static_cast<std::size_t>(one.rule)].rows;
        std::uint64_t origin = one.cause;
        if (const auto old = given.find(one.alert.id); old != given.end()) {
            origin = old->second.origin;
            MadeRow back = std::move(old->second);
            back.cause = one.cause;
            back.back = true;
            given.erase(old);
            fed->rows.push_back(std::move(back));
        }
        if (one.alert.op != alerts::Op::retract) {
            fed->rows.push_back(row_of(one));
            fed->rows.back().origin = origin;
            if (matcher::is_revisable((*program_)[one.rule])) {
                given.emplace(one.alert.id, fed->rows.back());
            }
        }
    }
    return result;
}

void Feedback::forget_settled(const matcher::ClockHistory& clocks) {
    for (std::size_t r = 0; r < given_.size(); ++r) {
        Given& given = given_[r];
        const matcher::Routing& routing = routing_.routing_of(plan::RuleId{static_cast<std::uint32_t>(r)});
        const EventTime settled = clocks.now(routing.clock) - routing.lateness;
        if (given.rows.size() >= given.sweep_at || settled == EventTime::highest()) {
            std::erase_if(given.rows, [&](const auto& entry) { return entry.second.time < settled; });
            given.sweep_at = 2 * given.rows.size() + kFirstSweep;
        }
    }
}

}  // namespace tocsin::engine
