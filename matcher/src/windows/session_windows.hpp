#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "key_windows.hpp"

namespace tocsin::matcher {

/// Sessions: events of which none is more than the gap after the one before. A late event can lengthen a session or join two;
/// one that is taken back can shorten a session or part it in two. A session with other bounds is another one: what was shown
/// of it is retracted.
///
/// Cost of an event: O(log sessions) and what the aggregates cost; where it joins two, the events of one of them, the smaller
/// where all its events are still known.
class SessionWindows final : public KeyWindows {
public:
    SessionWindows(WindowRule& rule, std::string key);

    void add(std::span<const event::Value> row, const Position& at) override;
    bool remove(const Position& at) override;
    void pass(const Progress& now) override;
    [[nodiscard]] Progress due() const override;
    [[nodiscard]] bool empty() const override { return sessions_.empty() && log_.empty() && !settled_; }
    [[nodiscard]] std::size_t live() const override { return sessions_.size(); }
    void save(StateWriter& out) override;
    void restore(StateReader& in) override;

private:
    struct Session {
        EventTime last;
        Aggregates aggregates;
        std::optional<WindowResult> shown;
        std::optional<std::vector<Owned>> remembered;  ///< for the next session; nothing: it has not been judged
    };
    using Sessions = std::map<EventTime, Session>;

    [[nodiscard]] EventTime over_at(const Session& session) const { return session.last + rule_.window().size; }
    [[nodiscard]] Sessions::iterator open(EventTime first, EventTime last);
    void withdraw(Session& session);
    [[nodiscard]] Sessions::iterator begin_at(Sessions::iterator session, EventTime first);
    void join(Sessions::iterator session, Sessions::iterator next);
    void move_events(EventTime first, EventTime last, Aggregates& from, Aggregates& to);
    void part(Sessions::iterator session, EventTime last, EventTime first);
    void judge_after(Sessions::iterator session);
    void judge(Sessions::iterator session);
    void settle(EventTime settled);

    WindowRule& rule_;
    std::string key_;
    Sessions sessions_;  ///< by their first event's time
    std::set<EventTime> pending_;  ///< first times of sessions that are to be judged once they are over
    std::vector<WindowResult> withdrawn_;  ///< shown, of sessions that have other bounds now
    EventLog log_;  ///< of a revisable rule
    EventTime complete_from_{EventTime::lowest()};  ///< events at or after it are all in the log
    std::optional<std::vector<Owned>> settled_;  ///< what the last session given up remembered
};

}  // namespace tocsin::matcher
