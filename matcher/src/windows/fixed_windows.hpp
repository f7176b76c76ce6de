#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "key_windows.hpp"

namespace tocsin::matcher {

/// Tumbling and hopping windows: [start, start + size), starts at multiples of `every` since the epoch. A window is judged
/// when time reaches its end, and again when an event comes or goes that it holds, or when what `prev(…)` reads of the window
/// before has changed.
///
/// Cost of an event: its windows (size / every), each O(log windows) and what the aggregates cost.
class FixedWindows final : public KeyWindows {
public:
    FixedWindows(WindowRule& rule, std::string key);

    void add(std::span<const event::Value> row, const Position& at) override;
    bool remove(const Position& at) override;
    void pass(const Progress& now) override;
    void look_again(EventTime from) override;
    [[nodiscard]] Progress due() const override;
    [[nodiscard]] bool empty() const override;
    [[nodiscard]] std::size_t live() const override { return windows_.size(); }
    void save(StateWriter& out) override;
    void restore(StateReader& in) override;

private:
    struct Held {
        Aggregates aggregates;
        std::optional<WindowResult> shown;
        std::optional<std::vector<Owned>> remembered;  ///< for the next window; nothing: it holds no event
    };
    using Windows = std::map<EventTime, Held>;

    [[nodiscard]] Held& window_at(EventTime start);
    [[nodiscard]] EventTime end_of(EventTime start) const { return start + rule_.window().size; }
    [[nodiscard]] EventTime last_moment(EventTime start) const;
    template <class Each>
    void for_each_start(EventTime time, Each each) const;
    [[nodiscard]] EventTime next_end(EventTime after) const;
    [[nodiscard]] bool seen_lately(EventTime end) const;
    void judge_again_empty(EventTime time);
    void find_empty(EventTime until);
    void judge(EventTime start);
    void remember(EventTime start, std::optional<std::vector<Owned>>& before, std::optional<std::vector<Owned>> now);
    void settle(EventTime settled);
    [[nodiscard]] EventTime next_empty() const;

    WindowRule& rule_;
    std::string key_;
    Windows windows_;  ///< by start
    std::set<EventTime> pending_;  ///< starts of windows that are to be judged once their end is reached
    EventLog log_;  ///< of a revisable rule
    std::optional<EventTime> latest_;  ///< the latest event that is not in the log
    EventTime judged_{EventTime::lowest()};  ///< windows with ends up to here have been looked at, empty ones too
};

}  // namespace tocsin::matcher
