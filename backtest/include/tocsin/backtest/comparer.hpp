#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/backtest/comparison.hpp>
#include <tocsin/backtest/identity.hpp>
#include <tocsin/backtest/labels.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::backtest {

/// The alerts of two programs over the same events, on their way to a Comparison.
///
/// Each side's alerts come in its own order, those of both in any; the closer they are together, the less is held. What is held
/// grows with the alerts: of one that stands on both sides and cannot be revised any more about 200 bytes a side, of any other
/// the whole alert. Owned by one thread.
class Comparer {
public:
    struct Rules {
        std::shared_ptr<const plan::Program> before;
        std::shared_ptr<const plan::Program> after;
        Renames renames;
    };
    /// `labels` may be null, and outlives it otherwise. Their rules are names on the new side.
    /// Fails where a rename is of rules that are not there, or would make one rule of two.
    [[nodiscard]] static Result<Comparer> create(Rules rules, const Labels* labels);

    /// What the side's engine gave, in order. The alerts are moved from.
    void take(Side side, std::span<alerts::Output> outputs);
    /// Times that the recording has events of: labels outside of it do not count.
    void see(EventTime time);

    /// Alerts that are held whole; for those who watch memory.
    [[nodiscard]] std::size_t held_alerts() const;

    [[nodiscard]] Comparison finish() &&;

private:
    struct Entry {
        Identity identity;
        std::uint64_t content{0};
        std::uint32_t rule{0};
        EventTime time;
        std::shared_ptr<const alerts::Alert> alert;  ///< null: the other side has the same, and both are for good
        std::vector<std::uint32_t> hits;
    };
    using Entries = std::unordered_map<std::uint64_t, Entry>;  ///< by the alert's id

    /// What of both sides can be one.
    struct Same {
        Identity identity;
        std::uint64_t content;
        friend bool operator==(const Same&, const Same&) = default;
    };
    struct SameHash {
        std::size_t operator()(const Same& same) const { return same.identity.low ^ same.content; }
    };
    struct Rule {
        RuleComparison comparison;
        BySide<bool> revisable;
    };
    /// A side's alerts of one identity, next to the other's.
    struct Group {
        std::span<Entry*> before;
        std::span<Entry*> after;
    };

    Comparer(Rules rules, const Labels* labels);
    void add_rules(Side side, const plan::Program& program);
    [[nodiscard]] std::uint32_t rule_of(Side side, const std::string& name) const;
    void stand(Side side, alerts::Alert alert);
    /// Forgets the alert where the other side has the same.
    void settle(Side side, std::uint64_t id, Entry& entry);
    [[nodiscard]] std::vector<Entry*> sorted(Side side);
    void compare(Group group, Comparison& out);
    void count(const Entry& entry, std::uint64_t Counts::* kind, const Entry* other);
    void note_change(Entry& before, Entry& after, Comparison& out);
    [[nodiscard]] Score score() const;
    [[nodiscard]] std::vector<bool> counted_labels(Score& score) const;

    Rules rules_;
    const Labels* labels_;
    BySide<std::optional<AlertReader>> readers_;
    std::vector<Rule> all_;  ///< in order of name
    BySide<Entries> entries_;
    BySide<std::unordered_multimap<Same, std::uint64_t, SameHash>> waiting_;  ///< those with an alert that are for good, by id
    EventTime first_{EventTime::highest()};
    EventTime last_{EventTime::lowest()};
};

}  // namespace tocsin::backtest
