#include "revisable_sliding.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tocsin::matcher {

RevisableSliding::RevisableSliding(WindowRule& rule, std::string key)
    : rule_(rule),
      key_(std::move(key)),
      events_(Before{&rule.partitions()}),
      aggregates_(rule.make_aggregates(Order::any)),
      begin_(events_.end()),
      end_(events_.end()),
      withdrawn_(Before{&rule.partitions()}) {}

void RevisableSliding::judge_from(const Position& at) { pending_.push_back({at, at.time + rule_.window().size}); }

void RevisableSliding::add(std::span<const event::Value> row, const Position& at) {
    Judged made{own_row(row), std::nullopt, {}};
    if (auto node = withdrawn_.extract(at)) {
        made.shown = std::move(node.mapped());
    }
    const auto event = events_.emplace(at, std::move(made)).first;
    if (std::next(event) == end_) {
        // At an edge it stays outside.
        begin_ = begin_ == end_ ? event : begin_;
        end_ = event;
    } else if (precedes(begin_, event) && precedes(event, end_)) {
        aggregates_.add(row, at);
    }
    judge_from(at);
}

bool RevisableSliding::remove(const Position& at) {
    const auto event = events_.find(at);
    if (event == events_.end()) {
        return false;
    }
    if (event->second.shown) {
        withdrawn_.emplace(at, std::move(*event->second.shown));
    }
    leave_out(event);
    judge_from(at);
    return true;
}

/// Erases the event, from the aggregates too.
void RevisableSliding::leave_out(Events::iterator event) {
    const bool inside = !precedes(event, begin_) && precedes(event, end_);
    if (inside) {
        aggregates_.remove(views(event->second.row), event->first);
    }
    begin_ = begin_ == event ? std::next(event) : begin_;
    end_ = end_ == event ? std::next(event) : end_;
    events_.erase(event);
}

bool RevisableSliding::precedes(Events::iterator a, Events::iterator b) const {
    return a != events_.end() && (b == events_.end() || events_.key_comp()(a->first, b->first));
}

const RevisableSliding::HandedOn& RevisableSliding::handed_to(Events::iterator event) const {
    return event == events_.begin() ? settled_ : std::prev(event)->second.after;
}

/// Stands the aggregates over the window that ends with the event.
void RevisableSliding::move_to(Events::iterator event, const std::optional<Position>& emptied) {
    auto begin = events_.upper_bound(event->first.time - rule_.window().size);
    if (emptied) {
        const auto left = events_.upper_bound(*emptied);
        begin = precedes(begin, left) ? left : begin;
    }
    const auto end = std::next(event);
    if (!precedes(begin, end_) || !precedes(begin_, end)) {
        aggregates_ = rule_.make_aggregates(Order::any);
        begin_ = begin;
        end_ = begin;
    }
    const auto add = [&](Events::iterator one) { aggregates_.add(views(one->second.row), one->first); };
    const auto remove = [&](Events::iterator one) { aggregates_.remove(views(one->second.row), one->first); };
    while (precedes(begin, begin_)) {
        add(--begin_);
    }
    while (precedes(end_, end)) {
        add(end_++);
    }
    while (precedes(begin_, begin)) {
        remove(begin_++);
    }
    while (precedes(end, end_)) {
        remove(--end_);
    }
}

/// True if the next event has to be judged because of it.
bool RevisableSliding::judge(Events::iterator event) {
    const HandedOn& before = handed_to(event);
    move_to(event, before.emptied);
    const Position& at = event->first;
    Verdict verdict = rule_.judge(key_, &aggregates_, before.remembered ? &*before.remembered : nullptr,
                                  {at.time - rule_.window().size, at.time, at, {}, at.time, nullptr});
    HandedOn after;
    if (rule_.looks_back()) {
        after.remembered = std::move(verdict.remembered);
    }
    if (rule_.empties_itself()) {
        after.emptied = verdict.result ? std::optional(at) : before.emptied;
    }
    rule_.show(key_, event->second.shown, std::move(verdict.result));
    const bool changed = event->second.after != after;
    event->second.after = std::move(after);
    return changed;
}

void RevisableSliding::sweep() {
    std::sort(pending_.begin(), pending_.end(),
              [&](const Pending& a, const Pending& b) { return events_.key_comp()(a.from, b.from); });
    auto next = pending_.begin();
    auto event = events_.end();
    EventTime until = EventTime::lowest();
    bool handed_on = false;
    for (;;) {
        if (event == events_.end() || (!handed_on && event->first.time >= until)) {
            if (next == pending_.end()) {
                break;
            }
            event = events_.lower_bound(next->from);
            handed_on = true;  // what went there may have been the event before it
            until = next->until;
            ++next;
            continue;
        }
        for (; next != pending_.end() && !events_.key_comp()(event->first, next->from); ++next) {
            until = std::max(until, next->until);
        }
        handed_on = judge(event);
        ++event;
    }
    pending_.clear();
}

void RevisableSliding::pass(const Progress& now) {
    sweep();
    for (auto& [at, shown] : withdrawn_) {
        rule_.retract(key_, std::move(shown));
    }
    withdrawn_.clear();
    settle(now.settled);
}

void RevisableSliding::settle(EventTime settled) {
    for (auto event = events_.lower_bound(final_until_); event != events_.end() && event->first.time < settled; ++event) {
        event->second.shown.reset();
    }
    final_until_ = std::max(final_until_, settled);
    while (!events_.empty() && events_.begin()->first.time + rule_.window().size <= settled) {
        settled_ = std::move(events_.begin()->second.after);
        leave_out(events_.begin());
    }
}

Progress RevisableSliding::due() const {
    Progress due{EventTime::highest(), EventTime::highest()};
    if (!events_.empty()) {
        due.settled = just_before(events_.begin()->first.time + rule_.window().size);
    }
    if (const auto open = events_.lower_bound(final_until_); open != events_.end()) {
        due.settled = std::min(due.settled, open->first.time);
    }
    return due;
}

void RevisableSliding::save(StateWriter& out) {
    out.number(events_.size());
    for (auto& [place, judged] : events_) {
        Position at = place;
        out(at, judged.row, judged.shown, judged.after.remembered, judged.after.emptied);
    }
    auto begin = std::distance(events_.begin(), begin_);
    auto end = std::distance(events_.begin(), end_);
    out(begin, end, withdrawn_, settled_.remembered, settled_.emptied, final_until_);
    out.number(pending_.size());
    for (Pending& one : pending_) {
        out(one.from, one.until);
    }
    aggregates_.save(out);
}

void RevisableSliding::restore(StateReader& in) {
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        Position at;
        in(at);
        Judged& judged = events_[at];
        in(judged.row, judged.shown, judged.after.remembered, judged.after.emptied);
    }
    std::ptrdiff_t begin = 0;
    std::ptrdiff_t end = 0;
    in(begin, end, withdrawn_, settled_.remembered, settled_.emptied, final_until_);
    const auto place = [&](std::ptrdiff_t index) {
        return index >= 0 && index <= std::ssize(events_) ? std::next(events_.begin(), index) : events_.end();
    };
    begin_ = place(begin);
    end_ = place(end);
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        Pending& one = pending_.emplace_back();
        in(one.from, one.until);
    }
    aggregates_.restore(in);
}

}  // namespace tocsin::matcher
