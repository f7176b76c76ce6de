#include <chrono>

#include <fmt/format.h>

#include <tocsin/alerts/json.hpp>

#include "backtest_report.hpp"
#include "json_writer.hpp"

namespace tocsin::cli {

using backtest::Counts;
using backtest::Difference;
using backtest::RuleComparison;
using backtest::Side;
using backtest::SideScore;

namespace {

void write_share(JsonWriter& json, const char* name, const std::optional<double>& share) {
    json.key(name);
    if (share) {
        json.json(fmt::format("{:.6f}", *share));
    } else {
        json.null();
    }
}

void write_counts(JsonWriter& json, const Counts& counts) {
    json.key("old").number(counts.before).key("new").number(counts.after);
    json.key("added").number(counts.added).key("removed").number(counts.removed);
    json.key("changed").number(counts.changed).key("unchanged").number(counts.unchanged);
}

void write_side(JsonWriter& json, const BacktestResult& result, Side side) {
    const Totals& totals = result.totals[side];
    const auto revisions = result.comparison.revisions()[side];
    json.begin_object().key("rules").string(result.rules[side]);
    json.key("retracts").number(revisions.retracts).key("corrects").number(revisions.corrects);
    json.key("late").number(totals.late_accepted).key("too_late").number(totals.too_late);
    json.key("without_time").number(totals.without_time).key("null_keys").number(totals.null_key);
    json.key("runs_refused").number(totals.runs_refused).end_object();
}

void write_version(JsonWriter& json, const RuleComparison& rule, const char* name, Side side) {
    json.key(name);
    if (rule.version[side]) {
        json.string(fmt::format("{:08x}", *rule.version[side]));
    } else {
        json.null();
    }
}

void write_rule(JsonWriter& json, const RuleComparison& rule) {
    json.begin_object().key("name").string(rule.name);
    if (rule.renamed_from) {
        json.key("renamed_from").string(*rule.renamed_from);
    }
    write_version(json, rule, "old_version", Side::before);
    write_version(json, rule, "new_version", Side::after);
    write_counts(json, rule.counts);
    const auto& [before, after] = rule.revisions.of;
    json.key("old_retracts").number(before.retracts).key("new_retracts").number(after.retracts);
    json.key("old_corrects").number(before.corrects).key("new_corrects").number(after.corrects);
    json.key("days").begin_array();
    for (const auto& [day, counts] : rule.days) {
        json.begin_object().key("day").string(backtest::day_text(day));
        write_counts(json, counts);
        json.end_object();
    }
    json.end_array().end_object();
}

void write_alert(JsonWriter& json, const alerts::Alert& alert) {
    std::string text;
    alerts::append_json(text, alert);
    json.json(text);
}

void write_part(JsonWriter& json, const char* name, const std::string& value) {
    json.key(name);
    if (value.empty()) {
        json.null();
    } else {
        json.json(value);
    }
}

void write_change(JsonWriter& json, const Difference& difference) {
    json.begin_object().key("old");
    write_alert(json, *difference.before);
    json.key("new");
    write_alert(json, *difference.after);
    json.key("changes").begin_array();
    for (const backtest::PartChange& change : difference.changes) {
        json.begin_object().key("name").string(change.name);
        write_part(json, "old", change.before);
        write_part(json, "new", change.after);
        json.end_object();
    }
    json.end_array().end_object();
}

void write_side_score(JsonWriter& json, const char* name, const SideScore& side) {
    json.key(name).begin_object();
    write_share(json, "precision", side.precision());
    write_share(json, "recall", side.recall());
    write_share(json, "f1", side.f1());
    json.key("alerts").number(side.alerts).key("true_alerts").number(side.true_alerts);
    json.key("labels").number(side.labels).key("caught").number(side.caught);
    json.key("amount").number(side.amount).key("caught_amount").number(side.caught_amount);
    json.key("missed_amount").number(side.missed_amount()).end_object();
}

void write_score(JsonWriter& json, const backtest::Score& score, const BacktestResult& result) {
    json.key("labels").begin_object().key("file").string(result.labels_file.value_or(""));
    json.key("grace_ms").signed_number(std::chrono::duration_cast<std::chrono::milliseconds>(result.grace).count());
    json.key("labels").number(score.labels).key("outside").number(score.outside);
    json.key("without_key").number(score.without_key).key("unknown_rules").begin_array();
    for (const std::string& rule : score.unknown_rules) {
        json.string(rule);
    }
    json.end_array();
    write_side_score(json, "old", score.before);
    write_side_score(json, "new", score.after);
    json.key("rules").begin_array();
    for (const backtest::RuleScore& rule : score.rules) {
        json.begin_object().key("name").string(rule.rule);
        write_side_score(json, "old", rule.before);
        write_side_score(json, "new", rule.after);
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace

std::string backtest_json(const BacktestResult& result) {
    const backtest::Comparison& comparison = result.comparison;
    JsonWriter json;
    json.begin_object().key("events").number(result.events).key("inputs").begin_array();
    for (const InputSummary& input : result.inputs) {
        write_input(json, input);
    }
    json.end_array().key("old");
    write_side(json, result, Side::before);
    json.key("new");
    write_side(json, result, Side::after);
    json.key("total").begin_object();
    write_counts(json, comparison.total());
    json.end_object().key("rules").begin_array();
    for (const RuleComparison& rule : comparison.rules) {
        write_rule(json, rule);
    }
    json.end_array().key("added").begin_array();
    for (const Difference& one : comparison.added) {
        write_alert(json, *one.after);
    }
    json.end_array().key("removed").begin_array();
    for (const Difference& one : comparison.removed) {
        write_alert(json, *one.before);
    }
    json.end_array().key("changed").begin_array();
    for (const Difference& one : comparison.changed) {
        write_change(json, one);
    }
    json.end_array();
    if (comparison.score) {
        write_score(json, *comparison.score, result);
    }
    return std::move(json.end_object()).finish();
}

}  // namespace tocsin::cli
