#pragma once

#include <memory>

#include <tocsin/matcher/matcher.hpp>

namespace tocsin::matcher {

/// A `window` rule over the keys of one shard.
///
/// A rule that is not revisable judges a window when an event of its key, or time, passes what decides it, and keeps nothing
/// of it but what `prev(…)` reads. A revisable one brings what it shows up to date when its changes are asked for, so that
/// events that come and go together are one change; it keeps events and results until Progress::settled has passed what can
/// still change them.
class WindowMatcher final : public Matcher {
public:
    /// Requires: the rule has a window.
    WindowMatcher(ShardMemory& memory, plan::RuleId rule);
    ~WindowMatcher() override;

    void on_event(std::string_view key, EventId event, std::uint64_t hits) override;
    void remove(std::string_view key, const Position& position) override;
    void look_again(EventTime from) override;
    void pass_time(const Progress& now) override;

    [[nodiscard]] std::vector<Change>& changes() override;
    [[nodiscard]] const MatcherCounters& counters() const override;
    /// Open windows; of sliding ones, the events in them.
    [[nodiscard]] std::size_t live_runs() const override;
    [[nodiscard]] std::size_t live_keys() const override;
    void save(StateWriter& out) override;
    void restore(StateReader& in) override;

private:
    struct Impl;
    ShardMemory& memory_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::matcher
