#include "lowering.hpp"

#include <fmt/format.h>

namespace tocsin::compiler {

namespace {

using dsl::BinaryOp;
using event::Type;

bool is_logic(BinaryOp op) { return op == BinaryOp::logical_and || op == BinaryOp::logical_or; }

}  // namespace

bool is_number(Type type) { return type == Type::integer || type == Type::floating; }

std::string a_type(Type type) {
    return fmt::format("{} {}", type == Type::integer || type == Type::ip ? "an" : "a", event::type_name(type));
}

std::optional<Operand> Lowering::operand(ExprRef expr) {
    const Result id = value(expr);
    if (!id) {
        return std::nullopt;
    }
    return Operand{(*expr).span, *id, load_.builder.type(*id)};
}

Lowering::Result Lowering::value(ExprRef expr) {
    // The parser bounds what is written; definitions in definitions can still go deeper, and double at each level.
    if (++depth_ > load_.limits.expression_depth + 1) {
        load_.report.error(
            "E0317", (*expr).span,
            fmt::format("the expression is more than {} levels deep, definitions expanded", load_.limits.expression_depth));
        --depth_;
        return std::nullopt;
    }
    const dsl::Expr& node = *expr;
    Result out;
    if (std::holds_alternative<dsl::Literal>(node.node)) {
        out = load_.builder.constant(*literal_constant(*expr.file, expr.id));
    } else if (const auto* bare = std::get_if<dsl::PathExpr>(&node.node)) {
        out = path(bare->path);
    } else if (const auto* unary = std::get_if<dsl::Unary>(&node.node)) {
        out = negation(expr, *unary);
    } else if (const auto* operation = std::get_if<dsl::Binary>(&node.node)) {
        out = is_logic(operation->op) ? logic(expr, operation->op) : binary(expr, *operation);
    } else if (const auto* called = std::get_if<dsl::Call>(&node.node)) {
        out = call(expr, *called);
    } else if (const auto* of = std::get_if<dsl::Member>(&node.node)) {
        out = member(expr, *of);
    } else if (const auto* in = std::get_if<dsl::In>(&node.node)) {
        out = membership(expr, *in);
    }
    --depth_;
    if (out && load_.builder.reads(*out).nodes > load_.limits.expression_nodes) {
        load_.report.error(
            "E0317", node.span,
            fmt::format("the expression has more than {} parts, definitions expanded", load_.limits.expression_nodes));
        return std::nullopt;
    }
    return out;
}

Lowering::Result Lowering::condition(ExprRef expr) {
    const auto found = operand(expr);
    if (!found || !is_condition(*found)) {
        return std::nullopt;
    }
    if (found->type == Type::null) {
        return load_.builder.constant({false});
    }
    return found->id;
}

bool Lowering::is_condition(const Operand& operand) {
    if (operand.type == Type::boolean || operand.type == Type::null) {
        return true;
    }
    load_.report.error("E0301", operand.span,
                       fmt::format("{} is {}, not a condition", quoted(load_, operand.span), a_type(operand.type)),
                       "compare it with something, as in `x > 0` or `x != null`");
    return false;
}

/// A chain of one connective, however long, is walked without recursion.
Lowering::Result Lowering::logic(ExprRef expr, BinaryOp op) {
    std::vector<ExprRef> parts;
    ExprRef at = expr;
    for (;;) {
        const auto* node = std::get_if<dsl::Binary>(&(*at).node);
        if (node == nullptr || node->op != op) {
            parts.push_back(at);
            break;
        }
        parts.push_back({expr.file, node->right});
        at.id = node->left;
    }
    std::vector<plan::ExprId> ids;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (const Result id = condition(*part)) {
            ids.push_back(*id);
        }
    }
    if (ids.size() != parts.size()) {
        return std::nullopt;
    }
    return join_conditions(load_.builder, op == BinaryOp::logical_and ? plan::Op::logical_and : plan::Op::logical_or, ids);
}

Lowering::Result Lowering::negation(ExprRef expr, const dsl::Unary& unary) {
    const ExprRef inner{expr.file, unary.operand};
    if (unary.op == dsl::UnaryOp::negate) {
        const auto found = operand(inner);
        return found ? minus(*found, (*expr).span) : std::nullopt;
    }
    const Result inside = condition(inner);
    return inside ? finish(Type::boolean, plan::Op::logical_not, {*inside}, (*expr).span) : std::nullopt;
}

Lowering::Result Lowering::binary(ExprRef expr, const dsl::Binary& operation) {
    const auto left = operand({expr.file, operation.left});
    const auto right = operand({expr.file, operation.right});
    if (!left || !right) {
        return std::nullopt;
    }
    switch (operation.op) {
        case BinaryOp::like:
        case BinaryOp::matches: return pattern_match(operation.op, *left, *right);
        case BinaryOp::add:
        case BinaryOp::subtract:
        case BinaryOp::multiply:
        case BinaryOp::divide:
        case BinaryOp::modulo: return arithmetic(operation.op, *left, *right);
        default: return comparison(operation.op, *left, *right);
    }
}

}  // namespace tocsin::compiler
