#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/matcher/event_pool.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// What the rules of one shard share. The shard owns it and outlives its matchers.
struct ShardMemory {
    ShardMemory(std::shared_ptr<const plan::Program> plan, std::shared_ptr<const Evaluator> evaluator,
                const PartitionTable& partition_table)
        : program(std::move(plan)), session(std::move(evaluator)), partitions(partition_table), pasts(events) {}

    std::shared_ptr<const plan::Program> program;
    Evaluator::Session session;
    const PartitionTable& partitions;
    EventPool events;
    PastPool pasts;
};

/// A match: which events the steps took. Holds a reference to its past until ShardMemory::pasts.release(past).
struct Match {
    plan::RuleId rule{};
    std::string key;            ///< encode_key
    EventTime decided;
    PastId past{kNoPast};
};

struct MatcherCounters {
    std::uint64_t candidates{0};
    std::uint64_t runs_refused{0};
    std::uint64_t overflows{0};     ///< integer overflows in its conditions on runs
};

/// One rule over the keys of one shard: events in order go in, matches come out. Owned by one shard.
///
/// Calls: (on_event | pass_time)*, with times that never go down; everything decided before the time passed is then in
/// matches(), in order of decision time per key.
class RuleMatcher {
public:
    RuleMatcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits);
    ~RuleMatcher();
    RuleMatcher(RuleMatcher&&) noexcept;
    RuleMatcher& operator=(RuleMatcher&&) noexcept = delete;

    /// An event that the rule sees for `key`; bit i of `hits`: the predicate of condition i holds.
    /// Requires: no event after it in the order of events was given before.
    void on_event(std::string_view key, EventId event, std::uint64_t hits);
    /// Every later event has a time >= `watermark`.
    void pass_time(EventTime watermark);

    /// The matches since they were last taken.
    [[nodiscard]] std::vector<Match>& matches();

    [[nodiscard]] const MatcherCounters& counters() const;
    [[nodiscard]] std::size_t live_runs() const;
    [[nodiscard]] std::size_t live_keys() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The values of a match that its rule's lets, where, returns and text refer to. Strings live until the session's release().
struct MatchValues {
    std::vector<event::Value> registers;
    std::vector<event::Value> lets;
    std::vector<event::Value> key;
    std::vector<event::Value> last_kept;        ///< kept values of the last event taken

    [[nodiscard]] Scope scope() const {
        Scope scope;
        scope.registers = registers;
        scope.lets = lets;
        scope.key = key;
        scope.kept = last_kept;
        return scope;
    }
};
[[nodiscard]] MatchValues match_values(ShardMemory& memory, const plan::RulePlan& rule, std::string_view key, PastId past);

}  // namespace tocsin::matcher
