#include "alert_text.hpp"

#include "guard.hpp"
#include "lexer.hpp"
#include "literal.hpp"
#include "readers.hpp"

namespace tocsin::dsl::grammar {

namespace {

class AlertReader {
public:
    AlertReader(Builder& builder, std::size_t begin, std::size_t end, bool raw)
        : builder_(builder), text_(builder.text().substr(0, end)), at_(begin), raw_(raw) {}

    std::vector<std::variant<std::string, ExprId>> run() {
        while (at_ < text_.size()) {
            const std::string_view rest = text_.substr(at_);
            if (rest.starts_with("{{") || rest.starts_with("}}")) {
                literal_ += rest.front();
                at_ += 2;
            } else if (rest.starts_with('{')) {
                expression();
            } else if (!raw_ && rest.starts_with('\\')) {
                escape();
            } else {
                literal_ += rest.front();
                ++at_;
            }
        }
        finish_literal();
        return std::move(pieces_);
    }

private:
    void finish_literal() {
        if (!literal_.empty()) {
            pieces_.emplace_back(raw_ ? literal_ : unescape(literal_).value);
            literal_.clear();
        }
    }

    /// Kept as written until the piece is complete: `\u{7b}` is no brace of an expression.
    void escape() {
        std::size_t end = std::min(at_ + 2, text_.size());
        if (text_.substr(at_).starts_with("\\u{")) {
            end = std::min(text_.find('}', at_), text_.size() - 1) + 1;
        }
        literal_ += text_.substr(at_, end - at_);
        at_ = end;
    }

    /// The `}` that ends the expression which begins at `at_`: not one inside a string.
    [[nodiscard]] std::size_t closing_brace() const {
        bool in_string = false;
        for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
            if (text_.substr(i).starts_with("\\\"")) {
                in_string = !in_string;
                ++i;
            } else if (!in_string && text_[i] == '}') {
                return i;
            }
        }
        return text_.size();
    }

    void expression() {
        finish_literal();
        Report& report = builder_.report();
        const std::size_t close = closing_brace();
        if (close == text_.size()) {
            fail("E0122", report.span(at_, at_ + 1), "this brace is not closed",
                 "an expression is written {user}, a string inside it \\\"…\\\"; for the brace itself write {{");
        }
        const Lexed lexed = lex(text_, at_ + 1, close, LexMode::embedded, report);
        Cursor first = lexed.tokens.data();
        const Cursor last = first + lexed.tokens.size() - 1;
        if (first == last) {
            fail("E0122", report.span(at_, close + 1), "there is nothing between these braces",
                 "an expression is written {user}; for the brace itself write {{");
        }
        ExprId id{};
        if (const auto problem = guarded(first, first, [&](Cursor& at) {
                const Cursor begin = at;
                if (!read_expr(at, last, builder_, id)) {
                    throw SyntaxError{explain_missing(begin, at, "an expression")};
                }
                if (at != last) {
                    throw SyntaxError{explain_unexpected(begin, at, Place::embedded)};
                }
            })) {
            report.add(*problem);  // and on with the text: its other expressions may be wrong too
        } else {
            pieces_.emplace_back(id);
        }
        at_ = close + 1;
    }

    Builder& builder_;
    std::string_view text_;
    std::size_t at_;
    bool raw_;
    std::string literal_;
    std::vector<std::variant<std::string, ExprId>> pieces_;
};

}  // namespace

bool read_alert_text(Cursor& first, Cursor last, Builder& builder, AlertText& out) {
    if (first == last || !(first->is(TokenKind::string) || first->is(TokenKind::raw_string))) {
        return false;
    }
    const Token& token = *first;
    const std::string_view content = between_quotes(token.text);
    const auto begin = static_cast<std::size_t>(content.data() - builder.text().data());
    out.raw = content;
    out.span = token.span;
    out.pieces = AlertReader(builder, begin, begin + content.size(), token.text.starts_with("r")).run();
    ++first;
    return true;
}

}  // namespace tocsin::dsl::grammar
