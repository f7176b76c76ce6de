#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <tocsin/alerts/terminal_text.hpp>
#include <tocsin/alerts/text.hpp>

#include "backtest_report.hpp"
#include "columns.hpp"

namespace tocsin::cli {

using backtest::Comparison;
using backtest::Counts;
using backtest::Difference;
using backtest::RuleComparison;
using backtest::Side;
using backtest::SideScore;

namespace {

/// Lines of the table of days; more are for the other formats.
constexpr std::size_t kMaxDays = 40;

using Rows = std::vector<std::vector<std::string>>;

std::vector<std::string> count_cells(const Counts& counts) {
    return {grouped(counts.before),  grouped(counts.after),   grouped(counts.added),
            grouped(counts.removed), grouped(counts.changed), grouped(counts.unchanged)};
}

std::vector<std::string> with_counts(std::vector<std::string> row, const Counts& counts) {
    const auto cells = count_cells(counts);
    row.insert(row.end(), cells.begin(), cells.end());
    return row;
}

/// Where a side has no such rule, that is said.
std::string rule_text(const RuleComparison& rule) {
    const std::string name = rule.renamed_from ? fmt::format("{} (was {})", rule.name, *rule.renamed_from) : rule.name;
    return !rule.version[Side::before] ? name + " (new)" : !rule.version[Side::after] ? name + " (gone)" : name;
}

std::string rule_table(const Comparison& comparison) {
    Rows rows{{"RULE", "OLD", "NEW", "ADDED", "REMOVED", "CHANGED", "SAME"}};
    const auto rules = speaking(comparison);
    for (const RuleComparison* rule : rules) {
        rows.push_back(with_counts({rule_text(*rule)}, rule->counts));
    }
    rows.push_back(with_counts({"all"}, comparison.total()));
    std::string out = columns(rows);
    if (const std::size_t silent = comparison.rules.size() - rules.size(); silent > 0) {
        out += fmt::format("{} gave no alert on either side\n", counted(silent, "rule"));
    }
    return out;
}

/// The days on which something differs.
std::string day_table(const Comparison& comparison) {
    std::vector<std::tuple<backtest::Day, const RuleComparison*, Counts>> lines;
    for (const RuleComparison& rule : comparison.rules) {
        for (const auto& [day, counts] : rule.days) {
            if (counts.differ()) {
                lines.emplace_back(day, &rule, counts);
            }
        }
    }
    if (lines.empty()) {
        return {};
    }
    std::ranges::stable_sort(lines, {}, [](const auto& line) { return std::get<0>(line); });
    Rows rows{{"DAY (UTC)", "RULE", "OLD", "NEW", "ADDED", "REMOVED", "CHANGED", "SAME"}};
    for (const auto& [day, rule, counts] : lines) {
        if (rows.size() <= kMaxDays) {
            rows.push_back(with_counts({backtest::day_text(day), rule->name}, counts));
        }
    }
    std::string out = "\n" + columns(rows);
    if (lines.size() > kMaxDays) {
        out += fmt::format("and {}; --format json and --html have all\n", counted(lines.size() - kMaxDays, "more line"));
    }
    return out;
}

std::string example_list(const char* title, const std::vector<Difference>& list, std::size_t examples) {
    if (list.empty() || examples == 0) {
        return {};
    }
    const std::size_t shown = std::min(list.size(), examples);
    std::string out = fmt::format("\n{}{}:\n", title,
                                  shown < list.size() ? fmt::format(", the first {} of {}", shown, grouped(list.size())) : "");
    for (std::size_t i = 0; i < shown; ++i) {
        out += "  " + difference_line(list[i]) + "\n";
        for (const backtest::PartChange& change : list[i].changes) {
            out += "      " + change_text(change) + "\n";
        }
    }
    return out;
}

std::string difference_in(const std::optional<double>& before, const std::optional<double>& after) {
    return before && after ? fmt::format("{:+.1f}", 100 * (*after - *before)) : "-";
}

std::string number_difference(double before, double after) {
    return fmt::format("{}{}", after >= before ? "+" : "-", money(std::abs(after - before)));
}

std::string score_by_rule(const backtest::Score& score) {
    const bool amounts = score.before.amount > 0;
    Rows rows{{"RULE", "PRECISION OLD", "NEW", "LABELS CAUGHT OLD", "NEW"}};
    if (amounts) {
        rows.front().insert(rows.front().end(), {"AMOUNT CAUGHT OLD", "NEW"});
    }
    for (const backtest::RuleScore& rule : score.rules) {
        rows.push_back({rule.rule, percent(rule.before.precision()), percent(rule.after.precision()),
                        grouped(rule.before.caught), grouped(rule.after.caught)});
        if (amounts) {
            rows.back().insert(rows.back().end(), {money(rule.before.caught_amount), money(rule.after.caught_amount)});
        }
    }
    return columns(rows);
}

std::string score_table(const backtest::Score& score) {
    const SideScore& before = score.before;
    const SideScore& after = score.after;
    Rows rows{{"LABELS", "OLD", "NEW", "DIFFERENCE"}};
    const auto share = [&](const char* name, auto value) {
        rows.push_back({name, percent(value(before)), percent(value(after)), difference_in(value(before), value(after))});
    };
    const auto count = [&](const char* name, std::uint64_t SideScore::* value) {
        rows.push_back({name, grouped(before.*value), grouped(after.*value), signed_count(before.*value, after.*value)});
    };
    share("precision", [](const SideScore& side) { return side.precision(); });
    share("recall", [](const SideScore& side) { return side.recall(); });
    share("F1", [](const SideScore& side) { return side.f1(); });
    count("alerts", &SideScore::alerts);
    count("  that hit a label", &SideScore::true_alerts);
    count("labels", &SideScore::labels);
    count("  caught", &SideScore::caught);
    if (before.amount > 0) {
        rows.push_back({"amount caught", money(before.caught_amount), money(after.caught_amount),
                        number_difference(before.caught_amount, after.caught_amount)});
        rows.push_back({"amount missed", money(before.missed_amount()), money(after.missed_amount()),
                        number_difference(before.missed_amount(), after.missed_amount())});
    }
    std::string out = "\n" + columns(rows);
    out += score.rules.size() > 1 ? "\n" + score_by_rule(score) : "";
    if (score.outside > 0) {
        out += fmt::format("{} outside of the recording's time, not counted\n", counted(score.outside, "label"));
    }
    if (score.without_key > 0) {
        out += fmt::format("{} without a key: any alert of its time hits it\n", counted(score.without_key, "label"));
    }
    for (const std::string& rule : score.unknown_rules) {
        out += fmt::format("no rule is named {}, as some labels say\n", alerts::printable(rule));
    }
    return out;
}

std::string side_line(const char* name, const BacktestResult& result, Side side) {
    const Totals& totals = result.totals[side];
    const auto revisions = result.comparison.revisions()[side];
    const Counts counts = result.comparison.total();
    std::string line = fmt::format("{}  {}: {}, {} taken back and {} corrected during the run, {} too late", name,
                                   alerts::printable(result.rules[side]),
                                   counted(side == Side::before ? counts.before : counts.after, "alert"),
                                   grouped(revisions.retracts), grouped(revisions.corrects), counted(totals.too_late, "event"));
    if (totals.runs_refused > 0) {
        line += fmt::format("; {} refused (limit runs_per_key): matches may be missing", counted(totals.runs_refused, "run"));
    }
    return line + "\n";
}

}  // namespace

std::string difference_line(const Difference& difference) {
    const alerts::Alert& alert = difference.shown();
    std::string line = fmt::format("{}  {}", alerts::time_text(alert.time), alert.rule);
    for (const std::string& part : {alerts::pairs_text(alert.key), alerts::alert_text(alert)}) {
        line += part.empty() ? "" : "  " + part;
    }
    return line;
}

std::string change_text(const backtest::PartChange& change) {
    const auto side = [](const std::string& json) {
        return json.empty() ? std::string("none") : alerts::printable(alerts::plain_text(json));
    };
    return fmt::format("{}: {} → {}", alerts::printable(change.name), side(change.before), side(change.after));
}

std::string percent(const std::optional<double>& share) { return share ? fmt::format("{:.1f} %", 100 * *share) : "-"; }

std::string money(double amount) {
    const std::string text = fmt::format("{:.2f}", amount);
    const std::size_t point = text.size() - 3;
    return grouped_digits(text.substr(0, point)) + text.substr(point);
}

std::string signed_count(std::uint64_t before, std::uint64_t after) {
    return after == before ? "0" : after > before ? "+" + grouped(after - before) : "-" + grouped(before - after);
}

std::vector<const RuleComparison*> speaking(const Comparison& comparison) {
    std::vector<const RuleComparison*> rules;
    for (const RuleComparison& rule : comparison.rules) {
        if (rule.counts.before + rule.counts.after > 0) {
            rules.push_back(&rule);
        }
    }
    return rules;
}

std::string backtest_text(const BacktestResult& result, std::size_t examples) {
    const Comparison& comparison = result.comparison;
    std::string out = side_line("old", result, Side::before) + side_line("new", result, Side::after);
    std::uint64_t unparsable = 0;
    for (const InputSummary& input : result.inputs) {
        unparsable += input.unparsable;
    }
    out += counted(result.events, "event") +
           (unparsable > 0 ? fmt::format(", {} could not be read", counted(unparsable, "record")) : "") + "\n\n";
    out += rule_table(comparison) + day_table(comparison);
    out += result.comparison.score ? score_table(*result.comparison.score) : "";
    out += example_list("added", comparison.added, examples);
    out += example_list("removed", comparison.removed, examples);
    out += example_list("changed", comparison.changed, examples);
    return out;
}

}  // namespace tocsin::cli
