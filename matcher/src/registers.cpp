#include "registers.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "exact_sum.hpp"

namespace tocsin::matcher {

using event::Type;
using event::Value;
using plan::Register;
using Kind = plan::Register::Kind;

namespace {

bool better(const Value& a, const Value& b, Kind kind) {
    const auto order = event::compare(a, b);
    return order && (kind == Kind::min ? *order < 0 : *order > 0);
}

/// Sums and what is made of them, over the values that are not null.
class Fold {
public:
    explicit Fold(Type type) : type_(type) {}

    void add(const Value& value) { values_.push_back(value); }

    [[nodiscard]] Value sum() const {
        if (type_ == Type::floating) {
            return Value::of_float(exact(0, 1));
        }
        std::int64_t total = 0;
        for (const Value& value : values_) {
            if (__builtin_add_overflow(total, value.as_int(), &total)) {
                return {};
            }
        }
        return type_ == Type::duration ? Value::of_duration(Duration(total)) : Value::of_int(total);
    }

    [[nodiscard]] Value average() const {
        if (values_.empty()) {
            return {};
        }
        const double mean = exact(0, 1) / static_cast<double>(values_.size());
        return type_ == Type::duration ? Value::of_duration(Duration(std::llround(mean))) : Value::of_float(mean);
    }

    [[nodiscard]] Value deviation() const {
        if (values_.empty()) {
            return {};
        }
        const auto n = static_cast<double>(values_.size());
        return Value::of_float(std::sqrt(exact(exact(0, 1) / n, 2) / n));
    }

    [[nodiscard]] Value distinct() {
        if (values_.empty()) {
            return {};
        }
        sort();
        const auto end = std::unique(values_.begin(), values_.end(), [](const Value& a, const Value& b) { return event::equal(a, b); });
        return Value::of_int(end - values_.begin());
    }

    /// The nearest rank: the smallest value that at least the share `p` of all does not exceed.
    [[nodiscard]] Value quantile(double p) {
        if (values_.empty()) {
            return {};
        }
        sort();
        const double rank = std::ceil(p * static_cast<double>(values_.size()));
        const auto index = static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(values_.size()))) - 1;
        return values_[index];
    }

private:
    static double number(const Value& value) {
        return value.type() == Type::floating ? value.as_float() : static_cast<double>(value.as_int());
    }
    /// The sum of (value - centre)^power, rounded once.
    [[nodiscard]] double exact(double centre, int power) const {
        ExactSum sum;
        for (const Value& value : values_) {
            const double x = number(value) - centre;
            sum.add(power == 2 ? x * x : x);
        }
        return sum.value();
    }
    void sort() {
        std::sort(values_.begin(), values_.end(), [](const Value& a, const Value& b) { return event::total_order(a, b) < 0; });
    }

    Type type_;
    std::vector<Value> values_;
};

}  // namespace

Registers::Registers(const plan::Program& program, const plan::RulePlan& rule, std::span<const Register> registers,
                     const TableSet* tables)
    : program_(&program), rule_(&rule), registers_(registers), tables_(tables) {}

/// An event as a value over it sees it: tables too are looked into as of this event.
Scope Registers::scope_of(const StoredEvent& event) const {
    Scope scope;
    scope.kept = event.values;
    scope.tables = tables_;
    scope.time = event.position.time;
    return scope;
}

bool Registers::watches(const Register& reg, nfa::StepId step) const {
    return !reg.step_name || *reg.step_name == rule_->steps[static_cast<std::size_t>(step)].name;
}

bool Registers::kept_in_run(const Register& reg) const {
    switch (reg.kind) {
        case Kind::count:
            return true;
        case Kind::last:
        case Kind::min:
        case Kind::max: {
            // A computed string would have no owner in the run.
            const plan::Expr& value = program_->pool[*reg.value];
            return value.type != Type::string || std::holds_alternative<plan::ColumnRef>(value.node);
        }
        default:
            // `first` too: a null there could not be told from a step that took nothing.
            return false;
    }
}

std::vector<Value> Registers::initial() const {
    std::vector<Value> values(registers_.size());
    for (std::size_t i = 0; i < registers_.size(); ++i) {
        if (registers_[i].kind == Kind::count) {
            values[i] = Value::of_int(0);
        }
    }
    return values;
}

void Registers::take(std::vector<Value>& values, nfa::StepId step, const StoredEvent& event, Evaluator::Session& session) const {
    const Scope scope = scope_of(event);
    for (std::size_t i = 0; i < registers_.size(); ++i) {
        const Register& reg = registers_[i];
        if (!kept_in_run(reg) || !watches(reg, step)) {
            continue;
        }
        if (reg.kind == Kind::count) {
            if (!reg.value || session.condition(*reg.value, scope)) {
                values[i] = Value::of_int(values[i].as_int() + 1);
            }
            continue;
        }
        const Value value = session.value(*reg.value, scope);
        if (reg.kind == Kind::last || (!value.is_null() && (values[i].is_null() || better(value, values[i], reg.kind)))) {
            values[i] = value;
        }
    }
}

std::vector<plan::RegisterId> Registers::computed_in(plan::ExprId expr) const {
    std::vector<plan::RegisterId> result;
    std::vector<plan::ExprId> open{expr};
    while (!open.empty()) {
        const plan::Expr& node = program_->pool[open.back()];
        open.pop_back();
        if (const auto* ref = std::get_if<plan::RegisterRef>(&node.node)) {
            if (!kept_in_run(registers_[static_cast<std::size_t>(ref->index)])) {
                result.push_back(ref->index);
            }
        }
        plan::for_each_part(node, [&](plan::ExprId part) { open.push_back(part); });
    }
    return result;
}

Value Registers::compute(plan::RegisterId id, std::span<const PastPool::Taken> past, const EventPool& events,
                         Evaluator::Session& session) const {
    const Register& reg = registers_[static_cast<std::size_t>(id)];
    const auto value_of = [&](const PastPool::Taken& taken) { return session.value(*reg.value, scope_of(events[taken.event])); };
    const auto fits = [&](const PastPool::Taken& taken) { return watches(reg, taken.step); };
    if (reg.kind == Kind::last) {
        const auto found = std::find_if(past.rbegin(), past.rend(), fits);
        return found == past.rend() ? Value{} : value_of(*found);
    }
    if (reg.kind == Kind::first) {
        const auto found = std::find_if(past.begin(), past.end(), fits);
        return found == past.end() ? Value{} : value_of(*found);
    }
    if (reg.kind == Kind::count) {
        return Value::of_int(std::count_if(past.begin(), past.end(), [&](const PastPool::Taken& taken) {
            return fits(taken) && (!reg.value || value_of(taken).truthy());
        }));
    }
    Fold fold(program_->pool[*reg.value].type);
    std::optional<Value> best;
    for (const PastPool::Taken& taken : past) {
        if (!fits(taken)) {
            continue;
        }
        const Value value = value_of(taken);
        if (value.is_null()) {
            continue;
        }
        if (reg.kind == Kind::min || reg.kind == Kind::max) {
            best = !best || better(value, *best, reg.kind) ? value : *best;
        } else {
            fold.add(value);
        }
    }
    switch (reg.kind) {
        case Kind::sum:
            return fold.sum();
        case Kind::avg:
            return fold.average();
        case Kind::stddev:
            return fold.deviation();
        case Kind::distinct:
            return fold.distinct();
        case Kind::quantile:
            return fold.quantile(reg.parameter);
        default:
            return best.value_or(Value{});
    }
}

std::vector<Value> Registers::compute_all(std::span<const PastPool::Taken> past, const EventPool& events,
                                          Evaluator::Session& session) const {
    std::vector<Value> values;
    values.reserve(registers_.size());
    for (std::size_t i = 0; i < registers_.size(); ++i) {
        values.push_back(compute(plan::RegisterId{static_cast<std::uint32_t>(i)}, past, events, session));
    }
    return values;
}

}  // namespace tocsin::matcher
