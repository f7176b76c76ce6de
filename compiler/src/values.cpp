#include <algorithm>

#include <fmt/format.h>

#include "draft.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

Scope judged(Draft& draft, bool returns) {
    return Scope{nullptr, &draft.names, nullptr, &draft.plan.match_registers, returns, std::nullopt};
}

const RuleNames::Named* find_named(const std::vector<RuleNames::Named>& values, const std::string& name) {
    const auto found = std::ranges::find(values, name, &RuleNames::Named::name);
    return found == values.end() ? nullptr : &*found;
}

void lower_labels(Load& load, Draft& draft) {
    std::vector<const dsl::Label*> seen;
    for (const dsl::Label& label : draft.names.decl->labels) {
        const auto first = std::ranges::find_if(seen, [&](const dsl::Label* one) { return one->name.text == label.name.text; });
        if (first != seen.end()) {
            load.report.error("E0217", label.name.span, fmt::format("the label `{}` is given twice", label.name.text), {},
                              {{(*first)->name.span, "the first is here"}});
            continue;
        }
        seen.push_back(&label);
        if (auto value = literal_constant(*draft.names.file, label.value)) {
            draft.plan.labels.emplace_back(label.name.text, std::move(*value));
        } else {
            load.report.error("E0311", (*draft.names.file)[label.value].span, "a label's value is a literal");
        }
    }
}

void lower_lets(Load& load, Draft& draft) {
    for (const dsl::NamedExpr& let : draft.names.decl->lets) {
        if (const auto* first = find_named(draft.names.lets, let.name.text)) {
            load.report.error("E0217", let.name.span, fmt::format("two `let`s are named `{}`", let.name.text), {},
                              {{first->span, "the first is here"}});
            continue;
        }
        const auto value = Lowering(load, judged(draft, false)).value({draft.names.file, let.expr});
        // The place among the lets is taken even if the value is wrong, so that indices stay what they are.
        draft.names.lets.push_back({let.name.text, let.name.span, value});
        draft.plan.lets.push_back({let.name.text, value.value_or(plan::ExprId{})});
    }
}

void lower_returns(Load& load, Draft& draft) {
    for (const dsl::NamedExpr& one : draft.names.decl->returns) {
        const auto* first = find_named(draft.names.returns, one.name.text);
        const auto* let = find_named(draft.names.lets, one.name.text);
        const auto value = Lowering(load, judged(draft, false)).value({draft.names.file, one.expr});
        if (first != nullptr || let != nullptr) {
            load.report.error("E0217", one.name.span, fmt::format("`{}` names a value of this rule already", one.name.text),
                              let != nullptr ? "an alert shows every `let`: `return` need not repeat it" : "",
                              {{(let != nullptr ? let : first)->span, "the first is here"}});
            continue;
        }
        draft.names.returns.push_back({one.name.text, one.name.span, value});
        if (value) {
            draft.plan.returns.push_back({one.name.text, *value});
        }
    }
}

/// What alerts are held back by: names of the key, lets and returns.
void lower_throttle(Load& load, Draft& draft) {
    const auto& throttle = draft.names.decl->throttle;
    if (!throttle) {
        return;
    }
    std::vector<std::string_view> known;
    for (const plan::KeyPlan& key : draft.plan.key) {
        known.push_back(key.name);
    }
    for (const auto* values : {&draft.names.lets, &draft.names.returns}) {
        for (const RuleNames::Named& value : *values) {
            known.push_back(value.name);
        }
    }
    plan::ThrottlePlan plan{throttle->duration, {}};
    for (const dsl::Name& name : throttle->per) {
        if (std::ranges::find(known, name.text) == known.end()) {
            load.report.error("E0222", name.span,
                              fmt::format("`{}` is no part of the key, no `let` and no value of `return`", name.text),
                              did_you_mean(name.text, known));
            continue;
        }
        plan.per.push_back(name.text);
    }
    draft.plan.throttle = std::move(plan);
}

void lower_text(Load& load, Draft& draft) {
    if (!draft.names.decl->alert) {
        return;
    }
    for (const auto& piece : draft.names.decl->alert->pieces) {
        if (const auto* text = std::get_if<std::string>(&piece)) {
            draft.plan.text.emplace_back(*text);
        } else if (const auto value =
                       Lowering(load, judged(draft, true)).value({draft.names.file, std::get<dsl::ExprId>(piece)})) {
            draft.plan.text.emplace_back(*value);
        }
    }
}

}  // namespace

void lower_values(Load& load, Draft& draft) {
    lower_labels(load, draft);
    lower_lets(load, draft);
    if (draft.names.decl->where) {
        draft.plan.where = Lowering(load, judged(draft, false)).condition({draft.names.file, draft.names.decl->where->value});
        const plan::Constant* constant = draft.plan.where ? load.builder.constant_value(*draft.plan.where) : nullptr;
        if (constant != nullptr) {
            const bool always = constant->view().truthy();
            load.report.warning(always ? "W0603" : "W0602", draft.names.decl->where->span,
                                always ? "the condition is always true" : "the condition is never true");
        }
    }
    lower_returns(load, draft);
    lower_throttle(load, draft);
    lower_text(load, draft);
}

}  // namespace tocsin::compiler
