#include <tocsin/matcher/matcher.hpp>

#include <algorithm>
#include <cassert>
#include <iterator>

#include <tocsin/matcher/key.hpp>
#include <tocsin/matcher/pattern_matcher.hpp>
#include <tocsin/matcher/revising_matcher.hpp>
#include <tocsin/matcher/window_matcher.hpp>

#include "registers.hpp"
#include "windows/window_rule.hpp"

namespace tocsin::matcher {

std::unique_ptr<Matcher> make_matcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits) {
    if ((*memory.program)[rule].window) {
        return std::make_unique<WindowMatcher>(memory, rule);
    }
    if (is_revisable((*memory.program)[rule])) {
        return std::make_unique<RevisingMatcher>(memory, rule, limits);
    }
    return std::make_unique<PatternMatcher>(memory, rule, limits);
}

bool Matcher::set_aside(std::string_view, EventId, std::uint64_t) { return false; }
void Matcher::remove(std::string_view /*key*/, const Position& /*position*/) {
    assert(false && "only the events of a revisable rule are taken back");
}

void Matcher::look_again(EventTime /*from*/) {
    assert(false && "only a revisable rule looks into a table before the watermark has passed it");
}

EventTime decided_at(const plan::WindowPlan& window, const WindowResult& result) {
    switch (window.kind) {
        case plan::WindowPlan::Kind::fixed: return result.end - std::chrono::milliseconds(1);
        case plan::WindowPlan::Kind::session: return result.end + window.size;
        case plan::WindowPlan::Kind::sliding: break;
    }
    return result.end;
}

EventTime due_at(const plan::RulePlan& rule, const Decision& decision) {
    const bool fixed = rule.window && rule.window->kind == plan::WindowPlan::Kind::fixed;
    return fixed ? decision.window->end - Duration(1) : decision.decided;
}

DecisionValues window_values(ShardMemory& memory, plan::RuleId id, std::string_view key, std::vector<event::Value> registers,
                             EventTime as_of) {
    const plan::RulePlan& rule = (*memory.program)[id];
    DecisionValues values;
    values.tables = memory.tables[static_cast<std::size_t>(id)];
    values.last_time = as_of;
    values.registers = std::move(registers);
    values.key = decode_key(key);
    for (const plan::NamedValue& let : rule.lets) {
        values.lets.push_back(memory.session.value(let.value, values.scope()));
    }
    return values;
}

DecisionValues decision_values(ShardMemory& memory, const plan::RulePlan& rule, const Decision& decision) {
    if (decision.window) {
        return window_values(memory, decision.rule, decision.key, views(decision.window->registers), decision.window->as_of);
    }
    std::vector<PastPool::Taken> taken;
    memory.pasts.list(decision.past, taken);
    DecisionValues values;
    values.tables = memory.tables[static_cast<std::size_t>(decision.rule)];
    const Registers registers(*memory.program, rule, rule.match_registers, values.tables);
    values.registers = registers.compute_all(taken, memory.events, memory.session);
    values.key = decode_key(decision.key);
    values.last_time = memory.events[taken.back().event].position.time;
    values.last_kept = memory.events[taken.back().event].values;
    for (const plan::NamedValue& let : rule.lets) {
        values.lets.push_back(memory.session.value(let.value, values.scope()));
    }
    return values;
}

std::shared_ptr<const ShownValues> shown_values(ShardMemory& memory, const plan::RulePlan& rule, const Decision& decision) {
    const DecisionValues values = decision_values(memory, rule, decision);
    const Scope scope = values.scope();
    auto shown = std::make_shared<ShownValues>();
    const auto add = [&](plan::ExprId expr) { shown->push_back(plan::Constant::of(memory.session.value(expr, scope))); };
    std::transform(values.lets.begin(), values.lets.end(), std::back_inserter(*shown), plan::Constant::of);
    for (const plan::NamedValue& value : rule.returns) {
        add(value.value);
    }
    for (const auto& piece : rule.text) {
        if (const auto* expr = std::get_if<plan::ExprId>(&piece)) {
            add(*expr);
        }
    }
    return shown;
}

}  // namespace tocsin::matcher
