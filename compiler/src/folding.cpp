// Constants are computed once, here. Only what is trivial: a constant that is out of range is an error where it is
// written, everything else is left to the matcher.

#include <algorithm>
#include <cmath>

#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;
using plan::ExprId;
using plan::Op;

struct Folded {
    bool done{false};
    std::optional<plan::Constant> value;  ///< nothing when done: out of range
};

Folded of(plan::Constant constant) { return {true, std::move(constant)}; }

Folded of_float(double d) { return std::isfinite(d) ? of({d}) : Folded{true, std::nullopt}; }

Folded fold_integers(Op op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    bool overflow = false;
    switch (op) {
        case Op::add: overflow = __builtin_add_overflow(a, b, &result); break;
        case Op::subtract: overflow = __builtin_sub_overflow(a, b, &result); break;
        case Op::multiply: overflow = __builtin_mul_overflow(a, b, &result); break;
        default: return {};
    }
    return overflow ? Folded{true, std::nullopt} : of({result});
}

Folded fold_floats(Op op, double a, double b) {
    switch (op) {
        case Op::add: return of_float(a + b);
        case Op::subtract: return of_float(a - b);
        case Op::multiply: return of_float(a * b);
        default: return {};
    }
}

Folded fold_durations(Op op, Duration a, Duration b) {
    const Folded folded = fold_integers(op, a.count(), b.count());
    if (!folded.done || !folded.value) {
        return folded;
    }
    return of({Duration(std::get<std::int64_t>(folded.value->value))});
}

Folded fold_negation(const event::Value& value) {
    switch (value.type()) {
        case Type::integer: return fold_integers(Op::subtract, 0, value.as_int());
        case Type::floating: return of_float(-value.as_float());
        case Type::duration: return fold_durations(Op::subtract, Duration(0), value.as_duration());
        default: return {};
    }
}

Folded fold_comparison(Op op, const event::Value& a, const event::Value& b) {
    if (op == Op::equal || op == Op::not_equal) {
        return of({!a.is_null() && !b.is_null() && event::equal(a, b) == (op == Op::equal)});
    }
    const auto order = event::compare(a, b);
    if (!order) {
        return of({false});
    }
    switch (op) {
        case Op::less: return of({*order < 0});
        case Op::less_equal: return of({*order <= 0});
        case Op::greater: return of({*order > 0});
        default: return of({*order >= 0});
    }
}

Folded fold_binary(Op op, const event::Value& a, const event::Value& b) {
    if (a.is_null() || b.is_null()) {
        return of({});
    }
    if (a.type() == Type::integer && b.type() == Type::integer) {
        return fold_integers(op, a.as_int(), b.as_int());
    }
    if (a.is_number() && b.is_number()) {
        return fold_floats(op, a.to_double(), b.to_double());
    }
    if (a.type() == Type::duration && b.type() == Type::duration) {
        return fold_durations(op, a.as_duration(), b.as_duration());
    }
    if (op == Op::multiply && a.type() == Type::duration && b.type() == Type::integer) {
        return fold_durations(op, a.as_duration(), Duration(b.as_int()));
    }
    if (op == Op::multiply && a.type() == Type::integer && b.type() == Type::duration) {
        return fold_durations(op, Duration(a.as_int()), b.as_duration());
    }
    return {};
}

Folded fold_apply(Op op, const std::vector<event::Value>& values) {
    switch (op) {
        case Op::negate: return fold_negation(values[0]);
        case Op::logical_not: return of({!values[0].truthy()});
        case Op::is_null: return of({values[0].is_null()});
        case Op::is_not_null: return of({!values[0].is_null()});
        case Op::equal:
        case Op::not_equal:
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal: return fold_comparison(op, values[0], values[1]);
        case Op::add:
        case Op::subtract:
        case Op::multiply: return fold_binary(op, values[0], values[1]);
        default: return {};
    }
}

}  // namespace

std::optional<ExprId> fold(ProgramBuilder& builder, ExprId expr) {
    const auto* apply = std::get_if<plan::Apply>(&builder[expr].node);
    if (apply == nullptr) {
        return expr;
    }
    std::vector<event::Value> values;
    for (const ExprId argument : apply->arguments) {
        const plan::Constant* constant = builder.constant_value(argument);
        if (constant == nullptr) {
            return expr;
        }
        values.push_back(constant->view());
    }
    Folded folded = fold_apply(apply->op, values);
    if (!folded.done) {
        return expr;
    }
    return folded.value ? std::optional(builder.constant(std::move(*folded.value))) : std::nullopt;
}

ExprId join_conditions(ProgramBuilder& builder, Op op, const std::vector<ExprId>& parts) {
    const bool deciding = op == Op::logical_or;  // what decides the whole: true for or, false for and
    std::vector<ExprId> flat;
    const auto take = [&](ExprId id) {
        if (std::ranges::find(flat, id) == flat.end()) {
            flat.push_back(id);
        }
    };
    for (const ExprId part : parts) {
        if (const plan::Constant* constant = builder.constant_value(part)) {
            if (constant->view().truthy() == deciding) {
                return builder.constant({deciding});
            }
            continue;
        }
        const auto* apply = std::get_if<plan::Apply>(&builder[part].node);
        if (apply != nullptr && apply->op == op) {
            const std::vector<ExprId> inner = apply->arguments;
            std::ranges::for_each(inner, take);
        } else {
            take(part);
        }
    }
    if (flat.empty()) {
        return builder.constant({!deciding});
    }
    return flat.size() == 1 ? flat.front() : builder.apply(Type::boolean, op, std::move(flat));
}

}  // namespace tocsin::compiler
