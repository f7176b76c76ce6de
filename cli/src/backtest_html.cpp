// The page: plain HTML with its style and its plots in it. Everything that comes from events or files goes through markup_text().
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <tocsin/alerts/names.hpp>
#include <tocsin/alerts/text.hpp>

#include "backtest_plot.hpp"
#include "backtest_report.hpp"
#include "columns.hpp"
#include "markup.hpp"

namespace tocsin::cli {

using backtest::Comparison;
using backtest::Counts;
using backtest::Difference;
using backtest::RuleComparison;
using backtest::Side;
using backtest::SideScore;

namespace {

/// Rules with a plot of their own: those that differ most.
constexpr std::size_t kMaxPlots = 24;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --text: #1b1f24; --soft: #59636e; --line: #d1d9e0; --page: #ffffff; --field: #f6f8fa;
  --before: #8c959f; --after: #0969da; --add: #1a7f37; --remove: #cf222e; --change: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9198a1; --line: #3d444d; --page: #0d1117;
  --field: #151b23; --before: #6e7681; --after: #4493f8; --add: #3fb950; --remove: #f85149; --change: #d29922; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); }
code, .text { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } .scroll + .scroll { margin-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { background: var(--field); }
tfoot th, tfoot td { font-weight: 600; }
figure { margin: 1rem 0 1.5rem; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; display: block; background: var(--field); border-radius: 6px; }
svg text { fill: var(--soft); font-size: 11px; } .axis { stroke: var(--line); }
.before { fill: var(--before); } .after { fill: var(--after); }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .3em 0 .8em; }
.key.before { background: var(--before); } .key.after { background: var(--after); }
details { margin-top: .3rem; } summary { cursor: pointer; color: var(--soft); }
ol.alerts { list-style: none; padding: 0; margin: 0; }
ol.alerts > li { border-left: 3px solid var(--line); padding: .2rem .8rem; margin: .5rem 0; background: var(--field); }
.added > li { border-color: var(--add) !important; } .removed > li { border-color: var(--remove) !important; }
.changed > li { border-color: var(--change) !important; }
dl { margin: .2rem 0; display: grid; grid-template-columns: max-content 1fr; gap: 0 .8rem; } dt { color: var(--soft); } dd { margin: 0; }
del { color: var(--remove); } ins { color: var(--add); text-decoration: none; }
)";

/// A row; the first cell is its head.
std::string row(const std::vector<std::string>& cells) {
    std::string out = "<tr><th scope=\"row\">" + cells.front() + "</th>";
    for (std::size_t i = 1; i < cells.size(); ++i) {
        out += "<td>" + cells[i] + "</td>";
    }
    return out + "</tr>\n";
}

std::string table(const std::string& caption, const std::vector<std::string>& head, const std::string& body,
                  const std::string& foot = "") {
    std::string out = "<div class=\"scroll\"><table><caption>" + caption + "</caption>\n<thead><tr>";
    for (const std::string& cell : head) {
        out += "<th scope=\"col\">" + cell + "</th>";
    }
    out += "</tr></thead>\n<tbody>\n" + body + "</tbody>\n";
    out += foot.empty() ? "" : "<tfoot>\n" + foot + "</tfoot>\n";
    return out + "</table></div>\n";
}

std::vector<std::string> count_row(const std::string& name, const Counts& counts) {
    return {name,
            grouped(counts.before),
            grouped(counts.after),
            grouped(counts.added),
            grouped(counts.removed),
            grouped(counts.changed),
            grouped(counts.unchanged)};
}

std::string rule_name(const RuleComparison& rule) {
    std::string out = "<code>" + markup_text(rule.name) + "</code>";
    if (rule.renamed_from) {
        out += " <span class=\"soft\">was <code>" + markup_text(*rule.renamed_from) + "</code></span>";
    }
    const char* const only = !rule.version[Side::before]  ? " <span class=\"soft\">new</span>"
                             : !rule.version[Side::after] ? " <span class=\"soft\">gone</span>"
                                                          : "";
    return out + only;
}

std::string rules_section(const Comparison& comparison) {
    std::string body;
    const auto rules = speaking(comparison);
    for (const RuleComparison* rule : rules) {
        body += row(count_row(rule_name(*rule), rule->counts));
    }
    std::string out = "<section>\n<h2>Alerts by rule</h2>\n";
    out += table("Alerts that stand at the end of the recording", {"Rule", "Old", "New", "Added", "Removed", "Changed", "Same"},
                 body, row(count_row("All", comparison.total())));
    if (const std::size_t silent = comparison.rules.size() - rules.size(); silent > 0) {
        out += "<p class=\"soft\">" + counted(silent, "rule") + " gave no alert on either side.</p>\n";
    }
    return out + "</section>\n";
}

std::string score_rows(const backtest::Score& score) {
    const SideScore& before = score.before;
    const SideScore& after = score.after;
    std::string body;
    const auto share = [&](const char* name, auto value) {
        body += row({name, percent(value(before)), percent(value(after))});
    };
    share("Precision", [](const SideScore& side) { return side.precision(); });
    share("Recall", [](const SideScore& side) { return side.recall(); });
    share("F1", [](const SideScore& side) { return side.f1(); });
    body += row({"Alerts", grouped(before.alerts), grouped(after.alerts)});
    body += row({"Alerts that hit a label", grouped(before.true_alerts), grouped(after.true_alerts)});
    body += row({"Labels", grouped(before.labels), grouped(after.labels)});
    body += row({"Labels caught", grouped(before.caught), grouped(after.caught)});
    if (before.amount > 0) {
        body += row({"Amount caught", money(before.caught_amount), money(after.caught_amount)});
        body += row({"Amount missed", money(before.missed_amount()), money(after.missed_amount())});
    }
    return body;
}

std::string score_by_rule(const backtest::Score& score) {
    const bool amounts = score.before.amount > 0;
    std::vector<std::string> head{"Rule", "Precision, old", "New", "Labels caught, old", "New"};
    if (amounts) {
        head.insert(head.end(), {"Amount caught, old", "New"});
    }
    std::string body;
    for (const backtest::RuleScore& rule : score.rules) {
        std::vector<std::string> cells{"<code>" + markup_text(rule.rule) + "</code>", percent(rule.before.precision()),
                                       percent(rule.after.precision()), grouped(rule.before.caught),
                                       grouped(rule.after.caught)};
        if (amounts) {
            cells.insert(cells.end(), {money(rule.before.caught_amount), money(rule.after.caught_amount)});
        }
        body += row(cells);
    }
    return table("By rule", head, body);
}

std::string score_section(const BacktestResult& result) {
    if (!result.comparison.score) {
        return {};
    }
    const backtest::Score& score = *result.comparison.score;
    std::string out = "<section>\n<h2>Against the labels</h2>\n";
    out += table("Labels of <code>" + markup_text(result.labels_file.value_or("")) + "</code>", {"", "Old", "New"},
                 score_rows(score));
    out += score_by_rule(score);
    if (score.outside > 0) {
        out += "<p class=\"soft\">" + counted(score.outside, "label") + " outside of the recording's time: not counted.</p>\n";
    }
    if (score.without_key > 0) {
        out +=
            "<p class=\"soft\">" + counted(score.without_key, "label") + " without a key: any alert of its time hits it.</p>\n";
    }
    for (const std::string& rule : score.unknown_rules) {
        out += "<p class=\"soft\">No rule is named <code>" + markup_text(rule) + "</code>, as some labels say.</p>\n";
    }
    return out + "</section>\n";
}

std::string figure(const std::string& id, const std::string& caption, const std::string& title,
                   const std::map<backtest::Day, Counts>& days, const PlotAxis& axis) {
    const auto bars = plot_bars(days, axis);
    std::string body;
    for (const PlotBar& bar : bars) {
        if (bar.before + bar.after > 0) {
            body += row({bar_name(bar, axis), grouped(bar.before), grouped(bar.after)});
        }
    }
    return "<figure>\n<figcaption>" + caption + "</figcaption>\n" + plot_svg(id, title, bars, axis) +
           "<details><summary>Figures</summary>\n" + table("Alerts by day", {"Day (UTC)", "Old", "New"}, body) +
           "</details>\n</figure>\n";
}

/// Those that differ most first.
std::vector<const RuleComparison*> plotted(const Comparison& comparison) {
    auto rules = speaking(comparison);
    const auto weight = [](const RuleComparison* rule) {
        const Counts& counts = rule->counts;
        return std::pair(counts.added + counts.removed + counts.changed, counts.before + counts.after);
    };
    std::ranges::stable_sort(rules, [&](const auto* a, const auto* b) { return weight(a) > weight(b); });
    return rules;
}

std::string plots_section(const Comparison& comparison) {
    const auto rules = plotted(comparison);
    if (rules.empty()) {
        return {};
    }
    const PlotAxis axis = plot_axis(comparison);
    std::string out =
        "<section>\n<h2>Alerts by day</h2>\n<p><span class=\"key before\"></span>old, left<span class=\"key "
        "after\"></span>new, right";
    out += axis.days_a_bar > 1 ? fmt::format(" <span class=\"soft\">— {} days a bar</span></p>\n", axis.days_a_bar) : "</p>\n";
    if (rules.size() > 1) {
        std::map<backtest::Day, Counts> all;
        for (const RuleComparison* rule : rules) {
            for (const auto& [day, counts] : rule->days) {
                all[day] += counts;
            }
        }
        out += figure("plot-all", "All rules", "Alerts of all rules by day, old and new", all, axis);
    }
    for (std::size_t i = 0; i < std::min(rules.size(), kMaxPlots); ++i) {
        out += figure(fmt::format("plot-{}", i), rule_name(*rules[i]), "Alerts of " + rules[i]->name + " by day, old and new",
                      rules[i]->days, axis);
    }
    if (rules.size() > kMaxPlots) {
        out +=
            "<p class=\"soft\">" + counted(rules.size() - kMaxPlots, "more rule") + " without a plot: they differ less.</p>\n";
    }
    return out + "</section>\n";
}

std::string side_of_change(const std::string& json) { return json.empty() ? "none" : markup_text(alerts::plain_text(json)); }

std::string example(const Difference& difference) {
    const alerts::Alert& alert = difference.shown();
    std::string out = "<li><code>" + alerts::time_text(alert.time) + "</code> <strong>" + markup_text(alert.rule) +
                      "</strong> " + std::string(alerts::severity_name(alert.severity)) + " <code>" +
                      markup_text(alerts::pairs_text(alert.key)) + "</code><br><span class=\"text\">" +
                      markup_text(alerts::alert_text(alert)) + "</span>";
    if (!difference.changes.empty()) {
        out += "\n<dl>";
        for (const backtest::PartChange& change : difference.changes) {
            out += "<dt>" + markup_text(change.name) + "</dt><dd class=\"text\"><del>" + side_of_change(change.before) +
                   "</del> → <ins>" + side_of_change(change.after) + "</ins></dd>";
        }
        out += "</dl>";
    }
    return out + "</li>\n";
}

std::string examples_section(const std::string& title, const char* kind, const std::vector<Difference>& list,
                             std::size_t examples) {
    std::string out = fmt::format("<section>\n<h2>{} ({})</h2>\n", title, grouped(list.size()));
    if (list.empty()) {
        return out + "<p class=\"soft\">None.</p>\n</section>\n";
    }
    const std::size_t shown = std::min(list.size(), examples);
    out += fmt::format("<ol class=\"alerts {}\">\n", kind);
    for (std::size_t i = 0; i < shown; ++i) {
        out += example(list[i]);
    }
    out += "</ol>\n";
    if (shown < list.size()) {
        out += fmt::format("<p class=\"soft\">And {} more.</p>\n", grouped(list.size() - shown));
    }
    return out + "</section>\n";
}

std::string side_item(const char* name, const BacktestResult& result, Side side) {
    const auto revisions = result.comparison.revisions()[side];
    const Totals& totals = result.totals[side];
    std::string out = fmt::format(
        "<p><strong>{}</strong> <code>{}</code>: {} <span class=\"soft\">— {} taken back and {} corrected during "
        "the run, {} too late",
        name, markup_text(result.rules[side]),
        counted(side == Side::before ? result.comparison.total().before : result.comparison.total().after, "alert"),
        grouped(revisions.retracts), grouped(revisions.corrects), counted(totals.too_late, "event"));
    if (totals.runs_refused > 0) {
        out += fmt::format("; {} refused (limit runs_per_key): matches may be missing", counted(totals.runs_refused, "run"));
    }
    return out + "</span></p>\n";
}

std::string inputs_item(const BacktestResult& result) {
    std::string out = "<p>" + counted(result.events, "event") + " of ";
    for (std::size_t i = 0; i < result.inputs.size(); ++i) {
        const InputSummary& input = result.inputs[i];
        out += (i > 0 ? ", <code>" : "<code>") + markup_text(input.name) + "</code>";
        out += input.unparsable > 0 ? fmt::format(" ({} could not be read)", counted(input.unparsable, "record")) : "";
        out += input.error.empty() ? "" : " <strong>(" + markup_text(input.error) + ")</strong>";
    }
    return out + "</p>\n";
}

}  // namespace

std::string backtest_html(const BacktestResult& result, std::size_t examples) {
    const Comparison& comparison = result.comparison;
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>Backtest</title>\n<style>";
    out += kStyle;
    out += "</style>\n</head>\n<body>\n<main>\n<h1>Backtest</h1>\n";
    out += side_item("Old", result, Side::before) + side_item("New", result, Side::after) + inputs_item(result);
    out += rules_section(comparison) + score_section(result) + plots_section(comparison);
    out += examples_section("Added", "added", comparison.added, examples);
    out += examples_section("Removed", "removed", comparison.removed, examples);
    out += examples_section("Changed", "changed", comparison.changed, examples);
    return out + "</main>\n</body>\n</html>\n";
}

}  // namespace tocsin::cli
