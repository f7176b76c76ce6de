#include <fmt/format.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

plan::RuleSeverity lowered(dsl::RuleSeverity severity) {
    switch (severity) {
        case dsl::RuleSeverity::info: return plan::RuleSeverity::info;
        case dsl::RuleSeverity::low: return plan::RuleSeverity::low;
        case dsl::RuleSeverity::medium: return plan::RuleSeverity::medium;
        case dsl::RuleSeverity::high: return plan::RuleSeverity::high;
        case dsl::RuleSeverity::critical: return plan::RuleSeverity::critical;
    }
    return plan::RuleSeverity::medium;
}

plan::Mode lowered(dsl::Mode mode) {
    switch (mode) {
        case dsl::Mode::live: return plan::Mode::live;
        case dsl::Mode::shadow: return plan::Mode::shadow;
        case dsl::Mode::off: return plan::Mode::off;
    }
    return plan::Mode::live;
}

plan::Overlap lowered(dsl::Overlap overlap) {
    switch (overlap) {
        case dsl::Overlap::ends: return plan::Overlap::ends;
        case dsl::Overlap::all: return plan::Overlap::all;
        case dsl::Overlap::none: return plan::Overlap::none;
    }
    return plan::Overlap::ends;
}

plan::SkipPlan::To lowered(dsl::Skip::Kind kind) {
    switch (kind) {
        case dsl::Skip::Kind::past_last: return plan::SkipPlan::To::past_last;
        case dsl::Skip::Kind::to_next: return plan::SkipPlan::To::next;
        case dsl::Skip::Kind::to_first: return plan::SkipPlan::To::first_of;
        case dsl::Skip::Kind::to_last: return plan::SkipPlan::To::last_of;
    }
    return plan::SkipPlan::To::past_last;
}

/// A match that skips to its own first event discards nothing.
void warn_first_step(Load& load, const Shape& shape, const dsl::Skip& skip, std::uint32_t name) {
    for (const std::uint32_t step : shape.names[name].steps) {
        const bool to_first = skip.kind == dsl::Skip::Kind::to_first;
        const StepShape& one = shape.steps[step];
        if (shape.places[one.place].may_be_first && (to_first || !one.repeated)) {
            load.report.warning(
                "W0604", skip.span,
                fmt::format("`{}` can be the first step: a match that skips there discards nothing", skip.step->text),
                "`skip to next` goes past the first event");
            return;
        }
    }
}

void lower_skip(Load& load, Draft& draft, const dsl::Skip& skip) {
    const dsl::RuleDecl& rule = *draft.names.decl;
    draft.plan.overlap = plan::Overlap::skip;
    draft.plan.skip.to = lowered(skip.kind);
    if (rule.overlap) {
        load.report.error("E0405", skip.span, "a rule has `overlap` or `skip`, not both", "leave one of them out",
                          {{rule.overlap->span, "`overlap` is here"}});
    }
    if (!rule.within) {
        load.report.error("E0403", skip.span, "`skip` needs a `within`", "add `within 1h`");
    }
    if (!skip.step) {
        return;
    }
    const auto name = draft.names.shape.find_name(skip.step->text);
    if (!name) {
        load.report.error("E0206", skip.step->span, fmt::format("there is no step `{}`", skip.step->text),
                          did_you_mean(skip.step->text, draft.names.shape.step_names()));
        return;
    }
    draft.plan.skip.step_name = *name;
    warn_first_step(load, draft.names.shape, skip, *name);
}

/// A `not` with nothing before it looks back over `within`, one with nothing behind it waits for it.
void check_absent(Load& load, const Draft& draft) {
    for (const Place& place : draft.names.shape.places) {
        const bool ends = place.may_be_first || place.may_be_last;
        if (place.kind == Place::Kind::absent && ends && !draft.names.decl->within) {
            load.report.error(
                "E0402", place.event->span,
                fmt::format("a `not` at the {} of a pattern needs a `within`", place.may_be_first ? "start" : "end"),
                "add `within 1h`: it says how long");
        }
    }
}

}  // namespace

void lower_clauses(Load& load, Draft& draft) {
    const dsl::RuleDecl& rule = *draft.names.decl;
    draft.plan.name = rule.name.text;
    draft.plan.title = rule.title.value_or("");
    draft.plan.severity = rule.severity ? lowered(rule.severity->value) : plan::RuleSeverity::medium;
    draft.plan.mode = rule.mode ? lowered(rule.mode->value) : plan::Mode::live;
    draft.plan.overlap = rule.overlap ? lowered(rule.overlap->value) : plan::Overlap::ends;
    if (rule.within) {
        draft.plan.within = rule.within->value;
    }
    if (rule.skip && rule.when) {
        lower_skip(load, draft, *rule.skip);
    }
    draft.plan.emit = rule.emit && rule.emit->value == dsl::Emit::early ? plan::Emit::early : plan::Emit::final;
    draft.plan.lateness = rule.lateness ? rule.lateness->value : Duration(0);
    check_absent(load, draft);
}

}  // namespace tocsin::compiler
