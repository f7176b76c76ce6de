#pragma once

#include <string>

#include <fmt/format.h>

#include <tocsin/nfa/build.hpp>
#include <tocsin/nfa/draw.hpp>

#include "compiler/compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {

/// The automaton of a pattern over the streams A … F, each with an int field x, and what to call its parts.
struct Drawn {
    nfa::Automaton automaton;
    nfa::Labels labels;
};

inline Drawn automaton_of(const std::string& pattern) {
    std::string rules;
    for (const char stream : {'A', 'B', 'C', 'D', 'E', 'F'}) {
        rules += fmt::format("stream {}(x: int, ts: time) time ts\n", stream);
    }
    rules += "rule r when " + pattern + " within 1h\n";
    const Compiled made = compiled(rules);
    INFO(pattern << "\n" << made.found);
    REQUIRE(made.program != nullptr);
    const plan::RulePlan& rule = made.program->rules.front();
    Drawn drawn{rule.automaton, {}};
    for (const plan::StepPlan& step : rule.steps) {
        drawn.labels.steps.push_back(rule.step_names[step.name]);
    }
    for (const plan::Condition& condition : rule.conditions) {
        drawn.labels.conditions.push_back(condition.text);
    }
    return drawn;
}

}  // namespace tocsin::test
