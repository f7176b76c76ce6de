// A cursor over tokens, shared by the parsers of expressions and of declarations.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lexer.hpp"
#include "syntax.hpp"

namespace reference {

class TokenReader {
   public:
    explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
    Token next() {
        Token token = peek();
        if (at_ + 1 < tokens_.size()) {
            ++at_;
        }
        return token;
    }
    bool at_end() const { return peek().kind == Token::Kind::kEnd; }
    bool is(std::string_view text, std::size_t ahead = 0) const {
        const Token& token = peek(ahead);
        return (token.kind == Token::Kind::kSymbol || (token.kind == Token::Kind::kName && !token.quoted)) && token.text == text;
    }
    bool accept(std::string_view text) {
        if (!is(text)) {
            return false;
        }
        next();
        return true;
    }
    void expect(std::string_view text) {
        if (!accept(text)) {
            fail("expected " + std::string(text));
        }
    }
    std::string name() {
        if (peek().kind != Token::Kind::kName) {
            fail("expected a name");
        }
        return next().text;
    }
    std::string dotted() {
        std::string path = name();
        while (accept(".")) {
            path += "." + name();
        }
        return path;
    }
    std::string string() {
        if (peek().kind != Token::Kind::kString) {
            fail("expected a string");
        }
        return next().text;
    }
    std::int64_t duration() {
        if (peek().kind != Token::Kind::kDuration) {
            fail("expected a duration");
        }
        return std::get<Duration>(next().value).us;
    }
    std::int64_t integer() {
        if (peek().kind != Token::Kind::kInt) {
            fail("expected a whole number");
        }
        return std::get<std::int64_t>(next().value);
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error("line " + std::to_string(peek().line) + ": " + what + " at '" + peek().text + "'");
    }

   private:
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

ExprPtr parse_expression(TokenReader& in);
Value parse_literal(TokenReader& in);

}  // namespace reference
