#include "windows.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "judge.hpp"
#include "nearest.hpp"

namespace tocsin::matcher {

namespace {

constexpr std::size_t kNearest = 3;

bool has(const WindowAttempt& window, const Position& event) {
    return window.event ? *window.event == event : window.start <= event.time && event.time <= window.end;
}

/// How far a window is from firing: parts of `where` that are not true, then how far apart their sides are.
std::tuple<bool, std::size_t, double> rank(const WindowAttempt& window, const std::optional<Position>& about) {
    return {about && !has(window, *about), window.failures.size(),
            std::accumulate(window.failures.begin(), window.failures.end(), 0.0,
                            [](double sum, const Failure& failure) { return sum + failure.gap; })};
}

/// Of equally near ones the latest.
void keep_nearest(std::vector<WindowAttempt>& kept, WindowAttempt window, const std::optional<Position>& about) {
    const auto place = std::find_if(kept.begin(), kept.end(),
                                    [&](const WindowAttempt& other) { return rank(window, about) <= rank(other, about); });
    kept.insert(place, std::move(window));
    if (kept.size() > kNearest) {
        kept.pop_back();
    }
}

/// How an event stands to what comes into the windows.
PassedOver as_member(Judge& judge, const SeenEvent& event) {
    const nfa::ConditionId condition{0};
    return {event.position, {{"", judge.text(condition), false, judge.failures(condition, judge.start(), event), ""}}};
}

}  // namespace

Why explain_windows(ShardMemory& memory, const WhyQuestion& question) {
    const auto& [rule, key, events, inputs_end, about] = question;
    Why why;
    Judge judge(memory, rule);
    memory.refused = [&](const WindowResult& result, const DecisionValues& values) {
        ++why.windows_refused;
        keep_nearest(why.windows, {result.start, result.end, result.event, judge.lets(values), judge.where_failures(values)},
                     about);
    };
    const std::unique_ptr<Matcher> matcher = make_matcher(memory, rule, Limits{});
    for (const SeenEvent& event : events) {
        if (event.hits != 0) {
            ++why.fitting;
            matcher->on_event(key, event.id, event.hits);
        } else if (event.position == about) {
            why.about = as_member(judge, event);
        }
    }
    for (const SeenEvent& event : why.fitting == 0 ? events : std::span<const SeenEvent>()) {
        keep_nearest(why.nearest, as_member(judge, event), about);
    }
    // A rule that can take alerts back judges a window once, as the last of its events left it.
    matcher->pass_time({EventTime::highest(), EventTime::highest()});
    why.matches = matcher->changes().size();
    memory.refused = nullptr;
    return why;
}

}  // namespace tocsin::matcher
