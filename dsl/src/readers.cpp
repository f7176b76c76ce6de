#include "readers.hpp"

#include <cmath>
#include <limits>
#include <type_traits>

#include <tocsin/base/time.hpp>

#include "keywords.hpp"
#include "literal.hpp"

namespace tocsin::dsl::grammar {

namespace {

std::string_view without_backticks(std::string_view text) {
    text.remove_prefix(1);
    if (text.ends_with('`')) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_name(const Token& token) {
    return token.is(TokenKind::quoted_name) || (token.is(TokenKind::word) && !is_reserved(token.text));
}

std::string name_text(const Token& token) {
    return std::string(token.is(TokenKind::quoted_name) ? without_backticks(token.text) : token.text);
}

void read_number(const Token& token, bool negative, Span span, Builder& builder, ExprId& out) {
    if (token.is(TokenKind::floating)) {
        const double value = float_value(token.text).value_or(0);
        out = builder.add(span, Literal{negative ? -value : value});
        return;
    }
    // What is out of range was reported by the lexer; it stands for 0 from here on.
    const std::uint64_t magnitude = integer_magnitude(token.text).value_or(0);
    if (magnitude == kLowestMagnitude) {
        if (!negative) {
            out = builder.add_lowest_magnitude(span);
            return;
        }
        out = builder.add(span, Literal{std::numeric_limits<std::int64_t>::min()});
        return;
    }
    const auto value = static_cast<std::int64_t>(magnitude);
    out = builder.add(span, Literal{negative ? -value : value});
}

[[noreturn]] void refuse_field(const Token& token) {
    if (token.is(TokenKind::word)) {
        fail("E0120", token.span, in_backticks(token.text) + " is a reserved word",
             "write it in backticks to use it as a name");
    }
    fail("E0101", token.span, "expected a field after `.`");
}

/// Numbers and durations, which may have a sign.
bool read_amount(const Token& token, bool negative, Span span, Builder& builder, ExprId& out) {
    if (token.is(TokenKind::integer) || token.is(TokenKind::floating)) {
        read_number(token, negative, span, builder, out);
        return true;
    }
    if (token.is(TokenKind::duration)) {
        const Duration value = parse_duration(token.text).value_or(Duration{0});
        out = builder.add(span, Literal{negative ? -value : value});
        return true;
    }
    return false;
}

}  // namespace

bool read_name(Cursor& first, Cursor last, Builder&, Name& out) {
    if (first == last || !is_name(*first)) {
        return false;
    }
    out = {name_text(*first), first->span};
    ++first;
    return true;
}

bool read_path(Cursor& first, Cursor last, Builder&, Path& out) {
    if (first == last || !is_name(*first) || begins_clause(first) || begins_declaration(first)) {
        return false;
    }
    out.parts = {name_text(*first)};
    out.span = first->span;
    ++first;
    while (first != last && first->is(TokenKind::dot)) {
        ++first;
        if (first == last || !is_name(*first)) {
            refuse_field(*first);
        }
        out.parts.push_back(name_text(*first));
        out.span = join(out.span, first->span);
        ++first;
    }
    return true;
}

bool read_string(Cursor& first, Cursor last, Builder&, std::string& out) {
    if (first == last || !(first->is(TokenKind::string) || first->is(TokenKind::raw_string))) {
        return false;
    }
    out = string_value(first->text);
    ++first;
    return true;
}

bool read_duration(Cursor& first, Cursor last, Builder&, Duration& out) {
    if (first == last || !first->is(TokenKind::duration)) {
        return false;
    }
    out = parse_duration(first->text).value_or(Duration{0});
    ++first;
    return true;
}

bool read_operand_literal(Cursor& first, Cursor last, Builder& builder, ExprId& out) {
    if (first == last) {
        return false;
    }
    const Token& token = *first;
    std::string text;
    if (read_string(first, last, builder, text)) {
        out = builder.add(token.span, Literal{std::move(text)});
        return true;
    }
    if (token.is_word("true") || token.is_word("false")) {
        out = builder.add(token.span, Literal{token.text == "true"});
    } else if (token.is_word("null")) {
        out = builder.add(token.span, Literal{Null{}});
    } else if (!read_amount(token, false, token.span, builder, out)) {
        return false;
    }
    ++first;
    return true;
}

bool read_literal(Cursor& first, Cursor last, Builder& builder, ExprId& out) {
    if (first == last || !first->is(TokenKind::minus)) {
        if (!read_operand_literal(first, last, builder, out)) {
            return false;
        }
        if (builder.is_lowest_magnitude(out)) {
            fail("E0113", builder[out].span, "this number is out of range",
                 "integers go from -9223372036854775808 to 9223372036854775807");
        }
        return true;
    }
    const Cursor number = first + 1;
    if (number == last || !read_amount(*number, true, join(first->span, number->span), builder, out)) {
        return false;
    }
    first = number + 1;
    return true;
}

ExprId negated(Span minus, ExprId operand, Builder& builder) {
    const Span span = join(minus, builder[operand].span);
    auto* literal = std::get_if<Literal>(&builder[operand].node);
    if (builder.is_lowest_magnitude(operand)) {
        builder.settle_lowest_magnitude();
        builder[operand].span = span;
        return operand;
    }
    // Only what was written without a sign is folded, so that - -5 stays what it is.
    if (literal != nullptr && !builder[operand].parenthesised) {
        const auto folded = std::visit(
            [](auto& value) {
                using T = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
                    if (std::signbit(static_cast<double>(value))) {
                        return false;
                    }
                    value = -value;
                    return true;
                } else if constexpr (std::is_same_v<T, Duration>) {
                    if (value.count() < 0) {
                        return false;
                    }
                    value = -value;
                    return true;
                } else {
                    return false;
                }
            },
            literal->value);
        if (folded) {
            builder[operand].span = span;
            return operand;
        }
    }
    return builder.add(span, Unary{UnaryOp::negate, operand});
}

}  // namespace tocsin::dsl::grammar
