#include "session_windows.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tocsin::matcher {

SessionWindows::SessionWindows(WindowRule& rule, std::string key)
    : rule_(rule), key_(std::move(key)), log_(Before{&rule.partitions()}) {}

SessionWindows::Sessions::iterator SessionWindows::open(EventTime first, EventTime last) {
    const Order order = rule_.revisable() ? Order::any : Order::growing;
    const auto session =
        sessions_.emplace(first, Session{last, rule_.make_aggregates(order), std::nullopt, std::nullopt}).first;
    pending_.insert(first);
    judge_after(session);
    return session;
}

void SessionWindows::withdraw(Session& session) {
    if (session.shown) {
        withdrawn_.push_back(std::move(*session.shown));
        session.shown.reset();
    }
}

/// What the session after this one reads of the one before has changed.
void SessionWindows::judge_after(Sessions::iterator session) {
    if (rule_.looks_back() && std::next(session) != sessions_.end()) {
        pending_.insert(std::next(session)->first);
    }
}

SessionWindows::Sessions::iterator SessionWindows::begin_at(Sessions::iterator session, EventTime first) {
    if (session->first == first) {
        return session;
    }
    withdraw(session->second);
    pending_.erase(session->first);
    auto node = sessions_.extract(session);
    node.key() = first;
    return sessions_.insert(std::move(node)).position;
}

void SessionWindows::add(std::span<const event::Value> row, const Position& at) {
    const Duration gap = rule_.window().size;
    const auto next = sessions_.upper_bound(at.time);
    const auto before = next == sessions_.begin() ? sessions_.end() : std::prev(next);
    const bool lengthens = before != sessions_.end() && at.time <= over_at(before->second);
    const bool leads_to_next = next != sessions_.end() && next->first <= at.time + gap;
    auto session = lengthens ? before : leads_to_next ? begin_at(next, at.time) : open(at.time, at.time);
    if (session->second.last < at.time) {
        withdraw(session->second);
        session->second.last = at.time;
    }
    session->second.aggregates.add(row, at);
    pending_.insert(session->first);
    if (rule_.revisable()) {
        log_.emplace(at, own_row(row));
    }
    if (lengthens && leads_to_next) {
        join(session, next);
    }
}

/// Events of the log with times from `first` to `last` go from one session to another.
void SessionWindows::move_events(EventTime first, EventTime last, Aggregates& from, Aggregates& to) {
    for (auto event = log_.lower_bound(first); event != log_.end() && event->first.time <= last; ++event) {
        const std::vector<event::Value> row = views(event->second);
        from.remove(row, event->first);
        to.add(row, event->first);
    }
}

void SessionWindows::join(Sessions::iterator session, Sessions::iterator next) {
    Session& into = session->second;
    Session& gone = next->second;
    withdraw(into);
    withdraw(gone);
    const bool all_known = session->first >= complete_from_;
    if (all_known && into.aggregates.events() < gone.aggregates.events()) {
        move_events(session->first, into.last, into.aggregates, gone.aggregates);
        std::swap(into.aggregates, gone.aggregates);
    } else {
        move_events(next->first, gone.last, gone.aggregates, into.aggregates);
    }
    into.last = gone.last;
    pending_.erase(next->first);
    sessions_.erase(next);
    judge_after(session);
}

bool SessionWindows::remove(const Position& at) {
    const auto logged = log_.find(at);
    if (logged == log_.end()) {
        return false;
    }
    auto session = std::prev(sessions_.upper_bound(at.time));
    session->second.aggregates.remove(views(logged->second), at);
    const auto after = log_.erase(logged);
    const bool one_before = after != log_.begin() && std::prev(after)->first.time >= session->first;
    const bool one_after = after != log_.end() && after->first.time <= session->second.last;
    pending_.insert(session->first);
    if (one_before && one_after) {
        part(session, std::prev(after)->first.time, after->first.time);
    } else if (one_after) {
        static_cast<void>(begin_at(session, after->first.time));
        pending_.insert(after->first.time);
    } else if (one_before && std::prev(after)->first.time < session->second.last) {
        withdraw(session->second);
        session->second.last = std::prev(after)->first.time;
    } else if (!one_before) {
        withdraw(session->second);
        judge_after(session);
        pending_.erase(session->first);
        sessions_.erase(session);
    }
    return true;
}

/// The session ends at `last` and another begins at `first`, where they are too far apart now.
void SessionWindows::part(Sessions::iterator session, EventTime last, EventTime first) {
    if (first <= last + rule_.window().size) {
        return;
    }
    withdraw(session->second);
    const auto second = open(first, session->second.last);
    move_events(first, second->second.last, session->second.aggregates, second->second.aggregates);
    session->second.last = last;
}

void SessionWindows::pass(const Progress& now) {
    while (!pending_.empty()) {
        const auto session = sessions_.find(*pending_.begin());
        if (over_at(session->second) >= now.shown) {
            break;
        }
        pending_.erase(pending_.begin());
        judge(session);
    }
    for (WindowResult& shown : withdrawn_) {
        rule_.retract(key_, std::move(shown));
    }
    withdrawn_.clear();
    settle(now.settled);
}

void SessionWindows::judge(Sessions::iterator session) {
    Session& judged = session->second;
    const std::optional<std::vector<Owned>>& before =
        session == sessions_.begin() ? settled_ : std::prev(session)->second.remembered;
    Verdict verdict = rule_.judge(key_, &judged.aggregates, before ? &*before : nullptr,
                                  {session->first, judged.last, std::nullopt, {}, judged.last, nullptr});
    // Its bounds may have changed and changed back.
    const auto was_shown = std::find_if(withdrawn_.begin(), withdrawn_.end(), [&](const WindowResult& shown) {
        return shown.start == session->first && shown.end == judged.last;
    });
    if (was_shown != withdrawn_.end()) {
        judged.shown = std::move(*was_shown);
        withdrawn_.erase(was_shown);
    }
    rule_.show(key_, judged.shown, std::move(verdict.result));
    if (rule_.looks_back() && judged.remembered != verdict.remembered) {
        judged.remembered = std::move(verdict.remembered);
        judge_after(session);
    }
}

void SessionWindows::settle(EventTime settled) {
    while (!sessions_.empty() && over_at(sessions_.begin()->second) < settled) {
        settled_ = std::move(sessions_.begin()->second.remembered);
        sessions_.erase(sessions_.begin());
    }
    // An event that is taken back joins or parts what lies within the gap around it.
    complete_from_ = std::max(complete_from_, settled - rule_.window().size);
    while (!log_.empty() && log_.begin()->first.time < complete_from_) {
        log_.erase(log_.begin());
    }
}

Progress SessionWindows::due() const {
    Progress due{EventTime::highest(), EventTime::highest()};
    if (!pending_.empty()) {
        due.shown = over_at(sessions_.find(*pending_.begin())->second);
    }
    if (!sessions_.empty()) {
        due.settled = over_at(sessions_.begin()->second);
    }
    if (!log_.empty()) {
        due.settled = std::min(due.settled, log_.begin()->first.time + rule_.window().size);
    }
    return due;
}

void SessionWindows::save(StateWriter& out) {
    out.number(sessions_.size());
    for (auto& [first, session] : sessions_) {
        EventTime at = first;
        out(at, session.last, session.shown, session.remembered);
        session.aggregates.save(out);
    }
    out(pending_, withdrawn_, log_, complete_from_, settled_);
}

void SessionWindows::restore(StateReader& in) {
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        EventTime first;
        in(first);
        Session& session = open(first, first)->second;
        in(session.last, session.shown, session.remembered);
        session.aggregates.restore(in);
    }
    in(pending_, withdrawn_, log_, complete_from_, settled_);
}

}  // namespace tocsin::matcher
