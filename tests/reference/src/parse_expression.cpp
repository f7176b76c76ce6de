// Expressions, by recursive descent: or, and, not, comparisons, + -, * / %, unary -, calls and paths.
#include <algorithm>

#include "token_reader.hpp"

namespace reference {
namespace {

ExprPtr make(Expr::Kind kind, std::string text, std::vector<ExprPtr> args) {
    auto e = std::make_shared<Expr>();
    e->kind = kind;
    e->text = std::move(text);
    e->args = std::move(args);
    return e;
}

ExprPtr make_path(Expr::Kind kind, std::vector<std::string> path, std::vector<ExprPtr> args) {
    auto e = std::make_shared<Expr>();
    e->kind = kind;
    for (const std::string& part : path) {
        e->text += (e->text.empty() ? "" : ".") + part;
    }
    e->path = std::move(path);
    e->args = std::move(args);
    return e;
}

std::vector<std::string> more_path(TokenReader& in) {
    std::vector<std::string> path;
    while (in.is(".") && in.peek(1).kind == Token::Kind::kName) {
        in.next();
        path.push_back(in.name());
    }
    return path;
}

ExprPtr primary(TokenReader& in) {
    if (in.accept("(")) {
        ExprPtr e = parse_expression(in);
        in.expect(")");
        return e;
    }
    const Token& token = in.peek();
    if (token.kind != Token::Kind::kName || in.is("true") || in.is("false") || in.is("null")) {
        auto e = std::make_shared<Expr>();
        e->value = parse_literal(in);
        return e;
    }
    std::string name = in.name();
    if (in.is("~")) {  // distinct~, quantile~: here as exact as the others
        in.next();
    }
    if (in.accept("(")) {
        std::vector<ExprPtr> args;
        while (!in.is(")")) {
            args.push_back(parse_expression(in));
            if (!in.accept(",")) {
                break;
            }
        }
        in.expect(")");
        ExprPtr call = make(Expr::Kind::kCall, std::move(name), std::move(args));
        std::vector<std::string> path = more_path(in);
        return path.empty() ? call : make_path(Expr::Kind::kMember, std::move(path), {call});
    }
    std::vector<std::string> path{std::move(name)};
    const std::vector<std::string> more = more_path(in);
    path.insert(path.end(), more.begin(), more.end());
    return make_path(Expr::Kind::kPath, std::move(path), {});
}

ExprPtr unary(TokenReader& in) {
    if (in.accept("-")) {
        return make(Expr::Kind::kNegate, "-", {unary(in)});
    }
    return primary(in);
}

ExprPtr product(TokenReader& in) {
    ExprPtr left = unary(in);
    while (in.is("*") || in.is("/") || in.is("%")) {
        std::string op = in.next().text;
        left = make(Expr::Kind::kBinary, std::move(op), {left, unary(in)});
    }
    return left;
}

ExprPtr sum(TokenReader& in) {
    ExprPtr left = product(in);
    while (in.is("+") || in.is("-")) {
        std::string op = in.next().text;
        left = make(Expr::Kind::kBinary, std::move(op), {left, product(in)});
    }
    return left;
}

ExprPtr membership(TokenReader& in, ExprPtr left, Expr::Kind kind) {
    std::vector<ExprPtr> args{std::move(left)};
    if (in.accept("(")) {
        do {
            args.push_back(parse_expression(in));
        } while (in.accept(","));
        in.expect(")");
    } else {
        args.push_back(primary(in));
    }
    return make(kind, "in", std::move(args));
}

ExprPtr comparison(TokenReader& in) {
    ExprPtr left = sum(in);
    for (const char* op : {"=", "!=", "<=", ">=", "<", ">", "like", "matches"}) {
        if (in.accept(op)) {
            return make(Expr::Kind::kBinary, op, {left, sum(in)});
        }
    }
    if (in.is("not") && (in.is("in", 1) || in.is("like", 1) || in.is("matches", 1))) {
        in.next();
        const std::string op = in.next().text;
        if (op == "in") {
            return membership(in, left, Expr::Kind::kNotIn);
        }
        return make(Expr::Kind::kNot, "not", {make(Expr::Kind::kBinary, op, {left, sum(in)})});
    }
    if (in.accept("in")) {
        return membership(in, left, Expr::Kind::kIn);
    }
    return left;
}

ExprPtr negation(TokenReader& in) {
    if (in.accept("not")) {
        return make(Expr::Kind::kNot, "not", {negation(in)});
    }
    return comparison(in);
}

ExprPtr conjunction(TokenReader& in) {
    ExprPtr left = negation(in);
    while (in.accept("and")) {
        left = make(Expr::Kind::kBinary, "and", {left, negation(in)});
    }
    return left;
}

}  // namespace

ExprPtr parse_expression(TokenReader& in) {
    ExprPtr left = conjunction(in);
    while (in.accept("or")) {
        left = make(Expr::Kind::kBinary, "or", {left, conjunction(in)});
    }
    return left;
}

Value parse_literal(TokenReader& in) {
    if (in.accept("true")) {
        return true;
    }
    if (in.accept("false")) {
        return false;
    }
    if (in.accept("null")) {
        return {};
    }
    if (in.accept("-")) {
        const Value v = parse_literal(in);
        if (const auto* i = std::get_if<std::int64_t>(&v)) {
            return -*i;
        }
        if (const auto* d = std::get_if<double>(&v)) {
            return -*d;
        }
        in.fail("expected a number");
    }
    const Token token = in.next();
    if (token.kind == Token::Kind::kString) {
        return token.text;
    }
    if (token.kind == Token::Kind::kInt || token.kind == Token::Kind::kFloat || token.kind == Token::Kind::kDuration) {
        return token.value;
    }
    in.fail("expected a value");
}

}  // namespace reference
