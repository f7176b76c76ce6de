#include "window_rule.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tocsin::matcher {

using event::Value;
using Kind = plan::Register::Kind;

void Aggregates::add(std::span<const Value> row, const Position& at) {
    ++events_;
    for (const Part& part : parts_) {
        if (const Value& value = row[part.argument]; !value.is_null()) {
            part.accumulator->add(value, at);
        }
    }
}

void Aggregates::remove(std::span<const Value> row, const Position& at) {
    --events_;
    for (const Part& part : parts_) {
        if (const Value& value = row[part.argument]; !value.is_null()) {
            part.accumulator->remove(value, at);
        }
    }
}

WindowRule::WindowRule(ShardMemory& memory, plan::RuleId id)
    : memory_(memory), id_(id), rule_((*memory.program)[id]), revisable_(is_revisable(rule_)) {
    for (std::uint32_t i = 0; i < rule_.match_registers.size(); ++i) {
        const plan::Register& reg = rule_.match_registers[i];
        if (reg.kind == Kind::previous) {
            previous_.push_back({i, reg.let});
        } else if (!reg.value) {
            bare_counts_.push_back(i);
        } else {
            const auto found = std::find(arguments_.begin(), arguments_.end(), *reg.value);
            parts_.push_back({i, static_cast<std::uint32_t>(found - arguments_.begin())});
            if (found == arguments_.end()) {
                arguments_.push_back(*reg.value);
            }
        }
    }
}

/// Tables are looked into as of the event.
Scope WindowRule::scope_of(EventId event) const {
    const StoredEvent& stored = memory_.events[event];
    Scope scope;
    scope.kept = stored.values;
    scope.tables = memory_.tables[static_cast<std::size_t>(id_)];
    scope.time = stored.position.time;
    return scope;
}

bool WindowRule::takes(EventId event) {
    const auto& residual = rule_.conditions.front().residual;
    const bool holds = !residual || memory_.session.condition(*residual, scope_of(event));
    counters.overflows += memory_.session.take_overflows();
    return holds;
}

std::span<const Value> WindowRule::read(EventId event) {
    const Scope scope = scope_of(event);
    row_.clear();
    for (const plan::ExprId argument : arguments_) {
        row_.push_back(memory_.session.value(argument, scope));
    }
    counters.overflows += memory_.session.take_overflows();
    return row_;
}

Aggregates WindowRule::make_aggregates(Order order) const {
    Aggregates made;
    made.parts_.reserve(parts_.size());
    for (const Part& part : parts_) {
        const plan::Register& reg = rule_.match_registers[part.reg];
        const event::Type type = memory_.program->pool[*reg.value].type;
        made.parts_.push_back({part.argument, make_accumulator(reg, type, order, memory_.partitions)});
    }
    return made;
}

std::vector<Value> WindowRule::registers_of(const Aggregates* aggregates, const std::vector<Owned>* before) {
    std::vector<Value> registers(rule_.match_registers.size());
    for (const std::uint32_t reg : bare_counts_) {
        registers[reg] = Value::of_int(aggregates == nullptr ? 0 : static_cast<std::int64_t>(aggregates->events()));
    }
    for (std::size_t i = 0; i < parts_.size() && aggregates != nullptr; ++i) {
        const Accumulator& accumulator = *aggregates->parts_[i].accumulator;
        registers[parts_[i].reg] = accumulator.value();
        counters.overflows += accumulator.overflowed() ? 1U : 0U;
    }
    for (std::size_t i = 0; i < previous_.size() && before != nullptr; ++i) {
        registers[previous_[i].reg] = (*before)[i].view();
    }
    return registers;
}

Verdict WindowRule::judge(const std::string& key, const Aggregates* aggregates, const std::vector<Owned>* before,
                          WindowResult bounds) {
    Aggregates none;
    if (aggregates == nullptr && !parts_.empty()) {
        none = make_aggregates(Order::growing);
        aggregates = &none;
    }
    const DecisionValues values = window_values(memory_, id_, key, registers_of(aggregates, before), bounds.as_of);
    Verdict verdict;
    if (!rule_.where || memory_.session.condition(*rule_.where, values.scope())) {
        ++counters.candidates;
        bounds.registers = own_row(values.registers);
        if (looks_into_tables()) {
            bounds.shown = tocsin::matcher::shown_values(memory_, rule_, decision(key, bounds));
        }
        verdict.result = std::move(bounds);
    }
    for (const Previous& one : previous_) {
        verdict.remembered.push_back(own(values.lets[one.let]));
    }
    counters.overflows += memory_.session.take_overflows();
    memory_.session.release();
    return verdict;
}

void WindowRule::show(const std::string& key, std::optional<WindowResult>& shown, std::optional<WindowResult> now) {
    if (!revisable_) {
        if (now) {
            changes.push_back({Change::Op::alert, decision(key, std::move(*now)), 0});
        }
        return;
    }
    if (shown && !now) {
        retract(key, std::move(*shown));
    } else if (now && (!shown || !looks_the_same(key, *shown, *now))) {
        changes.push_back({shown ? Change::Op::correct : Change::Op::alert, decision(key, *now), 0});
    }
    shown = std::move(now);
}

void WindowRule::retract(const std::string& key, WindowResult shown) {
    changes.push_back({Change::Op::retract, decision(key, std::move(shown)), 0});
}

/// What an alert shows of a result beside its bounds: lets, returns, and the values in its text.
std::vector<Value> WindowRule::shown_values(const std::string& key, const WindowResult& result) {
    const DecisionValues values = window_values(memory_, id_, key, views(result.registers), result.as_of);
    std::vector<Value> shown = values.lets;
    for (const plan::NamedValue& item : rule_.returns) {
        shown.push_back(memory_.session.value(item.value, values.scope()));
    }
    for (const auto& piece : rule_.text) {
        if (const auto* expr = std::get_if<plan::ExprId>(&piece)) {
            shown.push_back(memory_.session.value(*expr, values.scope()));
        }
    }
    return shown;
}

bool WindowRule::looks_the_same(const std::string& key, const WindowResult& a, const WindowResult& b) {
    if (looks_into_tables()) {
        return *a.shown == *b.shown;
    }
    if (a.registers == b.registers) {
        return true;
    }
    const std::vector<Value> left = shown_values(key, a);
    const std::vector<Value> right = shown_values(key, b);
    const bool same = std::equal(left.begin(), left.end(), right.begin(), right.end(),
                                 [](const Value& x, const Value& y) { return event::total_order(x, y) == 0; });
    static_cast<void>(memory_.session.take_overflows());    // counted when each was judged
    memory_.session.release();
    return same;
}

Decision WindowRule::decision(const std::string& key, WindowResult result) const {
    const EventTime decided = decided_at(*rule_.window, result);
    std::shared_ptr<const ShownValues> shown = result.shown;
    return {id_, key, decided, kNoPast, std::move(result), std::move(shown)};
}

void WindowRule::release() { memory_.session.release(); }

std::vector<Value> views(const Operands& row) {
    std::vector<Value> out;
    out.reserve(row.size());
    std::transform(row.begin(), row.end(), std::back_inserter(out), [](const Owned& value) { return value.view(); });
    return out;
}

Operands own_row(std::span<const Value> row) {
    Operands out;
    out.reserve(row.size());
    std::transform(row.begin(), row.end(), std::back_inserter(out), own);
    return out;
}

}  // namespace tocsin::matcher
