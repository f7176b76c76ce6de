#include "scenario.hpp"

#include <algorithm>

namespace tocsin::streams {

Episode& Episode::add(Record record, bool matched) {
    records_.emplace_back(std::move(record), matched);
    return *this;
}

void Episode::play(Timeline& timeline, const Plot& plot, std::string_view rule, std::string key,
                   std::optional<Duration> wait) && {
    std::optional<EventTime> first;
    EventTime last;
    std::size_t events = 0;
    for (const auto& [record, matched] : records_) {
        if (matched) {
            first = first.value_or(record.time());
            last = record.time();
            ++events;
        }
    }
    std::optional<Part> part;
    if (plot.incident) {
        part = Part{timeline.incident(rule, std::move(key), wait ? *first + *wait : last, events), 0};
    }
    for (auto& [record, matched] : records_) {
        const bool counts = matched && part;
        timeline.add(std::move(record), counts ? part : std::nullopt);
        if (counts) {
            ++part->position;
        }
    }
}

Pace pace_of(std::uint64_t events, Duration shortest) {
    constexpr Duration kGap = std::chrono::milliseconds(20);
    const auto count = static_cast<std::int64_t>(events);
    const Duration gap = std::max(kGap, shortest / count);
    return {gap * count, gap};
}

std::uint32_t population(std::uint64_t events, std::uint64_t events_each, std::uint32_t least, std::uint32_t most) {
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(events / events_each, least, most));
}

}  // namespace tocsin::streams
