#include <fmt/format.h>

#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using dsl::BinaryOp;
using event::Type;

plan::Op op_of(BinaryOp op) {
    switch (op) {
        case BinaryOp::add: return plan::Op::add;
        case BinaryOp::subtract: return plan::Op::subtract;
        case BinaryOp::multiply: return plan::Op::multiply;
        case BinaryOp::divide: return plan::Op::divide;
        default: return plan::Op::modulo;
    }
}

/// The type of `a op b`; nothing if there is no such operation.
std::optional<Type> result_type(BinaryOp op, Type a, Type b) {
    const bool additive = op == BinaryOp::add || op == BinaryOp::subtract;
    if (a == Type::null || b == Type::null) {
        return a == Type::null ? b : a;
    }
    if (is_number(a) && is_number(b)) {
        const bool integers = a == Type::integer && b == Type::integer;
        return integers && op != BinaryOp::divide ? Type::integer : Type::floating;
    }
    if (a == Type::time && b == Type::time && op == BinaryOp::subtract) {
        return Type::duration;
    }
    if (a == Type::time && b == Type::duration && additive) {
        return Type::time;
    }
    if (a == Type::duration && b == Type::time && op == BinaryOp::add) {
        return Type::time;
    }
    if (a == Type::duration && b == Type::duration) {
        return additive ? std::optional(Type::duration) : op == BinaryOp::divide ? std::optional(Type::floating) : std::nullopt;
    }
    if (a == Type::duration && is_number(b) && (op == BinaryOp::multiply || op == BinaryOp::divide)) {
        return Type::duration;
    }
    if (is_number(a) && b == Type::duration && op == BinaryOp::multiply) {
        return Type::duration;
    }
    return std::nullopt;
}

std::string hint_for(BinaryOp op, Type a, Type b) {
    if (a == Type::string && b == Type::string && op == BinaryOp::add) {
        return "strings are put together in an alert's text: \"{a} {b}\"";
    }
    if ((a == Type::time && b == Type::integer) || (a == Type::duration && b == Type::integer)) {
        return "write a duration with its unit, as in `5s`";
    }
    return {};
}

}  // namespace

Lowering::Result Lowering::finish(Type type, plan::Op op, std::vector<plan::ExprId> arguments, Span span) {
    const plan::ExprId made = load_.builder.apply(type, op, std::move(arguments));
    const Result folded = fold(load_.builder, made);
    if (!folded) {
        load_.report.error("E0309", span, fmt::format("{} is out of range", quoted(load_, span)));
    }
    return folded;
}

Lowering::Result Lowering::arithmetic(BinaryOp op, const Operand& left, const Operand& right) {
    const Span span{left.span.source, left.span.begin, right.span.end};
    const auto type = result_type(op, left.type, right.type);
    if (!type) {
        load_.report.error(
            "E0303", span,
            fmt::format("`{}` does not work on {} and {}", plan::op_name(op_of(op)), a_type(left.type), a_type(right.type)),
            hint_for(op, left.type, right.type));
        return std::nullopt;
    }
    return finish(*type, op_of(op), {left.id, right.id}, span);
}

Lowering::Result Lowering::minus(const Operand& operand, Span span) {
    if (!is_number(operand.type) && operand.type != Type::duration && operand.type != Type::null) {
        load_.report.error("E0303", span, fmt::format("`-` does not work on {}", a_type(operand.type)));
        return std::nullopt;
    }
    return finish(operand.type, plan::Op::negate, {operand.id}, span);
}

}  // namespace tocsin::compiler
