#include "state_bound.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "columns.hpp"

namespace tocsin::cli {

std::string key_text(const plan::RulePlan& rule) {
    std::string text;
    for (const plan::KeyPlan& part : rule.key) {
        text += (text.empty() ? "" : ", ") + part.name;
    }
    return text.empty() ? "-" : text;
}

namespace {

/// Exact aggregates that remember each distinct value.
bool holds_values(const plan::RulePlan& rule) {
    using Kind = plan::Register::Kind;
    return std::any_of(rule.match_registers.begin(), rule.match_registers.end(), [](const plan::Register& reg) {
        return (reg.kind == Kind::distinct || reg.kind == Kind::quantile) && !reg.approximate;
    });
}

bool looks_back(const plan::RulePlan& rule) {
    return std::any_of(rule.match_registers.begin(), rule.match_registers.end(),
                       [](const plan::Register& reg) { return reg.kind == plan::Register::Kind::previous; });
}

std::string open_windows(const plan::WindowPlan& window) {
    switch (window.kind) {
        case plan::WindowPlan::Kind::sliding: return "a key holds the events of its last " + format_duration(window.size);
        case plan::WindowPlan::Kind::session:
            return fmt::format("a key holds its session, until {} after the last event", format_duration(window.size));
        case plan::WindowPlan::Kind::fixed: break;
    }
    const auto most = static_cast<std::size_t>((window.size + window.every - Duration(1)) / window.every);
    return fmt::format("a key holds at most {}, each until its end", counted(most, "window")) +
           (window.keep ? fmt::format(", and is held for {} after its last event", format_duration(*window.keep)) : "");
}

std::string window_bound(const plan::RulePlan& rule) {
    std::string out = open_windows(*rule.window);
    if (holds_values(rule) && rule.window->kind != plan::WindowPlan::Kind::sliding) {
        out += "; `distinct` and `quantile` hold each distinct value";
    }
    if (looks_back(rule)) {
        out += rule.window->kind == plan::WindowPlan::Kind::fixed ? "; `prev` holds its values for one window more"
                                                                  : "; `prev` holds its values, and the key, for good";
    }
    if (rule.lateness > Duration(0)) {
        out += fmt::format("; all this for {} more, with its events, for what comes late", format_duration(rule.lateness));
    }
    return out;
}

}  // namespace

std::string state_bound(const plan::RulePlan& rule, const Limits& limits) {
    if (rule.window) {
        return window_bound(rule);
    }
    if (!rule.within) {
        return "a match is one event: nothing is held from one event to the next";
    }
    std::string kept = format_duration(*rule.within);
    if (rule.lateness > Duration{0}) {
        kept += " (and " + format_duration(rule.lateness) + " for late events)";
    }
    return fmt::format("a run is held for {} of event time after its first event; a key has at most {} runs", kept,
                       grouped(limits.runs_per_key));
}

}  // namespace tocsin::cli
