#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <tocsin/matcher/matcher.hpp>

namespace tocsin::matcher {

/// A rule with a pattern whose alerts can be taken back: `lateness`, `emit early`, events that are themselves taken back.
///
/// Each key's events are kept until no event before them can come or go any more, with copies of the key's state at places among
/// them. An event out of order goes back to the copy before its place and runs on from there; what then differs from what was
/// shown is written. (Optimistic execution with rollback: Jefferson, Virtual Time, TOPLAS 7(3), 1985, sections 3 and 4; what
/// was shown and is not found again is his anti-message.) An event in order costs what it costs a rule without revision, and a copy
/// of the key's state once in many events.
class RevisingMatcher final : public Matcher {
public:
    RevisingMatcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits);
    ~RevisingMatcher() override;

    void on_event(std::string_view key, EventId event, std::uint64_t hits) override;
    [[nodiscard]] bool set_aside(std::string_view key, EventId event, std::uint64_t hits) override;
    void remove(std::string_view key, const Position& position) override;
    void look_again(EventTime from) override;
    void pass_time(const Progress& now) override;
    [[nodiscard]] std::vector<Change>& changes() override;
    [[nodiscard]] const MatcherCounters& counters() const override;
    [[nodiscard]] std::size_t live_runs() const override;
    [[nodiscard]] std::size_t live_keys() const override;
    void save(StateWriter& out) override;
    void restore(StateReader& in) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::matcher
