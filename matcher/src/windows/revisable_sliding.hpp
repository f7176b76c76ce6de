#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "key_windows.hpp"

namespace tocsin::matcher {

/// A sliding window whose events come late and go again. Every event has a result; one that comes or goes at t changes those of
/// the events in [t, t + size), and further as long as `prev(…)` or an emptied window hands the change on.
///
/// The aggregates stand over one window, which is moved to each event that is judged: an event more at one end, some fewer at
/// the other. An event in order thus costs what it costs a SlidingWindow (with O(log events) for min and max), and a late
/// one as much for each result that it changes, and the way back to them.
class RevisableSliding final : public KeyWindows {
public:
    RevisableSliding(WindowRule& rule, std::string key);

    void add(std::span<const event::Value> row, const Position& at) override;
    bool remove(const Position& at) override;
    void pass(const Progress& now) override;
    [[nodiscard]] Progress due() const override;
    [[nodiscard]] bool empty() const override { return events_.empty() && !settled_.remembered; }
    [[nodiscard]] std::size_t live() const override { return events_.size(); }
    void save(StateWriter& out) override;
    void restore(StateReader& in) override;

private:
    /// What the event after it needs to know.
    struct HandedOn {
        std::optional<std::vector<Owned>> remembered;  ///< by `prev(…)`; nothing: there is no event before
        std::optional<Position> emptied;  ///< the last alert so far: it took all events up to it out
        friend bool operator==(const HandedOn&, const HandedOn&) = default;
    };
    struct Judged {
        Operands row;
        std::optional<WindowResult> shown;
        HandedOn after;
    };
    using Events = std::map<Position, Judged, Before>;
    struct Pending {
        Position from;
        EventTime until;  ///< exclusive
    };

    void judge_from(const Position& at);
    void sweep();
    bool judge(Events::iterator event);
    [[nodiscard]] const HandedOn& handed_to(Events::iterator event) const;
    void move_to(Events::iterator event, const std::optional<Position>& emptied);
    [[nodiscard]] bool precedes(Events::iterator a, Events::iterator b) const;
    void leave_out(Events::iterator event);
    void settle(EventTime settled);

    WindowRule& rule_;
    std::string key_;
    Events events_;
    Aggregates aggregates_;  ///< over [begin_, end_)
    Events::iterator begin_;
    Events::iterator end_;
    std::vector<Pending> pending_;
    std::map<Position, WindowResult, Before> withdrawn_;  ///< shown, of events that have gone
    HandedOn settled_;  ///< by the last event that has been given up
    EventTime final_until_{EventTime::lowest()};  ///< results of events before it are for good
};

}  // namespace tocsin::matcher
