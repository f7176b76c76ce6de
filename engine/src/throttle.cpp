#include "throttle.hpp"

#include <algorithm>

namespace tocsin::engine {

std::string Throttle::group(const plan::ThrottlePlan& throttle, const Shown& shown) {
    if (throttle.per.empty()) {
        return shown.key;
    }
    std::string text;
    for (const std::string& name : throttle.per) {
        for (const auto* values : {&shown.alert.key, &shown.alert.values}) {
            for (const alerts::NamedJson& value : *values) {
                // As JSON no value holds a bare line end: no two lists of values give the same text.
                text += value.first == name ? value.second + "\n" : "";
            }
        }
    }
    return text;
}

bool Throttle::holds_back(const Shown& shown) {
    const auto& throttle = (*program_)[shown.rule].throttle;
    if (!throttle) {
        return false;
    }
    Of& of = rules_[static_cast<std::size_t>(shown.rule)];
    if (shown.alert.op == alerts::Op::retract) {
        return of.held.erase(shown.alert.id) > 0;
    }
    if (shown.alert.op == alerts::Op::correct) {
        return of.held.contains(shown.alert.id);
    }
    std::set<EventTime>& times = of.shown[group(*throttle, shown)];
    const auto after = times.lower_bound(shown.time);
    const bool near_later = after != times.end() && *after < shown.time + throttle->duration;
    const bool near_earlier = after != times.begin() && shown.time < *std::prev(after) + throttle->duration;
    if (near_later || near_earlier) {
        of.held.emplace(shown.alert.id, shown.time);
        return true;
    }
    times.insert(shown.time);
    return false;
}

void Throttle::forget_settled(const matcher::ClockHistory& clocks) {
    for (std::size_t r = 0; r < rules_.size(); ++r) {
        Of& of = rules_[r];
        if (of.shown.empty() && of.held.empty()) {
            continue;
        }
        const plan::RuleId id{static_cast<std::uint32_t>(r)};
        const matcher::Routing& routing = routing_.routing_of(id);
        const EventTime settled = clocks.now(routing.clock) - routing.lateness;
        if (of.shown.size() + of.held.size() >= of.sweep_at || settled == EventTime::highest()) {
            sweep(of, settled, (*program_)[id].throttle->duration);
        }
    }
}

void Throttle::sweep(Of& of, EventTime settled, Duration reach) {
    std::erase_if(of.held, [&](const auto& held) { return held.second < settled; });
    for (auto group = of.shown.begin(); group != of.shown.end();) {
        std::set<EventTime>& times = group->second;
        times.erase(times.begin(), times.lower_bound(settled - reach));
        group = times.empty() ? of.shown.erase(group) : std::next(group);
    }
    of.sweep_at = 2 * (of.shown.size() + of.held.size()) + kFirstSweep;
}

}  // namespace tocsin::engine
