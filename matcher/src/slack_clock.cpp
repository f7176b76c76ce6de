#include <tocsin/matcher/slack_clock.hpp>

#include <algorithm>
#include <utility>

namespace tocsin::matcher {

namespace {

/// As far as there are durations. Requires: time is before newest.
Duration between(EventTime time, EventTime newest) {
    std::int64_t micros = 0;
    return __builtin_sub_overflow(newest.micros(), time.micros(), &micros) ? Duration::max() : Duration(micros);
}

}  // namespace

std::optional<Duration> SlackClock::needed(EventTime time) const {
    if (time >= ahead_) {
        return Duration(0);
    }
    const EventTime newest = std::max(at(held_, time), now(time));
    if (newest == EventTime::highest()) {
        return std::nullopt;
    }
    return time >= newest ? Duration(0) : between(time, newest);
}

EventTime SlackClock::at(const Stairs& stairs, EventTime time) {
    const auto step = std::ranges::upper_bound(stairs, time, {}, &Step::below);
    return step == stairs.end() ? EventTime::lowest() : step->newest;
}

SlackClock::Stairs SlackClock::higher(const Stairs& a, const Stairs& b) {
    Stairs out;
    auto x = a.begin();
    auto y = b.begin();
    while (x != a.end() && y != b.end()) {
        const Step step{std::min(x->below, y->below), std::max(x->newest, y->newest)};
        if (!out.empty() && out.back().newest == step.newest) {
            out.back().below = step.below;
        } else {
            out.push_back(step);
        }
        const bool both = x->below == y->below;
        const bool first = x->below < y->below;
        x += first || both ? 1 : 0;
        y += !first || both ? 1 : 0;
    }
    return out;
}

SlackClock::Stairs SlackClock::now() const {
    if (!follows_) {
        return {{EventTime::highest(), EventTime::lowest()}};
    }
    std::vector<std::pair<EventTime, EventTime>> by_heartbeat;
    EventTime newest = EventTime::highest();
    bool any = false;
    for (const auto& [partition, own] : partitions_) {
        if (own.idle) {
            continue;
        }
        any = true;
        if (own.ended) {
            continue;
        }
        if (own.heartbeat == EventTime::lowest()) {
            newest = std::min(newest, own.newest);
        } else {
            by_heartbeat.emplace_back(own.heartbeat, own.newest);
        }
    }
    if (!any) {
        return {{EventTime::highest(), EventTime::lowest()}};
    }
    std::ranges::sort(by_heartbeat);
    Stairs out;
    for (const auto& [heartbeat, own] : by_heartbeat) {
        if (out.empty() || out.back().below != heartbeat) {
            out.push_back({heartbeat, newest});
        }
        newest = std::min(newest, own);
    }
    out.push_back({EventTime::highest(), newest});
    return out;
}

EventTime SlackClock::now(EventTime time) const {
    EventTime newest = EventTime::highest();
    bool any = false;
    for (const auto& [partition, own] : partitions_) {
        if (!own.idle) {
            any = true;
            if (!own.ended && own.heartbeat <= time) {
                newest = std::min(newest, own.newest);
            }
        }
    }
    return any && follows_ ? newest : EventTime::lowest();
}

void SlackClock::hold() { held_ = higher(held_, now()); }

SlackClock::State& SlackClock::state(Partition partition) {
    const auto found = partitions_.find(partition);
    if (found != partitions_.end()) {
        return found->second;
    }
    hold();
    return partitions_[partition];
}

void SlackClock::know(Partition partition) {
    static_cast<void>(state(partition));
    moved();
}

void SlackClock::event(Partition partition, EventTime time) {
    State& own = state(partition);
    const bool woke = own.idle;
    if (woke || own.ended) {
        hold();
    }
    own.idle = false;
    own.ended = false;
    if (time > own.newest || woke) {
        own.newest = std::max(own.newest, time);
        ahead_ = std::max(ahead_, time);
        moved();
    }
}

void SlackClock::heartbeat(Partition partition, EventTime time) {
    State& own = state(partition);
    if (own.idle) {
        hold();
        own.idle = false;
    }
    own.heartbeat = std::max(own.heartbeat, time);
    ahead_ = std::max(ahead_, time);
    moved();
}

void SlackClock::idle(Partition partition) {
    State& own = state(partition);
    hold();
    own.idle = true;
    moved();
}

void SlackClock::end_input(event::InputId input, bool all_ended) {
    hold();
    bool some_left = false;
    for (auto& [partition, own] : partitions_) {
        own.ended = own.ended || partition.first == input;
        some_left = some_left || !own.ended;
    }
    some_ended_ = true;
    if (all_ended) {
        held_ = {{EventTime::highest(), EventTime::highest()}};
        ahead_ = EventTime::highest();
    } else if (some_left) {
        moved();
    } else {
        follows_ = false;
    }
}

void SlackClock::moved() {
    follows_ = true;
    // Where ended and idle partitions are all there is, nothing holds the clock, and every time is behind it.
    if (some_ended_ && now(EventTime::highest()) == EventTime::highest()) {
        ahead_ = EventTime::highest();
    }
}

}  // namespace tocsin::matcher
