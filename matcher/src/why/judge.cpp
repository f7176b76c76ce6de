#include "judge.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <tocsin/plan/print.hpp>

namespace tocsin::matcher {

using plan::ExprId;

namespace {

/// The parts that `and` joins, in the order of the text.
std::vector<ExprId> conjuncts(const plan::ExprPool& pool, ExprId condition) {
    std::vector<ExprId> result;
    std::vector<ExprId> open{condition};
    while (!open.empty()) {
        const ExprId at = open.back();
        open.pop_back();
        const auto* apply = std::get_if<plan::Apply>(&pool[at].node);
        if (apply != nullptr && apply->op == plan::Op::logical_and) {
            open.insert(open.end(), apply->arguments.rbegin(), apply->arguments.rend());
        } else {
            result.push_back(at);
        }
    }
    return result;
}

bool is_source(const plan::Expr& expr) {
    return std::holds_alternative<plan::ColumnRef>(expr.node) || std::holds_alternative<plan::RegisterRef>(expr.node) ||
           std::holds_alternative<plan::LetRef>(expr.node) || std::holds_alternative<plan::LookupRef>(expr.node);
}

bool is_comparison(const plan::Apply& apply) { return apply.op >= plan::Op::equal && apply.op <= plan::Op::greater_equal; }

void add_once(std::vector<ExprId>& out, ExprId expr) {
    if (std::find(out.begin(), out.end(), expr) == out.end()) {
        out.push_back(expr);
    }
}

/// What an expression takes its values from, and before that the sides of a comparison that have to be computed first.
std::vector<ExprId> worth_showing(const plan::ExprPool& pool, ExprId expr) {
    std::vector<ExprId> result;
    if (const auto* apply = std::get_if<plan::Apply>(&pool[expr].node); apply != nullptr && is_comparison(*apply)) {
        for (const ExprId side : apply->arguments) {
            if (!is_source(pool[side]) && !std::holds_alternative<plan::Constant>(pool[side].node) &&
                !std::holds_alternative<plan::KeyRef>(pool[side].node)) {
                add_once(result, side);
            }
        }
    }
    std::vector<ExprId> open{expr};
    while (!open.empty()) {
        const ExprId at = open.back();
        open.pop_back();
        if (is_source(pool[at])) {
            add_once(result, at);
        }
        std::vector<ExprId> parts;
        plan::for_each_part(pool[at], [&](ExprId part) { parts.push_back(part); });
        open.insert(open.end(), parts.rbegin(), parts.rend());
    }
    return result;
}

}  // namespace

Judge::Judge(ShardMemory& memory, plan::RuleId rule)
    : memory_(memory),
      program_(*memory.program),
      rule_((*memory.program)[rule]),
      tables_(memory.tables[static_cast<std::size_t>(rule)]),
      registers_(program_, rule_, rule_.run_registers, tables_) {
    start_.state = nfa::kStart;
    start_.registers = registers_.initial();
}

bool Judge::of_stream(nfa::ConditionId condition, const SeenEvent& event) const {
    const plan::StreamId stream = program_[rule_.conditions[static_cast<std::size_t>(condition)].predicate].stream;
    return std::find(event.streams.begin(), event.streams.end(), stream) != event.streams.end();
}

/// Registers that a run does not keep are computed from its past.
Scope Judge::scope_of(const Place& place, EventId event, ExprId residual) {
    const StoredEvent& stored = memory_.events[event];
    asked_ = place.registers;
    if (const auto computed = registers_.computed_in(residual); !computed.empty() && place.past != kNoPast) {
        memory_.pasts.list(place.past, past_);
        for (const plan::RegisterId reg : computed) {
            asked_[static_cast<std::size_t>(reg)] = registers_.compute(reg, past_, memory_.events, memory_.session);
        }
    }
    Scope scope;
    scope.kept = stored.values;
    scope.registers = asked_;
    scope.tables = tables_;
    scope.time = stored.position.time;
    return scope;
}

std::vector<Failure> Judge::failures(nfa::ConditionId id, const Place& place, const SeenEvent& event) {
    const plan::Condition& condition = rule_.conditions[static_cast<std::size_t>(id)];
    std::vector<Failure> result;
    for (const std::optional<ExprId>& part : {program_[condition.predicate].expr, condition.residual}) {
        if (part) {
            add_failures(result, *part, scope_of(place, event.id, *part), false);
        }
    }
    memory_.session.release();
    return result;
}

bool Judge::fits(nfa::ConditionId id, const Place& place, const SeenEvent& event) {
    const auto index = static_cast<std::size_t>(id);
    if ((event.hits & (std::uint64_t{1} << index)) == 0) {
        return false;
    }
    const auto& residual = rule_.conditions[index].residual;
    const bool holds = !residual || memory_.session.condition(*residual, scope_of(place, event.id, *residual));
    memory_.session.release();
    return holds;
}

Misfit Judge::misfit(const nfa::Edge& edge, const Place& place, const SeenEvent& event) {
    Misfit result{step_name(edge.step), text(edge.condition), !of_stream(edge.condition, event), {}, {}};
    if (!result.other_stream) {
        result.failures = failures(edge.condition, place, event);
    }
    return result;
}

std::vector<Failure> Judge::where_failures(const DecisionValues& values) {
    std::vector<Failure> result;
    if (rule_.where) {
        add_failures(result, *rule_.where, values.scope(), true);
    }
    return result;
}

std::vector<Reading> Judge::lets(const DecisionValues& values) const {
    std::vector<Reading> result;
    for (std::size_t i = 0; i < rule_.lets.size(); ++i) {
        result.push_back({rule_.lets[i].name, plan::Constant::of(values.lets[i])});
    }
    return result;
}

TakenEvent Judge::taken(const PastPool::Taken& taken) {
    const StoredEvent& stored = memory_.events[taken.event];
    const auto id = rule_.steps[static_cast<std::size_t>(taken.step)].condition;
    const plan::Condition& condition = rule_.conditions[static_cast<std::size_t>(id)];
    TakenEvent result{step_name(taken.step), stored.position, {}};
    Scope scope;
    scope.kept = stored.values;
    scope.tables = tables_;
    scope.time = stored.position.time;
    std::vector<ExprId> fields;
    for (const std::optional<ExprId>& part : {program_[condition.predicate].expr, condition.residual}) {
        for (const ExprId expr : part ? worth_showing(program_.pool, *part) : std::vector<ExprId>{}) {
            const auto& node = program_.pool[expr].node;
            if (std::holds_alternative<plan::ColumnRef>(node) || std::holds_alternative<plan::LookupRef>(node)) {
                add_once(fields, expr);
            }
        }
    }
    for (const ExprId field : fields) {
        result.values.push_back(
            {plan::print_expr(program_, &rule_, field), plan::Constant::of(memory_.session.value(field, scope))});
    }
    return result;
}

void Judge::add_failures(std::vector<Failure>& out, ExprId condition, const Scope& scope, bool match_registers) {
    for (const ExprId part : conjuncts(program_.pool, condition)) {
        const event::Value value = memory_.session.value(part, scope);
        if (!value.truthy()) {
            out.push_back({plan::print_expr(program_, &rule_, part, match_registers), value.is_null(),
                           readings(part, scope, match_registers), gap(part, scope)});
        }
    }
}

double Judge::gap(ExprId expr, const Scope& scope) {
    const auto* apply = std::get_if<plan::Apply>(&program_.pool[expr].node);
    if (apply == nullptr || !is_comparison(*apply)) {
        return 1;
    }
    const event::Value left = memory_.session.value(apply->arguments[0], scope);
    const event::Value right = memory_.session.value(apply->arguments[1], scope);
    if (!left.is_number() || !right.is_number()) {
        return 1;
    }
    const double larger = std::max(std::abs(left.to_double()), std::abs(right.to_double()));
    return larger > 0 ? std::min(1.0, std::abs(left.to_double() - right.to_double()) / larger) : 0;
}

std::vector<Reading> Judge::readings(ExprId expr, const Scope& scope, bool match_registers) {
    std::vector<Reading> result;
    for (const ExprId part : worth_showing(program_.pool, expr)) {
        result.push_back({plan::print_expr(program_, &rule_, part, match_registers),
                          plan::Constant::of(memory_.session.value(part, scope))});
    }
    return result;
}

}  // namespace tocsin::matcher
