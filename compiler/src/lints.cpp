#include <algorithm>

#include <fmt/format.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

bool is_open_and_greedy(const dsl::Tail& tail) {
    return tail.times && !tail.times->max && !tail.times->lazy && !tail.times->each;
}

/// The single conditions that all must hold.
std::vector<plan::ExprId> conjuncts(const ProgramBuilder& builder, const plan::Condition& condition) {
    std::vector<plan::ExprId> out;
    for (const auto& part : {builder.program[condition.predicate].expr, condition.residual}) {
        if (!part) {
            continue;
        }
        const auto* apply = std::get_if<plan::Apply>(&builder[*part].node);
        if (apply != nullptr && apply->op == plan::Op::logical_and) {
            std::ranges::copy(apply->arguments, std::back_inserter(out));
        } else {
            out.push_back(*part);
        }
    }
    std::ranges::sort(out);
    return out;
}

/// Whether every event that fits `b` fits `a`, as far as can be seen: b says all that a says, and perhaps more.
bool implies(const ProgramBuilder& builder, const plan::Condition& b, const plan::Condition& a) {
    return builder.program[a.predicate].stream == builder.program[b.predicate].stream &&
           std::ranges::includes(conjuncts(builder, b), conjuncts(builder, a));
}

const plan::Condition* condition_of(const Draft& draft, const dsl::Step& step) {
    for (std::size_t i = 0; i < draft.names.shape.places.size(); ++i) {
        const Place& place = draft.names.shape.places[i];
        if (place.kind == Place::Kind::step && place.event == &step.event && draft.conditions[i]) {
            return &draft.plan.conditions[static_cast<std::size_t>(*draft.conditions[i])];
        }
    }
    return nullptr;
}

/// `a: A+ -> b: A`: the loop takes every event that b could.
void lint_swallowing(Load& load, const Draft& draft, const dsl::Sequence& sequence) {
    const dsl::File& file = *draft.names.file;
    for (std::size_t i = 0; i + 1 < sequence.parts.size(); ++i) {
        const auto* loop = std::get_if<dsl::Step>(&file[sequence.parts[i].item].node);
        std::size_t after = i + 1;
        while (after < sequence.parts.size() && std::holds_alternative<dsl::NotItem>(file[sequence.parts[after].item].node)) {
            ++after;
        }
        const auto* next =
            after < sequence.parts.size() ? std::get_if<dsl::Step>(&file[sequence.parts[after].item].node) : nullptr;
        if (loop == nullptr || next == nullptr || !is_open_and_greedy(loop->tail) || loop->tail.until || loop->tail.in ||
            loop->tail.times->between == dsl::Arrow::strict || (next->tail.times && next->tail.times->min == 0)) {
            continue;
        }
        const plan::Condition* swallowing = condition_of(draft, *loop);
        const plan::Condition* swallowed = condition_of(draft, *next);
        if (swallowing != nullptr && swallowed != nullptr && implies(load.builder, *swallowed, *swallowing)) {
            load.report.warning(
                "W0601", next->event.span, "this step can never match: the loop before it takes every event that fits it",
                "make the loop `lazy`, give it an end (`{1,5}`, `until`), or let its condition leave something over",
                {{loop->event.span, "the loop is here"}});
        }
    }
}

void lint_arrows(Load& load, const Draft& draft, const dsl::Sequence& sequence) {
    for (const dsl::Sequence::Part& part : sequence.parts) {
        const bool absent = std::holds_alternative<dsl::NotItem>((*draft.names.file)[part.item].node);
        if (absent && part.arrow == dsl::Arrow::any && &part != &sequence.parts.front()) {
            load.report.hint("H0702", part.arrow_span, "`~> not` means the same as `-> not`", "write `->`");
        }
    }
}

/// The recursion is as deep as groups are nested.
void lint_sequences(Load& load, const Draft& draft, dsl::PatternId id) {
    const dsl::Pattern& pattern = (*draft.names.file)[id];
    if (const auto* group = std::get_if<dsl::Group>(&pattern.node)) {
        lint_sequences(load, draft, group->body);
    } else if (const auto* either = std::get_if<dsl::Alternatives>(&pattern.node)) {
        for (const dsl::PatternId item : either->items) {
            lint_sequences(load, draft, item);
        }
    } else if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
        lint_swallowing(load, draft, *sequence);
        lint_arrows(load, draft, *sequence);
        for (const dsl::Sequence::Part& part : sequence->parts) {
            lint_sequences(load, draft, part.item);
        }
    }
}

void lint_open_end(Load& load, const Draft& draft) {
    const dsl::File& file = *draft.names.file;
    dsl::PatternId at = draft.names.decl->when->value;
    for (;;) {
        const dsl::Pattern& pattern = file[at];
        if (const dsl::Tail* tail = tail_of(pattern); tail != nullptr && is_open_and_greedy(*tail)) {
            if (!tail->until) {
                load.report.hint("H0701", tail->times->span,
                                 "the rule ends in an open loop: it is reported once, when the loop can grow no more",
                                 "`lazy` reports at the minimum, `each` at every turn");
            }
            return;
        }
        if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
            at = sequence->parts.back().item;
        } else if (const auto* group = std::get_if<dsl::Group>(&pattern.node)) {
            at = group->body;
        } else {
            return;
        }
    }
}

}  // namespace

void lint_pattern(Load& load, Draft& draft) {
    lint_sequences(load, draft, draft.names.decl->when->value);
    lint_open_end(load, draft);
    if (draft.names.shape.skippable && !draft.names.shape.steps.empty()) {
        load.report.hint("H0705", draft.names.decl->when->span,
                         "every item is optional: any one event that fits some item is a match");
    }
}

}  // namespace tocsin::compiler
