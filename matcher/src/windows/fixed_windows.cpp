#include "fixed_windows.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tocsin::matcher {
namespace {

/// The last multiple of `step` at or before the time.
EventTime floored(EventTime time, Duration step) {
    const std::int64_t rest = time.micros() % step.count();
    return time - Duration(rest < 0 ? rest + step.count() : rest);
}

}  // namespace

FixedWindows::FixedWindows(WindowRule& rule, std::string key)
    : rule_(rule), key_(std::move(key)), log_(Before{&rule.partitions()}) {}

FixedWindows::Held& FixedWindows::window_at(EventTime start) {
    auto found = windows_.find(start);
    if (found == windows_.end()) {
        const Order order = rule_.revisable() ? Order::any : Order::growing;
        found = windows_.emplace(start, Held{rule_.make_aggregates(order), std::nullopt, std::nullopt}).first;
    }
    return found->second;
}

/// The starts of the windows that hold a time, the latest first. A window whose bounds no time can say is left out.
template <class Each>
void FixedWindows::for_each_start(EventTime time, Each each) const {
    const plan::WindowPlan& window = rule_.window();
    for (EventTime start = floored(time, window.every); start != EventTime::lowest() && end_of(start) > time;
         start = start - window.every) {
        if (end_of(start) != EventTime::highest()) {
            each(start);
        }
    }
}

void FixedWindows::add(std::span<const event::Value> row, const Position& at) {
    for_each_start(at.time, [&](EventTime start) {
        window_at(start).aggregates.add(row, at);
        pending_.insert(start);
    });
    if (rule_.revisable()) {
        log_.emplace(at, own_row(row));
        judge_again_empty(at.time);
    } else {
        latest_ = at.time;
    }
}

bool FixedWindows::remove(const Position& at) {
    const auto logged = log_.find(at);
    if (logged == log_.end()) {
        return false;
    }
    const std::vector<event::Value> row = views(logged->second);
    for_each_start(at.time, [&](EventTime start) {
        windows_.at(start).aggregates.remove(row, at);
        pending_.insert(start);
    });
    log_.erase(logged);
    judge_again_empty(at.time);
    return true;
}

/// An event keeps windows after it alive; those that were looked at already are looked at again.
void FixedWindows::judge_again_empty(EventTime time) {
    if (!rule_.window().keep) {
        return;
    }
    const EventTime last = std::min(time + *rule_.window().keep, judged_);
    for (EventTime end = next_end(time); end <= last && end != EventTime::highest(); end = end + rule_.window().every) {
        pending_.insert(end - rule_.window().size);
    }
}

/// The time of the window's last event, or of its own end where it has none.
EventTime FixedWindows::last_moment(EventTime start) const {
    const auto after = log_.lower_bound(end_of(start));
    const std::optional<EventTime> last = after == log_.begin() ? latest_ : std::optional(std::prev(after)->first.time);
    return last && *last >= start ? *last : just_before(end_of(start));
}

/// The first end of a window after a time; highest() where there is none.
EventTime FixedWindows::next_end(EventTime after) const {
    const EventTime start = floored(after - rule_.window().size, rule_.window().every);
    return start == EventTime::lowest() ? EventTime::highest() : end_of(start + rule_.window().every);
}

/// Whether an event came in the time of `for` before the end. Only asked of windows that hold none.
bool FixedWindows::seen_lately(EventTime end) const {
    const auto after = log_.lower_bound(end);
    const std::optional<EventTime> last = after == log_.begin() ? latest_ : std::optional(std::prev(after)->first.time);
    return last && *last >= end - *rule_.window().keep;
}

/// The end of the next window that may be empty and is still to be looked at.
EventTime FixedWindows::next_empty() const {
    if (!rule_.window().keep || (!latest_ && log_.empty())) {
        return EventTime::highest();
    }
    EventTime from = judged_;
    if (!latest_) {
        from = std::max(from, log_.begin()->first.time);
    }
    const EventTime last = log_.empty() ? *latest_ : log_.rbegin()->first.time;
    const EventTime end = next_end(from);
    return end <= last + *rule_.window().keep ? end : EventTime::highest();
}

/// Empty windows that `for` asks for, with ends up to `until`. Those between are looked at as well, and found not to be there.
void FixedWindows::find_empty(EventTime until) {
    for (EventTime end = next_empty(); end <= until && end != EventTime::highest(); end = next_empty()) {
        pending_.insert(end - rule_.window().size);
        judged_ = end;
    }
    judged_ = until;
}

void FixedWindows::pass(const Progress& now) {
    find_empty(now.shown);
    while (!pending_.empty() && end_of(*pending_.begin()) <= now.shown) {
        const EventTime start = *pending_.begin();
        pending_.erase(pending_.begin());
        judge(start);
    }
    settle(now.settled);
}

void FixedWindows::judge(EventTime start) {
    const auto found = windows_.find(start);
    const bool holds = found != windows_.end() && found->second.aggregates.events() > 0;
    Verdict verdict;
    if (holds || (rule_.window().keep && seen_lately(end_of(start)))) {
        const auto before = windows_.find(start - rule_.window().every);
        const bool known = before != windows_.end() && before->second.remembered;
        verdict = rule_.judge(key_, holds ? &found->second.aggregates : nullptr, known ? &*before->second.remembered : nullptr,
                              {start, end_of(start), std::nullopt, {}, last_moment(start), nullptr});
    }
    if (found == windows_.end()) {
        std::optional<WindowResult> shown;
        rule_.show(key_, shown, std::move(verdict.result));
        if (shown) {
            window_at(start).shown = std::move(shown);
        }
        return;
    }
    Held& held = found->second;
    rule_.show(key_, held.shown, std::move(verdict.result));
    if (rule_.looks_back()) {
        remember(start, held.remembered, holds ? std::optional(std::move(verdict.remembered)) : std::nullopt);
    }
    if (!holds && !held.shown) {
        windows_.erase(found);
    }
}

void FixedWindows::look_again(EventTime from) {
    if (!rule_.window().keep) {
        return;
    }
    for (EventTime end = next_end(from); end <= judged_ && end != EventTime::highest(); end = end + rule_.window().every) {
        pending_.insert(end - rule_.window().size);
    }
}

void FixedWindows::remember(EventTime start, std::optional<std::vector<Owned>>& before, std::optional<std::vector<Owned>> now) {
    if (before != now) {
        before = std::move(now);
        if (const EventTime next = start + rule_.window().every; windows_.contains(next) || end_of(next) <= judged_) {
            pending_.insert(next);
        }
    }
}

void FixedWindows::settle(EventTime settled) {
    const Duration kept_on = rule_.looks_back() ? rule_.window().every : Duration(0);
    while (!windows_.empty() && end_of(windows_.begin()->first) + kept_on <= settled) {
        windows_.erase(windows_.begin());
    }
    if (!windows_.empty() && end_of(windows_.begin()->first) <= settled) {
        Held& last = windows_.begin()->second;  // held for what it remembers only
        last.aggregates = Aggregates();
        last.shown.reset();
    }
    while (!log_.empty() && log_.begin()->first.time < settled) {
        latest_ = log_.begin()->first.time;
        log_.erase(log_.begin());
    }
}

Progress FixedWindows::due() const {
    Progress due{next_empty(), EventTime::highest()};
    if (!pending_.empty()) {
        due.shown = std::min(due.shown, end_of(*pending_.begin()));
    }
    if (!windows_.empty()) {
        due.settled = end_of(windows_.begin()->first) + (rule_.looks_back() ? rule_.window().every : Duration(0));
    }
    due = {just_before(due.shown), just_before(due.settled)};
    if (!log_.empty()) {
        due.settled = std::min(due.settled, log_.begin()->first.time);
    }
    return due;
}

bool FixedWindows::empty() const { return windows_.empty() && log_.empty() && next_empty() == EventTime::highest(); }

void FixedWindows::save(StateWriter& out) {
    out.number(windows_.size());
    for (auto& [start, held] : windows_) {
        EventTime at = start;
        out(at, held.shown, held.remembered);
        held.aggregates.save(out);
    }
    out(pending_, log_, latest_, judged_);
}

void FixedWindows::restore(StateReader& in) {
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        EventTime start;
        in(start);
        Held& held = window_at(start);
        in(held.shown, held.remembered);
        held.aggregates.restore(in);
    }
    in(pending_, log_, latest_, judged_);
}

}  // namespace tocsin::matcher
