#include "windows.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "judge.hpp"

namespace tocsin::matcher {

namespace {

constexpr std::size_t kNearest = 3;

/// How far a window is from firing: parts of `where` that are not true, then how far apart their sides are.
std::pair<std::size_t, double> distance(const WindowAttempt& window) {
    return {window.failures.size(), std::accumulate(window.failures.begin(), window.failures.end(), 0.0,
                                                    [](double sum, const Failure& failure) { return sum + failure.gap; })};
}

/// Of equally near ones the latest.
void keep_nearest(std::vector<WindowAttempt>& kept, WindowAttempt window) {
    const auto place = std::find_if(kept.begin(), kept.end(),
                                    [&](const WindowAttempt& other) { return distance(window) <= distance(other); });
    kept.insert(place, std::move(window));
    if (kept.size() > kNearest) {
        kept.pop_back();
    }
}

}  // namespace

Why explain_windows(ShardMemory& memory, plan::RuleId rule, std::string_view key, std::span<const SeenEvent> events) {
    Why why;
    Judge judge(memory, rule);
    memory.refused = [&](const WindowResult& result, const DecisionValues& values) {
        ++why.windows_refused;
        keep_nearest(why.windows, {result.start, result.end, result.event, judge.lets(values), judge.where_failures(values)});
    };
    const std::unique_ptr<Matcher> matcher = make_matcher(memory, rule, Limits{});
    for (const SeenEvent& event : events) {
        if (event.hits != 0) {
            ++why.fitting;
            matcher->on_event(key, event.id, event.hits);
        }
    }
    // A rule that can take alerts back judges a window once, as the last of its events left it.
    matcher->pass_time({EventTime::highest(), EventTime::highest()});
    why.matches = matcher->changes().size();
    memory.refused = nullptr;
    return why;
}

}  // namespace tocsin::matcher
