#include "summary.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "columns.hpp"
#include "json_writer.hpp"

namespace tocsin::cli {

namespace {

double per_second(std::uint64_t count, double seconds) { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }

std::string alerts_by_rule(const Summary& summary, const plan::Program& program) {
    std::string out;
    const auto& rules = summary.counters.rules;
    for (std::size_t i = 0; i < std::min(rules.size(), program.rules.size()); ++i) {
        if (rules[i].alerts > 0) {
            out += fmt::format("{}{} {}", out.empty() ? ": " : ", ", program.rules[i].name, grouped(rules[i].alerts));
        }
    }
    return out;
}

void write_rule(JsonWriter& json, const plan::RulePlan& rule, const engine::RuleCounters& counters) {
    json.begin_object().key("name").string(rule.name);
    json.key("received").number(counters.received).key("on_time").number(counters.on_time);
    json.key("late_accepted").number(counters.late_accepted).key("too_late").number(counters.too_late);
    json.key("duplicate").number(counters.duplicate).key("null_key").number(counters.null_key);
    json.key("candidates").number(counters.candidates).key("alerts").number(counters.alerts);
    json.key("retracts").number(counters.retracts).key("corrects").number(counters.corrects);
    json.key("runs_refused").number(counters.runs_refused).key("overflows").number(counters.overflows);
    json.end_object();
}

void write_stream(JsonWriter& json, const plan::StreamPlan& stream, const engine::StreamCounters& counters) {
    json.begin_object().key("name").string(stream.name);
    json.key("received").number(counters.received).key("on_time").number(counters.on_time);
    json.key("late_accepted").number(counters.late_accepted).key("too_late").number(counters.too_late);
    json.key("duplicate").number(counters.duplicate).key("without_time").number(counters.without_time);
    json.end_object();
}

}  // namespace

void write_input(JsonWriter& json, const InputSummary& input) {
    json.begin_object().key("name").string(input.name).key("records").number(input.records);
    json.key("unparsable").number(input.unparsable);
    if (!input.error.empty()) {
        json.key("error").string(input.error);
    }
    json.end_object();
}

Totals totals(const Summary& summary) {
    Totals sum;
    for (const engine::RuleCounters& rule : summary.counters.rules) {
        sum.alerts += rule.alerts;
        sum.retracts += rule.retracts;
        sum.corrects += rule.corrects;
        sum.null_key += rule.null_key;
        sum.runs_refused += rule.runs_refused;
    }
    for (const engine::StreamCounters& stream : summary.counters.streams) {
        sum.late_accepted += stream.late_accepted;
        sum.too_late += stream.too_late;
        sum.duplicate += stream.duplicate;
        sum.without_time += stream.without_time;
    }
    for (const InputSummary& input : summary.inputs) {
        sum.unparsable += input.unparsable;
    }
    return sum;
}

std::string summary_text(const Summary& summary, const plan::Program& program) {
    const Totals sum = totals(summary);
    const auto events = summary.counters.records;
    std::string out;
    if (summary.interrupted) {
        out += "interrupted: what follows is the part that was read\n";
    }
    out += fmt::format("{} in {:.2f} s ({} events/s, {:.1f} MB/s)\n", counted(events, "event"), summary.seconds,
                       grouped(static_cast<std::uint64_t>(per_second(events, summary.seconds))),
                       per_second(summary.bytes, summary.seconds) / 1e6);
    out += counted(sum.alerts, "alert") + alerts_by_rule(summary, program) + "\n";
    out += fmt::format("late {}, too late {}, unparsable {}, null keys {}, unassigned {}, without time {}\n",
                       grouped(sum.late_accepted), grouped(sum.too_late), grouped(sum.unparsable), grouped(sum.null_key),
                       grouped(summary.counters.unassigned), grouped(sum.without_time));
    if (summary.counters.outside_range > 0) {
        out += fmt::format("outside --from … --to {}\n", grouped(summary.counters.outside_range));
    }
    if (summary.counters.mistyped_fields > 0) {
        out +=
            fmt::format("fields of another type than declared {} (taken as null)\n", grouped(summary.counters.mistyped_fields));
    }
    if (sum.duplicate > 0) {
        out += fmt::format("duplicates {}\n", grouped(sum.duplicate));
    }
    if (sum.runs_refused > 0) {
        out += fmt::format("runs refused {} (limit runs_per_key): matches may be missing\n", grouped(sum.runs_refused));
    }
    return out;
}

std::string summary_json(const Summary& summary, const plan::Program& program) {
    const Totals sum = totals(summary);
    const engine::Counters& counters = summary.counters;
    JsonWriter json;
    json.begin_object().key("events").number(counters.records).key("control_records").number(counters.control_records);
    json.key("seconds").number(summary.seconds);
    json.key("events_per_second").number(per_second(counters.records, summary.seconds));
    json.key("bytes").number(summary.bytes).key("bytes_per_second").number(per_second(summary.bytes, summary.seconds));
    json.key("interrupted").boolean(summary.interrupted);
    json.key("alerts").number(sum.alerts).key("retracts").number(sum.retracts).key("corrects").number(sum.corrects);
    json.key("late").number(sum.late_accepted).key("too_late").number(sum.too_late);
    json.key("duplicates").number(sum.duplicate).key("unparsable").number(sum.unparsable);
    json.key("null_keys").number(sum.null_key).key("unassigned").number(counters.unassigned);
    json.key("without_time").number(sum.without_time).key("mistyped_fields").number(counters.mistyped_fields);
    json.key("outside_range").number(counters.outside_range).key("inputs").begin_array();
    for (const InputSummary& input : summary.inputs) {
        write_input(json, input);
    }
    json.end_array().key("streams").begin_array();
    for (std::size_t i = 0; i < std::min(counters.streams.size(), program.streams.size()); ++i) {
        write_stream(json, program.streams[i], counters.streams[i]);
    }
    json.end_array().key("rules").begin_array();
    for (std::size_t i = 0; i < std::min(counters.rules.size(), program.rules.size()); ++i) {
        write_rule(json, program.rules[i], counters.rules[i]);
    }
    return std::move(json.end_array().end_object()).finish();
}

}  // namespace tocsin::cli
