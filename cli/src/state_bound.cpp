#include "state_bound.hpp"

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

std::string state_bound(const plan::RulePlan& rule, const Limits& limits) {
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
