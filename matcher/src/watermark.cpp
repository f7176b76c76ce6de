#include <tocsin/matcher/watermark.hpp>

#include <algorithm>

namespace tocsin::matcher {

StreamClock::State& StreamClock::state(Partition partition) {
    if (last_state_ == nullptr || last_ != partition) {
        last_ = partition;
        last_state_ = &partitions_[partition];      // a map's nodes stay where they are
    }
    return *last_state_;
}

EventTime StreamClock::of(const State& state) const {
    if (state.ended) {
        return EventTime::highest();
    }
    return std::max(state.newest - slack_, state.heartbeat);
}

bool StreamClock::event(Partition partition, EventTime time) {
    State& own = state(partition);
    const bool woke = own.idle;
    own.idle = false;
    own.ended = false;
    if (time <= own.newest && !woke) {
        return false;
    }
    own.newest = std::max(own.newest, time);
    return refresh() || woke;
}

bool StreamClock::heartbeat(Partition partition, EventTime time) {
    State& own = state(partition);
    const bool woke = own.idle;
    own.idle = false;
    own.heartbeat = std::max(own.heartbeat, time);
    return refresh() || woke;
}

bool StreamClock::idle(Partition partition) {
    state(partition).idle = true;
    refresh();
    return true;
}

void StreamClock::end_input(event::InputId input, bool all_ended) {
    for (auto& [partition, own] : partitions_) {
        own.ended = own.ended || partition.first == input;
    }
    if (all_ended) {
        watermark_ = EventTime::highest();
        all_idle_ = false;
        return;
    }
    // With nothing but ended partitions the stream is as one that has none: it holds its clock where it is.
    const bool some_left = std::any_of(partitions_.begin(), partitions_.end(), [](const auto& entry) { return !entry.second.ended; });
    if (some_left) {
        refresh();
    }
}

bool StreamClock::refresh() {
    EventTime least = EventTime::highest();
    bool any = false;
    for (const auto& entry : partitions_) {
        if (!entry.second.idle) {
            least = std::min(least, of(entry.second));
            any = true;
        }
    }
    const bool was_idle = all_idle_;
    all_idle_ = !any && !partitions_.empty();
    if (!any || least == watermark_) {
        return all_idle_ != was_idle;
    }
    watermark_ = least;
    return true;
}

bool RuleClock::refresh(const std::vector<StreamClock>& clocks) {
    EventTime least = EventTime::highest();
    bool any = false;
    for (const plan::StreamId stream : streams_) {
        const StreamClock& clock = clocks[static_cast<std::size_t>(stream)];
        if (!clock.is_idle()) {
            least = std::min(least, clock.watermark());
            any = true;
        }
    }
    if (!any || least <= watermark_) {
        return false;
    }
    watermark_ = least;
    return true;
}

}  // namespace tocsin::matcher
