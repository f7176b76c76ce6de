#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::backtest {

/// A truth: something that should be alerted on.
struct Label {
    std::optional<std::string> rule;  ///< the only rule whose alerts hit it; by its name on the new side
    /// Parts of the key, or `let` and `return` values, that an alert must have with this value.
    std::vector<std::pair<std::string, std::string>> key;
    EventTime from;
    EventTime to;  ///< not before `from`; inclusive
    double amount{0};
};

/// Labels that can be asked for by an alert. Immutable; thread-compatible.
class Labels {
public:
    /// `grace`: how long after a label's end an alert may begin and still hit it.
    Labels(std::vector<Label> labels, Duration grace);

    [[nodiscard]] const std::vector<Label>& all() const { return labels_; }
    [[nodiscard]] Duration grace() const { return grace_; }

    /// The labels that an alert of `rule` (by its name on the new side) hits, in ascending order: it is of the label's rule, has
    /// all of the label's key, and the time from its first event to its decision meets the label's time and the grace behind.
    /// Cost: linear in the labels that share a value of its key and are near in time, and in those without a key that are.
    [[nodiscard]] std::vector<std::uint32_t> hit_by(const alerts::Alert& alert, const std::string& rule) const;

private:
    /// In order of `from`, each with the latest end up to there.
    struct Timeline {
        std::vector<std::uint32_t> labels;
        std::vector<EventTime> latest;
    };
    void look(const Timeline& timeline, const alerts::Alert& alert, const std::string& rule,
              std::vector<std::uint32_t>& hits) const;
    [[nodiscard]] bool fits(const Label& label, const alerts::Alert& alert, const std::string& rule) const;
    void close(Timeline& timeline) const;

    std::vector<Label> labels_;
    Duration grace_;
    Timeline without_key_;
    std::unordered_map<std::string, Timeline> by_key_;  ///< by the first part of their key
};

/// The names that labels may use for a part of a key: parts of keys, `let`s and `return`s of all rules.
[[nodiscard]] std::vector<std::string> key_names(const std::vector<const plan::Program*>& programs);

struct LabelFile {
    std::vector<Label> labels;
    std::vector<std::string> ignored;  ///< columns of a CSV file that mean nothing
};
/// Reads labels: CSV or NDJSON, plain, .gz or .zst, as docs/backtest.md says. Fails with the place of the first record that is
/// no label.
[[nodiscard]] Result<LabelFile> read_labels(const std::string& path, const std::vector<std::string>& key_names,
                                            const Limits& limits);

}  // namespace tocsin::backtest
