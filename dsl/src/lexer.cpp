#include "lexer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>

#include "duration_advice.hpp"
#include "lexer_tables.hpp"
#include "literal.hpp"

namespace tocsin::dsl {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_word(char c) { return starts_word(c) || is_digit(c); }

bool beyond_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }

/// Does `text` at `at` look like `shape`, where 9 stands for a digit?
bool fits(std::string_view text, std::size_t at, std::string_view shape) {
    if (at + shape.size() > text.size()) {
        return false;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const char c = text[at + i];
        if (shape[i] == '9' ? !is_digit(c) : c != shape[i]) {
            return false;
        }
    }
    return true;
}

class Lexer {
public:
    Lexer(std::string_view text, std::size_t begin, std::size_t end, LexMode mode, Report& report)
        : text_(text.substr(0, end)), at_(begin), mode_(mode), report_(report) {}

    Lexed run() {
        while (skip_blank() && !report_.full()) {
            next();
        }
        push(TokenKind::end, text_.size());
        return std::move(lexed_);
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    [[nodiscard]] bool at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

    /// Does a token end right here? Then a dot continues it.
    [[nodiscard]] bool follows_token() const {
        return !lexed_.tokens.empty() && lexed_.tokens.back().span.end == at_ &&
               (lexed_.tokens.back().kind < TokenKind::open_paren || lexed_.tokens.back().is(TokenKind::dot));
    }

    void push(TokenKind kind, std::size_t end, std::string_view means = {}) {
        const Span span = report_.span(at_, end);
        const std::string_view text = means.empty() ? text_.substr(at_, end - at_) : means;
        lexed_.tokens.push_back({kind, first_on_line_, text, span});
        first_on_line_ = false;
        at_ = end;
    }

    bool skip_blank() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n') {
                first_on_line_ = true;
            } else if (c == '#' && mode_ == LexMode::file) {
                comment();
                continue;
            } else if (c != ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\v') {
                return true;
            }
            ++at_;
        }
        return false;
    }

    void comment() {
        std::size_t end = std::min(text_.find('\n', at_), text_.size());
        const std::size_t line_end = end;
        while (end > at_ && (text_[end - 1] == '\r' || text_[end - 1] == ' ' || text_[end - 1] == '\t')) {
            --end;
        }
        lexed_.comments.push_back({report_.span(at_, end), first_on_line_});
        at_ = line_end;
    }

    void next() {
        const char c = peek();
        if (c == '"' || at("r\"")) {
            string();
        } else if (mode_ == LexMode::embedded && at("\\\"")) {
            embedded_string();
        } else if (starts_word(c)) {
            word();
        } else if (is_digit(c) || (c == '.' && is_digit(peek(1)) && !follows_token())) {
            number();
        } else if (c == '`') {
            quoted_name();
        } else if (c == '\'' || at_typographic(at_)) {
            foreign_string();
        } else if (foreign() || punctuation()) {
            return;
        } else if (at(kNoBreakSpace)) {
            report_.error("E0110", report_.span(at_, at_ + 2), "this is a no-break space", "write an ordinary blank");
            at_ += 2;
        } else if (beyond_ascii(c)) {
            word();
        } else {
            unknown();
        }
    }

    /// Letters beyond ASCII are taken as a part of the word, so that the whole word is shown.
    void word() {
        std::size_t end = at_;
        bool plain = true;
        while (end < text_.size() && (continues_word(text_[end]) || beyond_ascii(text_[end]))) {
            if (beyond_ascii(text_[end])) {
                if (end > at_ && is_mark(text_.substr(end))) {
                    break;
                }
                plain = false;
            }
            ++end;
        }
        const Span span = report_.span(at_, end);
        if (!plain && !report_.has_error_in(span)) {
            report_.error("E0110", span, fmt::format("`{}` is not a bare name", text_.substr(at_, end - at_)),
                          "names have a-z, A-Z, 0-9 and _; any other is written in backticks");
        }
        push(TokenKind::word, end);
    }

    /// Beyond ASCII, but no letter.
    static bool is_mark(std::string_view rest) {
        const auto begins = [rest](std::string_view mark) { return rest.starts_with(mark); };
        return begins(kNoBreakSpace) || std::any_of(kTypographic.begin(), kTypographic.end(), begins) ||
               std::any_of(kForeign.begin(), kForeign.end(), [&](const Foreign& f) { return begins(f.text); });
    }

    [[nodiscard]] bool at_typographic(std::size_t i) const {
        const std::string_view rest = text_.substr(i);
        return std::any_of(kTypographic.begin(), kTypographic.end(),
                           [rest](std::string_view q) { return rest.starts_with(q); });
    }

    bool punctuation() {
        for (const Punctuation& p : kPunctuation) {
            if (at(p.text)) {
                push(p.kind, at_ + p.text.size());
                return true;
            }
        }
        return false;
    }

    bool foreign() {
        if (peek() == ';') {
            report_.error("E0110", report_.span(at_, at_ + 1), "`;` is not part of the language",
                          "nothing ends a clause or a declaration: leave it out");
            ++at_;
            return true;
        }
        for (const Foreign& f : kForeign) {
            if (at(f.text) && !at("!=")) {
                const std::size_t end = at_ + f.text.size();
                report_.error("E0111", report_.span(at_, end), fmt::format("there is no operator `{}`", f.text),
                              std::string(f.hint));
                push(f.kind, end, f.means);
                return true;
            }
        }
        return false;
    }

    /// The end of the line that `at_` is on; a string never goes beyond it.
    [[nodiscard]] std::size_t line_end() const {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        return end > at_ && text_[end - 1] == '\r' ? end - 1 : end;
    }

    void string() {
        const bool raw = peek() == 'r';
        const std::size_t open = at_ + (raw ? 2 : 1);
        const std::size_t stop = line_end();
        std::size_t i = open;
        while (i < stop && text_[i] != '"') {
            i += !raw && text_[i] == '\\' && i + 1 < stop ? 2U : 1U;
        }
        const TokenKind kind = raw ? TokenKind::raw_string : TokenKind::string;
        if (i >= stop) {
            report_.error("E0108", report_.span(at_, stop), "this string is not closed",
                          "a string ends with `\"` on the line it starts on; write a line end as \\n");
            push(kind, stop);
            return;
        }
        if (!raw) {
            check_escapes(open, i);
        }
        push(kind, i + 1);
    }

    void embedded_string() {
        const std::size_t open = at_ + 2;
        const std::size_t close = text_.find("\\\"", open);
        if (close == std::string_view::npos) {
            report_.error("E0108", report_.span(at_, text_.size()), "this string inside the text is not closed",
                          "inside the braces of an alert's text a string is written \\\"…\\\"");
            push(TokenKind::string, text_.size());
            return;
        }
        push(TokenKind::string, close + 2);
    }

    void check_escapes(std::size_t begin, std::size_t end) {
        if (const auto wrong = unescape(text_.substr(begin, end - begin)).wrong) {
            const Span span = report_.span(begin + wrong->begin, begin + wrong->end);
            report_.error("E0109", span, fmt::format("`{}` is no escape", text_.substr(span.begin, span.end - span.begin)),
                          "write \\\" \\\\ \\n \\t or \\u{41}; in r\"…\" a backslash is a backslash");
        }
    }

    void foreign_string() {
        const bool straight = peek() == '\'';
        const std::size_t open = at_ + (straight ? 1 : 3);
        const std::size_t stop = line_end();
        std::size_t close = open;
        std::size_t width = 0;
        while (close < stop && width == 0) {
            const std::string_view rest = text_.substr(close);
            if (straight) {
                width = rest.starts_with('\'') ? 1 : 0;
            } else if (at_typographic(close)) {
                width = 3;
            } else if (rest.starts_with('"')) {
                width = 1;
            }
            close += width == 0 ? 1 : 0;
        }
        report_.error("E0112", report_.span(at_, std::min(close + width, stop)), "strings have double quotes",
                      fmt::format("write \"{}\"", text_.substr(open, close - open)));
        push(TokenKind::raw_string, std::min(close + width, stop));
    }

    void quoted_name() {
        const std::size_t stop = line_end();
        const std::size_t close = text_.find('`', at_ + 1);
        if (close == std::string_view::npos || close >= stop) {
            report_.error("E0121", report_.span(at_, stop), "this name is not closed", "a quoted name ends with a backtick");
            push(TokenKind::quoted_name, stop);
            return;
        }
        if (close == at_ + 1) {
            report_.error("E0121", report_.span(at_, close + 1), "a name has at least one character");
        }
        push(TokenKind::quoted_name, close + 1);
    }

    void number() {
        for (const std::string_view shape : {"9999-99-99T99:99:99", "9999-99-99t99:99:99", "9999-99-99 99:99:99"}) {
            if (fits(text_, at_, shape)) {
                timestamp(at_ + shape.size());
                return;
            }
        }
        if (fits(text_, at_, "99:99:99")) {
            push(TokenKind::time_of_day, fraction_end(at_ + 8));
            return;
        }
        plain_number();
    }

    [[nodiscard]] std::size_t fraction_end(std::size_t i) const {
        if (i + 1 < text_.size() && text_[i] == '.' && is_digit(text_[i + 1])) {
            ++i;
            while (i < text_.size() && is_digit(text_[i])) {
                ++i;
            }
        }
        return i;
    }

    void timestamp(std::size_t i) {
        i = fraction_end(i);
        if (fits(text_, i, "+99:99") || fits(text_, i, "-99:99")) {
            i += 6;
        } else if (i < text_.size() && (text_[i] == 'Z' || text_[i] == 'z')) {
            ++i;
        }
        push(TokenKind::timestamp, i);
    }

    void plain_number() {
        std::size_t i = at_;
        const auto digits = [&] {
            while (i < text_.size() && is_digit(text_[i])) {
                ++i;
            }
        };
        digits();
        bool is_float = false;
        if (i < text_.size() && text_[i] == '.' && i + 1 < text_.size() && is_digit(text_[i + 1])) {
            is_float = true;
            ++i;
            digits();
        }
        if (i < text_.size() && (text_[i] == 'e' || text_[i] == 'E')) {
            const std::size_t sign = i + 1 < text_.size() && (text_[i + 1] == '+' || text_[i + 1] == '-') ? 2 : 1;
            if (i + sign < text_.size() && is_digit(text_[i + sign])) {
                is_float = true;
                i += sign;
                digits();
            }
        }
        std::size_t end = i;
        while (end < text_.size() && (continues_word(text_[end]))) {
            ++end;
        }
        if (end > i) {
            with_unit(i, end);
        } else if (peek() == '.') {
            report_.error("E0113", report_.span(at_, i), "a number starts with a digit",
                          fmt::format("write 0{}", text_.substr(at_, i - at_)));
            push(TokenKind::floating, i);
        } else {
            finish_number(is_float, i);
        }
    }

    void finish_number(bool is_float, std::size_t end) {
        const std::string_view digits = text_.substr(at_, end - at_);
        const bool in_range = is_float ? float_value(digits).has_value() : integer_magnitude(digits).has_value();
        if (!in_range) {
            report_.error(
                "E0113", report_.span(at_, end), "this number is out of range",
                is_float ? "floats go up to about 1.8e308" : "integers go from -9223372036854775808 to 9223372036854775807");
        }
        push(is_float ? TokenKind::floating : TokenKind::integer, end);
    }

    void with_unit(std::size_t unit_begin, std::size_t end) {
        const std::string_view number = text_.substr(at_, unit_begin - at_);
        const std::string_view unit = text_.substr(unit_begin, end - unit_begin);
        if (!parse_duration(text_.substr(at_, end - at_))) {
            report_.error("E0114", report_.span(at_, end), what_is_wrong_with(number, unit), advice_on(number, unit));
        }
        push(TokenKind::duration, end);
    }

    void unknown() {
        const char c = peek();
        const Span span = report_.span(at_, at_ + 1);
        if (c == '\0') {
            ++at_;  // reported with the encoding
            return;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            report_.error("E0110", span, "a control character cannot stand here");
            ++at_;
            return;
        }
        std::string hint;
        switch (c) {
            case '$':
            case '@': hint = "a field is written by its name alone"; break;
            case '&': hint = "use `and`"; break;
            case '|': hint = "use `or`"; break;
            case '\\': hint = "a line goes on without a mark"; break;
            default: break;
        }
        report_.error("E0110", span, fmt::format("`{}` is not part of the language", c), hint);
        push(TokenKind::junk, at_ + 1);
    }

    std::string_view text_;
    std::size_t at_;
    LexMode mode_;
    Report& report_;
    Lexed lexed_;
    bool first_on_line_{true};
};

}  // namespace

Lexed lex(std::string_view text, std::size_t begin, std::size_t end, LexMode mode, Report& report) {
    return Lexer(text, begin, end, mode, report).run();
}

}  // namespace tocsin::dsl
