#include <fmt/format.h>

#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using dsl::BinaryOp;
using event::Type;

plan::Op op_of(BinaryOp op) {
    switch (op) {
        case BinaryOp::equal: return plan::Op::equal;
        case BinaryOp::not_equal: return plan::Op::not_equal;
        case BinaryOp::less: return plan::Op::less;
        case BinaryOp::less_equal: return plan::Op::less_equal;
        case BinaryOp::greater: return plan::Op::greater;
        default: return plan::Op::greater_equal;
    }
}

/// The same comparison with its sides changed over.
plan::Op mirrored(plan::Op op) {
    switch (op) {
        case plan::Op::less: return plan::Op::greater;
        case plan::Op::less_equal: return plan::Op::greater_equal;
        case plan::Op::greater: return plan::Op::less;
        case plan::Op::greater_equal: return plan::Op::less_equal;
        default: return op;
    }
}

bool comparable(Type a, Type b) { return a == b || (is_number(a) && is_number(b)); }

bool either(Type a, Type b, Type wanted, Type other) { return (a == wanted && b == other) || (b == wanted && a == other); }

}  // namespace

void Lowering::cannot_compare(const Operand& left, const Operand& right) {
    const Type a = left.type;
    const Type b = right.type;
    std::string hint;
    const Operand& literal = load_.builder.constant_value(right.id) != nullptr ? right : left;
    if (load_.builder.constant_value(literal.id) != nullptr) {
        if (either(a, b, Type::string, Type::integer) || either(a, b, Type::string, Type::floating) ||
            either(a, b, Type::string, Type::boolean)) {
            hint = literal.type == Type::string ? "write the value without quotes" : "write the value in quotes";
        } else if (is_number(literal.type) && either(a, b, Type::duration, literal.type)) {
            hint = "write a duration with its unit, as in `5s`";
        } else if (is_number(literal.type) && either(a, b, Type::time, literal.type)) {
            hint = "write a time as in \"2026-11-23T10:02:00Z\"";
        }
    }
    load_.report.error("E0302", {left.span.source, left.span.begin, right.span.end},
                       fmt::format("{} is {} and {} is {}: they cannot be compared", quoted(load_, left.span), a_type(a),
                                   quoted(load_, right.span), a_type(b)),
                       std::move(hint));
}

/// A string literal next to a time or an ip becomes one. False after reporting that it cannot.
bool Lowering::coerce(Operand& side, const Operand& other) {
    const plan::Constant* constant = load_.builder.constant_value(side.id);
    const bool wanted = other.type == Type::time || other.type == Type::ip;
    if (constant == nullptr || side.type != Type::string || !wanted) {
        return true;
    }
    const auto value = as_type(*constant, other.type);
    if (value) {
        side.id = load_.builder.constant(*value);
        side.type = other.type;
        return true;
    }
    const std::string& text = std::get<std::string>(constant->value);
    if (other.type == Type::ip && event::parse_network(text)) {
        load_.report.error("E0316", side.span, fmt::format("\"{}\" is a network; an address never equals it", text),
                           fmt::format("write {} in \"{}\"", quoted(load_, other.span), text));
    } else {
        load_.report.error("E0313", side.span,
                           fmt::format("\"{}\" is not {}", text, other.type == Type::ip ? "an address" : "a time"),
                           other.type == Type::ip ? "write it as in \"10.0.0.7\" or \"2001:db8::1\""
                                                  : "write it as in \"2026-11-23T10:02:00Z\"");
    }
    return false;
}

Lowering::Result Lowering::comparison(BinaryOp op, Operand left, Operand right) {
    const Span span{left.span.source, left.span.begin, right.span.end};
    const bool equality = op == BinaryOp::equal || op == BinaryOp::not_equal;
    if (left.type == Type::null || right.type == Type::null) {
        if (!equality) {
            load_.report.error("E0314", span, "a comparison with null is never true", "`x = null` asks for null");
            return std::nullopt;
        }
        const plan::ExprId asked = left.type == Type::null ? right.id : left.id;
        return finish(Type::boolean, op == BinaryOp::equal ? plan::Op::is_null : plan::Op::is_not_null, {asked}, span);
    }
    if (!coerce(left, right) || !coerce(right, left)) {
        return std::nullopt;
    }
    if (!comparable(left.type, right.type)) {
        cannot_compare(left, right);
        return std::nullopt;
    }
    if (left.type == Type::boolean && !equality) {
        load_.report.error("E0302", span, "true and false have no order", "compare them with `=` or `!=`");
        return std::nullopt;
    }
    const bool turn = load_.builder.constant_value(left.id) != nullptr;
    const plan::Op lowered = turn ? mirrored(op_of(op)) : op_of(op);
    return finish(Type::boolean, lowered, turn ? std::vector{right.id, left.id} : std::vector{left.id, right.id}, span);
}

Lowering::Result Lowering::pattern_match(BinaryOp op, const Operand& left, const Operand& right) {
    const std::string_view word = op == BinaryOp::like ? "like" : "matches";
    const plan::Constant* constant = load_.builder.constant_value(right.id);
    if (constant == nullptr || right.type != Type::string) {
        load_.report.error("E0306", right.span, fmt::format("the right side of `{}` is a string in quotes", word));
        return std::nullopt;
    }
    if (left.type != Type::string) {
        load_.report.error("E0302", left.span,
                           fmt::format("`{}` looks at a string; {} is {}", word, quoted(load_, left.span), a_type(left.type)));
        return std::nullopt;
    }
    if (op == BinaryOp::like) {
        return load_.builder.apply(Type::boolean, plan::Op::like, {left.id, right.id});
    }
    const std::string& regex = std::get<std::string>(constant->value);
    if (const auto what = unsupported_in_regex(regex)) {
        load_.report.error("E0307", right.span, fmt::format("not supported in a regular expression: {}", *what),
                           "split the condition into several, with `and` and `not`");
        return std::nullopt;
    }
    return load_.builder.add({Type::boolean, plan::Matches{left.id, load_.builder.regex(regex)}});
}

std::optional<std::string> unsupported_in_regex(std::string_view regex) {
    bool in_class = false;
    for (std::size_t i = 0; i < regex.size(); ++i) {
        const std::string_view rest = regex.substr(i);
        if (regex[i] == '\\') {
            if (!in_class && rest.size() > 1 && ((rest[1] >= '1' && rest[1] <= '9') || rest[1] == 'k' || rest[1] == 'g')) {
                return "back-references";
            }
            ++i;
        } else if (in_class) {
            in_class = regex[i] != ']';
        } else if (regex[i] == '[') {
            in_class = true;
            i += rest.starts_with("[^]") ? 2U : rest.starts_with("[]") ? 1U : 0U;  // a bracket that stands for itself
        } else if (rest.starts_with("(?=") || rest.starts_with("(?!") || rest.starts_with("(?<=") || rest.starts_with("(?<!")) {
            return "look-around";
        } else if (rest.starts_with("(?P=")) {
            return "back-references";
        }
    }
    return std::nullopt;
}

}  // namespace tocsin::compiler
