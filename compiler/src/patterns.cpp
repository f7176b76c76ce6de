#include <algorithm>

#include <fmt/format.h>
#include <tocsin/nfa/build.hpp>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

nfa::Arrow lowered(dsl::Arrow arrow) {
    switch (arrow) {
        case dsl::Arrow::follows: return nfa::Arrow::follows;
        case dsl::Arrow::strict: return nfa::Arrow::strict;
        case dsl::Arrow::any: return nfa::Arrow::any;
    }
    return nfa::Arrow::follows;
}

nfa::Times lowered(const dsl::Times& times) {
    const nfa::Greed greed = times.each ? nfa::Greed::each : times.lazy ? nfa::Greed::lazy : nfa::Greed::greedy;
    return {times.min, times.max, lowered(times.between), greed};
}

/// Lowers a pattern whose conditions are all known. The recursion is as deep as groups are nested.
class PatternPass {
public:
    explicit PatternPass(Draft& draft) : draft_(draft), file_(*draft.names.file) {
        for (std::size_t i = 0; i < draft.names.shape.places.size(); ++i) {
            const Place& place = draft.names.shape.places[i];
            (place.kind == Place::Kind::until ? untils_ : events_)[place.node] = i;
        }
    }

    nfa::NodeId lower(dsl::PatternId id) {
        const dsl::Pattern& pattern = file_[id];
        if (const auto* step = std::get_if<dsl::Step>(&pattern.node)) {
            const std::size_t place = events_.at(id);
            const nfa::NodeId take =
                draft_.pattern.add(nfa::Take{nfa::StepId{draft_.names.shape.places[place].step}, *draft_.conditions[place]});
            return with_tail(id, step->tail, take, false);
        }
        if (const auto* absent = std::get_if<dsl::NotItem>(&pattern.node)) {
            return draft_.pattern.add(nfa::Absent{*draft_.conditions[events_.at(id)], absent->in});
        }
        if (const auto* group = std::get_if<dsl::Group>(&pattern.node)) {
            return with_tail(id, group->tail, lower(group->body), true);
        }
        if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
            return lower_sequence(*sequence);
        }
        return lower_alternatives(std::get<dsl::Alternatives>(pattern.node));
    }

private:
    nfa::NodeId with_tail(dsl::PatternId id, const dsl::Tail& tail, nfa::NodeId body, bool group) {
        if (!group && !tail.times && !tail.until && !tail.in) {
            return body;
        }
        nfa::Repeat repeat{body, {}, std::nullopt, tail.in};
        if (tail.times) {
            repeat.times = lowered(*tail.times);
        }
        if (tail.until) {
            repeat.until = *draft_.conditions[untils_.at(id)];
        }
        return draft_.pattern.add(repeat);
    }

    nfa::NodeId lower_sequence(const dsl::Sequence& sequence) {
        nfa::Sequence out;
        for (const dsl::Sequence::Part& part : sequence.parts) {
            out.parts.push_back({lowered(part.arrow), lower(part.item)});
        }
        return draft_.pattern.add(std::move(out));
    }

    nfa::NodeId lower_alternatives(const dsl::Alternatives& either) {
        const bool all = either.kind == dsl::Alternatives::Kind::all_of;
        nfa::Alternatives out{all ? nfa::Join::all_of : nfa::Join::one_of, {}};
        for (const dsl::PatternId item : either.items) {
            out.items.push_back(lower(item));
        }
        return draft_.pattern.add(std::move(out));
    }

    Draft& draft_;
    const dsl::File& file_;
    std::unordered_map<dsl::PatternId, std::size_t> events_;
    std::unordered_map<dsl::PatternId, std::size_t> untils_;
};

std::string error_text(nfa::BuildError error, const Limits& limits) {
    switch (error) {
        case nfa::BuildError::too_many_states:
            return fmt::format("the pattern has more than {} states, loops unrolled", limits.pattern_states);
        case nfa::BuildError::too_many_edges:
            return fmt::format("a place in the pattern has more than {} ways on", nfa::kMaxEdges);
        case nfa::BuildError::too_many_and_items: return fmt::format("`and` joins more than {} items", nfa::kMaxAndItems);
    }
    return "the pattern is too large";
}

/// Events that fit no condition matter too: each stream gets one that they fit.
void see_every_event(Load& load, plan::RulePlan& rule) {
    for (const plan::SourcePlan& source : rule.sources) {
        const bool there =
            std::ranges::any_of(rule.conditions, [&](const plan::Condition& one) { return one.predicate == source.seen; });
        if (!there) {
            rule.conditions.push_back({source.seen, std::nullopt, load.builder.program[source.stream].name});
        }
    }
    rule.needs_every_event = true;
}

/// The conditions of every `not` before the first event.
void collect_leading(plan::RulePlan& rule) {
    for (const nfa::Edge& edge : rule.automaton[nfa::kStart].edges) {
        for (const nfa::Guard& guard : edge.guards) {
            if (std::ranges::find(rule.leading_absent, guard.condition) == rule.leading_absent.end()) {
                rule.leading_absent.push_back(guard.condition);
            }
        }
    }
}

}  // namespace

void lower_pattern(Load& load, Draft& draft) {
    const Span span = draft.names.decl->when->span;
    if (draft.names.shape.steps.empty()) {
        load.report.error("E0406", span, "the pattern takes no event", "a match has at least one: add a step");
        return;
    }
    const bool known = std::ranges::all_of(draft.conditions, [](const auto& one) { return one.has_value(); });
    if (!known) {
        return;
    }
    draft.pattern.root = PatternPass(draft).lower(draft.names.decl->when->value);
    auto built = nfa::build(draft.pattern, load.limits.pattern_states);
    if (const auto* error = std::get_if<nfa::BuildError>(&built)) {
        load.report.error("E0410", span, error_text(*error, load.limits),
                          "make the bounds of its loops smaller, or split the rule");
        return;
    }
    draft.plan.automaton = std::get<nfa::Automaton>(std::move(built));
    collect_leading(draft.plan);
    if (nfa::facts(draft.plan.automaton).needs_every_event) {
        see_every_event(load, draft.plan);
    }
}

}  // namespace tocsin::compiler
