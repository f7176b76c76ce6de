#include "explain.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include <tocsin/event/value.hpp>
#include <tocsin/matcher/predicate_index.hpp>
#include <tocsin/nfa/draw.hpp>
#include <tocsin/plan/print.hpp>

#include "columns.hpp"
#include "json_writer.hpp"
#include "state_bound.hpp"

namespace tocsin::cli {

namespace {

std::size_t index(auto id) { return static_cast<std::size_t>(id); }

/// A condition of the rule: what it asks, how the events that may fit are found, and what is then asked of the run.
struct ConditionInfo {
    std::string text;
    std::string access;
    std::string residual;
};

std::vector<ConditionInfo> describe_conditions(const plan::Program& program, const plan::RulePlan& rule) {
    std::vector<matcher::ConditionIndex::Entry> entries;
    for (const plan::Condition& condition : rule.conditions) {
        entries.push_back({static_cast<std::uint32_t>(entries.size()), program[condition.predicate].expr});
    }
    const matcher::ConditionIndex reached(program, entries);
    std::vector<ConditionInfo> infos;
    for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
        const plan::Condition& condition = rule.conditions[i];
        infos.push_back({condition.text, reached.access(i, program),
                         condition.residual ? plan::print_expr(program, &rule, *condition.residual) : ""});
    }
    return infos;
}

nfa::Labels labels_of(const plan::RulePlan& rule) {
    nfa::Labels labels;
    for (const plan::StepPlan& step : rule.steps) {
        labels.steps.push_back(rule.step_names[step.name]);
    }
    std::transform(rule.conditions.begin(), rule.conditions.end(), std::back_inserter(labels.conditions),
                   [](const plan::Condition& condition) { return condition.text; });
    return labels;
}

std::string columns_text(const plan::Program& program, const std::vector<event::ColumnId>& key) {
    std::vector<std::string> paths;
    for (const event::ColumnId column : key) {
        paths.push_back(fmt::format("{}", fmt::join(program.projection[index(column)].path, ".")));
    }
    return fmt::format("{}", fmt::join(paths, ", "));
}

std::string overlap_text(const plan::RulePlan& rule) {
    switch (rule.overlap) {
        case plan::Overlap::ends: return "overlap ends: of the matches with the same last event, the one decided first";
        case plan::Overlap::all: return "overlap all: every match";
        case plan::Overlap::none: return "overlap none: a match begins after the last event of the one before";
        case plan::Overlap::skip: break;
    }
    switch (rule.skip.to) {
        case plan::SkipPlan::To::past_last: return "skip past last";
        case plan::SkipPlan::To::next: return "skip to next";
        case plan::SkipPlan::To::first_of: return "skip to first " + rule.step_names[rule.skip.step_name];
        case plan::SkipPlan::To::last_of: return "skip to last " + rule.step_names[rule.skip.step_name];
    }
    return {};
}

std::string sources_text(const plan::Program& program, const plan::RulePlan& rule) {
    std::vector<std::string> sources;
    for (const plan::SourcePlan& source : rule.sources) {
        const std::string key = columns_text(program, source.key);
        sources.push_back(program[source.stream].name + (key.empty() ? "" : " by " + key));
    }
    return fmt::format("{}", fmt::join(sources, "; "));
}

std::string_view arrow_text(nfa::Arrow arrow) {
    switch (arrow) {
        case nfa::Arrow::follows: return "->";
        case nfa::Arrow::strict: return "=>";
        case nfa::Arrow::any: return "~>";
    }
    return "";
}

void write_edge(JsonWriter& json, const plan::RulePlan& rule, const nfa::Edge& edge) {
    json.begin_object().key("accept").boolean(edge.accept);
    if (!edge.accept) {
        json.key("arrow").string(arrow_text(edge.arrow)).key("target").number(std::uint64_t{index(edge.target)});
        json.key("step").string(rule.step_names[rule.steps[index(edge.step)].name]);
        json.key("condition").number(std::uint64_t{index(edge.condition)});
    }
    if (edge.in) {
        json.key("in_ms").signed_number(edge.in->count() / 1000);
    }
    if (!edge.guards.empty()) {
        json.key("guards").begin_array();
        for (const nfa::Guard& guard : edge.guards) {
            json.begin_object().key("condition").number(std::uint64_t{index(guard.condition)});
            json.key("next_only").boolean(guard.next_only).end_object();
        }
        json.end_array();
    }
    if (!edge.untils.empty()) {
        json.key("untils").begin_array();
        for (const nfa::ConditionId until : edge.untils) {
            json.number(std::uint64_t{index(until)});
        }
        json.end_array();
    }
    json.end_object();
}

std::string_view judged_text(const plan::RulePlan& rule) {
    switch (rule.window->kind) {
        case plan::WindowPlan::Kind::session: return "when no event has come for longer than that";
        case plan::WindowPlan::Kind::sliding:
            return rule.overlap == plan::Overlap::none ? "at each event; an alert takes out all events up to it" : "at each event";
        case plan::WindowPlan::Kind::fixed: break;
    }
    return rule.window->keep ? "at its end, also without events while the key was seen so lately" : "at its end, if it holds an event";
}

std::string window_text(const plan::Program& program, const plan::RulePlan& rule) {
    std::string out = fmt::format("window    {}\n", plan::print_window(*rule.window));
    out += fmt::format("judged    {}\n", judged_text(rule));
    std::string_view title = "computes ";
    for (const plan::Register& reg : rule.match_registers) {
        out += fmt::format("{} {}\n", title, plan::print_register(program, rule, reg));
        title = "         ";
    }
    return out;
}

void write_window(JsonWriter& json, const plan::Program& program, const plan::RulePlan& rule) {
    json.key("window").string(plan::print_window(*rule.window));
    json.key("judged").string(judged_text(rule)).key("computes").begin_array();
    for (const plan::Register& reg : rule.match_registers) {
        json.string(plan::print_register(program, rule, reg));
    }
    json.end_array();
}

}  // namespace

std::string explain_text(const plan::Program& program, const plan::RulePlan& rule, const Limits& limits) {
    std::string out = "rule " + rule.name + (rule.title.empty() ? "" : fmt::format(" \"{}\"", rule.title)) + "\n\n";
    out += fmt::format("version   {:08x}\n", rule.version);
    out += fmt::format("key       {}\n", key_text(rule));
    out += fmt::format("reads     {}\n", sources_text(program, rule));
    if (rule.window) {
        out += window_text(program, rule);
    } else {
        out += fmt::format("within    {}\n", rule.within ? format_duration(*rule.within) : "-");
        out += fmt::format("chooses   {}\n", overlap_text(rule));
    }
    out += fmt::format("holds     {}\n", state_bound(rule, limits));
    if (rule.where) {
        out += fmt::format("where     {}\n", plan::print_expr(program, &rule, *rule.where, true));
    }
    if (rule.needs_every_event) {
        out += "sees      every event of its key, also those that fit no step\n";
    }
    out += "\nconditions, and how the events that may fit are found\n";
    for (const ConditionInfo& condition : describe_conditions(program, rule)) {
        out += fmt::format("  {}\n    {}\n", condition.text, condition.access);
        if (!condition.residual.empty()) {
            out += fmt::format("    then, for each run: {}\n", condition.residual);
        }
    }
    if (rule.window) {
        return out;
    }
    out += fmt::format("\nautomaton, {}\n", counted(rule.automaton.states.size(), "state"));
    return out + nfa::draw_text(rule.automaton, labels_of(rule));
}

std::string explain_dot(const plan::RulePlan& rule) { return nfa::draw_dot(rule.automaton, labels_of(rule), rule.name); }

std::string explain_json(const plan::Program& program, const plan::RulePlan& rule, const Limits& limits) {
    JsonWriter json;
    json.begin_object().key("rule").string(rule.name).key("title").string(rule.title);
    json.key("version").string(fmt::format("{:08x}", rule.version)).key("key").begin_array();
    for (const plan::KeyPlan& part : rule.key) {
        json.begin_object().key("name").string(part.name).key("type").string(event::type_name(part.type)).end_object();
    }
    json.end_array().key("reads").begin_array();
    for (const plan::SourcePlan& source : rule.sources) {
        json.begin_object().key("stream").string(program[source.stream].name);
        json.key("by").string(columns_text(program, source.key)).end_object();
    }
    json.end_array().key("within_ms");
    rule.within ? json.signed_number(rule.within->count() / 1000) : json.null();
    if (rule.window) {
        write_window(json, program, rule);
    } else {
        json.key("chooses").string(overlap_text(rule));
    }
    json.key("state_bound").string(state_bound(rule, limits));
    json.key("needs_every_event").boolean(rule.needs_every_event).key("conditions").begin_array();
    for (const ConditionInfo& condition : describe_conditions(program, rule)) {
        json.begin_object().key("text").string(condition.text).key("access").string(condition.access);
        if (!condition.residual.empty()) {
            json.key("residual").string(condition.residual);
        }
        json.end_object();
    }
    json.end_array().key("states").begin_array();
    for (const nfa::State& state : rule.automaton.states) {
        json.begin_array();
        for (const nfa::Edge& edge : state.edges) {
            write_edge(json, rule, edge);
        }
        json.end_array();
    }
    return std::move(json.end_array().end_object()).finish();
}

}  // namespace tocsin::cli
