#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tocsin/base/archive.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/matcher/past_pool.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

struct DecisionValues;
struct WindowResult;

/// What the rules of one shard share. The shard owns it and outlives its matchers.
struct ShardMemory {
    ShardMemory(std::shared_ptr<const plan::Program> plan, std::shared_ptr<const Evaluator> evaluator,
                const PartitionTable& partition_table, std::vector<const TableSet*> tables_of_rule)
        : program(std::move(plan)),
          session(std::move(evaluator)),
          partitions(partition_table),
          tables(std::move(tables_of_rule)),
          pasts(events) {}

    std::shared_ptr<const plan::Program> program;
    Evaluator::Session session;
    const PartitionTable& partitions;
    std::vector<const TableSet*> tables;        ///< by rule: what it looks into, or null
    EventPool events;
    PastPool pasts;
    /// Is shown each window that a `where` refuses; empty where nobody asks.
    std::function<void(const WindowResult&, const DecisionValues&)> refused;
};

/// What an alert shows that has to be worked out: its lets, the values of its return, those in its text.
using ShownValues = std::vector<plan::Constant>;
template <class Archive>
void archive_shown(Archive& a, std::shared_ptr<const ShownValues>& shown) {
    std::optional<ShownValues> values = shown == nullptr ? std::nullopt : std::optional(*shown);
    a(values);
    shown = values ? std::make_shared<const ShownValues>(std::move(*values)) : nullptr;
}

/// What a window came to. Values own their strings.
struct WindowResult {
    EventTime start;
    EventTime end;                              ///< exclusive; sliding: the event's time; session: the last event's
    std::optional<Position> event;              ///< sliding: the event at which it was judged
    std::vector<plan::Constant> registers;      ///< by RulePlan::match_registers
    EventTime as_of{};                          ///< as of which tables are looked into: its last event's, else the last in it
    std::shared_ptr<const ShownValues> shown{};     ///< as in Decision

    template <class Archive>
    void archive(Archive& a) {
        a(start, end, event, registers, as_of);
        archive_shown(a, shown);
    }
};

/// What a rule found for a key: a match of its pattern, which events the steps took, or the result of a window.
struct Decision {
    plan::RuleId rule{};
    std::string key;                            ///< encode_key
    EventTime decided;
    /// Of a pattern. Its holder has a reference, given back by ShardMemory::pasts.release(past).
    PastId past{kNoPast};
    std::optional<WindowResult> window;
    /// Of a rule that looks into tables: what it shows, which the tables may not give any more when it is taken back.
    std::shared_ptr<const ShownValues> shown{};
};

/// When a window's result is decided: its end less a millisecond; a session's last event and the gap; a sliding one's event.
[[nodiscard]] EventTime decided_at(const plan::WindowPlan& window, const WindowResult& result);

/// What the watermark must pass for the decision to be shown for good: the time of the decision; for a tumbling or hopping
/// window all times in it, which are finer than the millisecond before its end.
[[nodiscard]] EventTime due_at(const plan::RulePlan& rule, const Decision& decision);

/// What changes in what a rule shows.
struct Change {
    enum class Op : std::uint8_t { retract, alert, correct } op{Op::alert};
    Decision decision;                          ///< of a retract: what was shown
    std::uint64_t cause{0};                     ///< the record that caused it, by arrival
};

/// How far time has come for a rule.
struct Progress {
    EventTime shown;        ///< what only time decides is shown before it: the watermark; `emit early`: the one without slack
    EventTime settled;      ///< no event before it comes or goes any more: the watermark less the rule's lateness
    friend bool operator==(const Progress&, const Progress&) = default;

    template <class Archive>
    void archive(Archive& a) {
        a(shown, settled);
    }
};

struct MatcherCounters {
    std::uint64_t candidates{0};
    std::uint64_t runs_refused{0};
    std::uint64_t overflows{0};     ///< integer overflows in its conditions on runs

    template <class Archive>
    void archive(Archive& a) {
        a(candidates, runs_refused, overflows);
    }
};

/// One rule over the keys of one shard: events go in, changes of what it shows come out. Owned by one shard.
///
/// A rule with `lateness` or `emit early` is revisable: its events come in any order, at or after Progress::settled, and can be
/// taken back; what was shown is corrected; pass_time is called before and after each record that is not set aside. The events of any other rule come in the order of events and are for good.
/// Times never go down.
class Matcher {
public:
    Matcher() = default;
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;
    virtual ~Matcher() = default;

    /// An event that the rule sees for `key`; bit i of `hits`: the predicate of condition i holds.
    virtual void on_event(std::string_view key, EventId event, std::uint64_t hits) = 0;
    /// Takes the event if it changes nothing as things stand, so that nothing need be looked at for it; false: on_event has to.
    [[nodiscard]] virtual bool set_aside(std::string_view key, EventId event, std::uint64_t hits);
    /// The event at this place is taken back, where there is one. Requires: a revisable rule.
    virtual void remove(std::string_view key, const Position& position);
    /// Tables that the rule looks into are not what they were from `from` on. Requires: a revisable rule.
    virtual void look_again(EventTime from);
    /// Ends what one record causes: what changed since the last call is then in changes().
    virtual void pass_time(const Progress& now) = 0;

    /// What changed, without a cause; of what is for good, in order of decision time per key. Its taker clears it.
    [[nodiscard]] virtual std::vector<Change>& changes() = 0;
    [[nodiscard]] virtual const MatcherCounters& counters() const = 0;
    [[nodiscard]] virtual std::size_t live_runs() const = 0;
    [[nodiscard]] virtual std::size_t live_keys() const = 0;

    /// Requires: changes() were taken.
    virtual void save(StateWriter& out) = 0;
    /// Requires: a new matcher of the same rule, and a shard whose events and pasts are there.
    virtual void restore(StateReader& in) = 0;
};

[[nodiscard]] inline bool is_revisable(const plan::RulePlan& rule) {
    return rule.lateness > Duration(0) || rule.emit == plan::Emit::early;
}

/// The matcher that the rule needs: of patterns or of windows.
[[nodiscard]] std::unique_ptr<Matcher> make_matcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits);

/// The values of a decision that its rule's lets, where, returns and text refer to. Strings live until the session's release().
struct DecisionValues {
    std::vector<event::Value> registers;
    std::vector<event::Value> lets;
    std::vector<event::Value> key;
    std::vector<event::Value> last_kept;        ///< kept values of the last event taken
    EventTime last_time;                        ///< of the last event taken: as of which tables are looked into
    const TableSet* tables{nullptr};

    [[nodiscard]] Scope scope() const {
        Scope scope;
        scope.registers = registers;
        scope.lets = lets;
        scope.key = key;
        scope.kept = last_kept;
        scope.tables = tables;
        scope.time = last_time;
        return scope;
    }
};
[[nodiscard]] DecisionValues decision_values(ShardMemory& memory, const plan::RulePlan& rule, const Decision& decision);
/// The same of a window whose registers are known.
[[nodiscard]] DecisionValues window_values(ShardMemory& memory, plan::RuleId rule, std::string_view key,
                                           std::vector<event::Value> registers, EventTime as_of);
/// What the decision's alert shows now, whatever Decision::shown says. Leaves strings in the session until its release().
[[nodiscard]] std::shared_ptr<const ShownValues> shown_values(ShardMemory& memory, const plan::RulePlan& rule, const Decision& decision);

}  // namespace tocsin::matcher
