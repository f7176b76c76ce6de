#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <tocsin/matcher/matcher.hpp>

namespace tocsin::matcher {

/// A rule with a pattern whose alerts are for good.
class PatternMatcher final : public Matcher {
public:
    PatternMatcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits);
    ~PatternMatcher() override;

    void on_event(std::string_view key, EventId event, std::uint64_t hits) override;
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
