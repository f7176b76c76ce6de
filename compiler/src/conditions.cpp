// A condition is split at its top-level `and`s: what only the event decides is one predicate, evaluated once for all
// rules; what looks at the run stays with the rule, as does what looks into a table, whose row as of the event is known only
// once the watermark has passed it.

#include <algorithm>

#include <fmt/format.h>
#include <tocsin/plan/print.hpp>

#include "draft.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using plan::ExprId;

constexpr std::size_t kMaxConditions = 64;

struct Split {
    std::optional<ExprId> predicate;
    std::optional<ExprId> residual;
};

/// Parts of a predicate stand in one order, whichever rule wrote them: so that more predicates are equal.
std::optional<ExprId> conjunction(ProgramBuilder& builder, std::vector<ExprId> parts, bool ordered) {
    if (parts.empty()) {
        return std::nullopt;
    }
    if (ordered && parts.size() > 1) {
        std::vector<std::pair<std::string, ExprId>> keyed;
        for (const ExprId part : parts) {
            keyed.emplace_back(plan::print_expr(builder.program, nullptr, part), part);
        }
        std::ranges::sort(keyed);
        std::ranges::transform(keyed, parts.begin(), &std::pair<std::string, ExprId>::second);
    }
    return join_conditions(builder, plan::Op::logical_and, parts);
}

Split split(ProgramBuilder& builder, ExprId condition) {
    std::vector<ExprId> parts{condition};
    if (const auto* apply = std::get_if<plan::Apply>(&builder[condition].node);
        apply != nullptr && apply->op == plan::Op::logical_and) {
        parts = apply->arguments;
    }
    std::vector<ExprId> fixed;
    std::vector<ExprId> open;
    for (const ExprId part : parts) {
        (builder.reads(part).registers || builder.reads(part).tables ? open : fixed).push_back(part);
    }
    if (fixed.size() == 1 && builder.constant_value(fixed.front()) != nullptr &&
        builder.constant_value(fixed.front())->view().truthy()) {
        fixed.clear();
    }
    return {conjunction(builder, std::move(fixed), true), conjunction(builder, std::move(open), false)};
}

void lint_constant(Load& load, const Place& place, Span span, ExprId condition) {
    const plan::Constant* constant = load.builder.constant_value(condition);
    if (constant == nullptr) {
        return;
    }
    if (constant->view().truthy()) {
        load.report.warning("W0603", span, "the condition is always true",
                            fmt::format("write `{}` without it", place.event->stream.text));
    } else {
        load.report.warning("W0602", span, "the condition is never true");
    }
}

/// The number of an equal condition, or of a new one.
nfa::ConditionId add_condition(plan::RulePlan& rule, plan::Condition condition) {
    const auto same = [&](const plan::Condition& one) {
        return one.predicate == condition.predicate && one.residual == condition.residual;
    };
    const auto found = std::ranges::find_if(rule.conditions, same);
    const auto index = static_cast<std::uint32_t>(found - rule.conditions.begin());
    if (found == rule.conditions.end()) {
        rule.conditions.push_back(std::move(condition));
    }
    return nfa::ConditionId{index};
}

}  // namespace

void lower_conditions(Load& load, Draft& draft) {
    const Shape& shape = draft.names.shape;
    draft.conditions.resize(shape.places.size());
    for (std::size_t i = 0; i < shape.places.size(); ++i) {
        const Place& place = shape.places[i];
        if (place.stream == nullptr) {
            continue;
        }
        Split parts;
        if (place.event->condition) {
            const ExprRef written{draft.names.file, *place.event->condition};
            Lowering lowering(load, Scope{place.stream, &draft.names, &place, &draft.plan.run_registers, false, std::nullopt});
            const auto condition = lowering.condition(written);
            if (!condition) {
                continue;
            }
            lint_constant(load, place, (*written).span, *condition);
            parts = split(load.builder, *condition);
        }
        const plan::PredicateId predicate = load.builder.predicate(place.stream->id, parts.predicate);
        draft.conditions[i] =
            add_condition(draft.plan, {predicate, parts.residual, condition_text(*draft.names.file, *place.event)});
    }
    for (const StepShape& step : shape.steps) {
        const auto& condition = draft.conditions[step.place];
        const Place& place = shape.places[step.place];
        draft.plan.steps.push_back(
            {step.name, place.stream == nullptr ? plan::StreamId{} : place.stream->id, condition.value_or(nfa::ConditionId{})});
    }
    for (const StepName& name : shape.names) {
        draft.plan.step_names.push_back(name.text);
    }
    if (draft.plan.conditions.size() > kMaxConditions) {
        load.report.error("E0409", draft.names.decl->when->span,
                          fmt::format("the pattern has {} different conditions; {} is the most", draft.plan.conditions.size(),
                                      kMaxConditions),
                          "split the rule");
    }
}

}  // namespace tocsin::compiler
