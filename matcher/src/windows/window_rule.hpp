#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tocsin/matcher/matcher.hpp>

#include "accumulators.hpp"
#include "owned.hpp"

namespace tocsin::matcher {

/// What of an event the aggregates of a rule read, by WindowRule::arguments.
using Operands = std::vector<Owned>;

/// The aggregates of one window, by the rule's registers. Owned by one shard.
class Aggregates {
public:
    void add(std::span<const event::Value> row, const Position& at);
    void remove(std::span<const event::Value> row, const Position& at);
    [[nodiscard]] std::uint64_t events() const { return events_; }

    void save(StateWriter& out) {
        out(events_);
        out.number(parts_.size());
        for (Part& part : parts_) {
            part.accumulator->save(out);
        }
    }
    /// Requires: of the same rule and order.
    void restore(StateReader& in) {
        in(events_);
        // Those of a window that is only held for what it remembers are gone.
        if (const std::size_t parts = in.count(); parts == 0) {
            parts_.clear();
        } else if (parts != parts_.size()) {
            in.fail();
        }
        for (Part& part : parts_) {
            part.accumulator->restore(in);
        }
    }

private:
    friend class WindowRule;
    struct Part {
        std::uint32_t argument;
        std::unique_ptr<Accumulator> accumulator;
    };
    std::uint64_t events_{0};
    std::vector<Part> parts_;  ///< one for each register that needs more than the number of events
};

/// What judging a window came to.
struct Verdict {
    std::optional<WindowResult> result;  ///< if `where` passes
    std::vector<Owned> remembered;  ///< what `prev(…)` will read of it, by WindowRule::previous
};

/// A window rule as all its keys in one shard share it: what it reads of an event, how a window is judged, and where what it
/// shows goes. Owned by one shard.
class WindowRule {
public:
    WindowRule(ShardMemory& memory, plan::RuleId id);

    [[nodiscard]] const plan::WindowPlan& window() const { return *rule_.window; }
    [[nodiscard]] bool revisable() const { return revisable_; }
    [[nodiscard]] bool empties_itself() const { return rule_.overlap == plan::Overlap::none; }
    /// Some expression reads the window before.
    [[nodiscard]] bool looks_back() const { return !previous_.empty(); }
    [[nodiscard]] const PartitionTable& partitions() const { return memory_.partitions; }

    /// The event is one of the window's: what its condition says beside its predicate, which looks into tables.
    [[nodiscard]] bool takes(EventId event);
    [[nodiscard]] bool looks_into_tables() const { return !rule_.tables.empty(); }
    /// What the aggregates read of an event. Strings live until release().
    [[nodiscard]] std::span<const event::Value> read(EventId event);
    [[nodiscard]] Aggregates make_aggregates(Order order) const;

    /// `aggregates` null: a window without events; `before` null: there is no window before, or it holds none. The bounds are
    /// for the result.
    [[nodiscard]] Verdict judge(const std::string& key, const Aggregates* aggregates, const std::vector<Owned>* before,
                                WindowResult bounds);

    /// Brings what is shown of one window to `now`: an alert, its retraction, or a correction if an alert would show something
    /// else. Only of a revisable rule is `shown` kept.
    void show(const std::string& key, std::optional<WindowResult>& shown, std::optional<WindowResult> now);
    void retract(const std::string& key, WindowResult shown);

    /// Strings that evaluations made are given up.
    void release();

    std::vector<Change> changes;
    MatcherCounters counters;

private:
    [[nodiscard]] std::vector<event::Value> registers_of(const Aggregates* aggregates, const std::vector<Owned>* before);
    [[nodiscard]] bool looks_the_same(const std::string& key, const WindowResult& a, const WindowResult& b);
    [[nodiscard]] std::vector<event::Value> shown_values(const std::string& key, const WindowResult& result);
    [[nodiscard]] Scope scope_of(EventId event) const;
    [[nodiscard]] Decision decision(const std::string& key, WindowResult result) const;

    struct Part {
        std::uint32_t reg;
        std::uint32_t argument;
    };
    struct Previous {
        std::uint32_t reg;
        std::uint32_t let;
    };
    ShardMemory& memory_;
    plan::RuleId id_;
    const plan::RulePlan& rule_;
    bool revisable_;
    std::vector<plan::ExprId> arguments_;  ///< distinct
    std::vector<Part> parts_;  ///< of an Aggregates, in its order
    std::vector<std::uint32_t> bare_counts_;  ///< registers that are `count()`
    std::vector<Previous> previous_;
    std::vector<event::Value> row_;
};

/// A kept row as what an accumulator takes; the views live as long as the row.
[[nodiscard]] std::vector<event::Value> views(const Operands& row);
[[nodiscard]] Operands own_row(std::span<const event::Value> row);

}  // namespace tocsin::matcher
