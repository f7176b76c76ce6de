#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <tocsin/base/source.hpp>

namespace tocsin::dsl {

enum class TokenKind : std::uint8_t {
    end,  ///< behind the last token, once
    word,  ///< a keyword or a bare name
    quoted_name,  ///< `name`
    integer,
    floating,
    duration,
    string,
    raw_string,
    time_of_day,  ///< 10:00:00.250
    timestamp,  ///< RFC 3339
    open_paren,
    close_paren,
    open_bracket,
    close_bracket,
    open_brace,
    close_brace,
    comma,
    colon,
    dot,
    tilde,
    question,
    arrow,
    fat_arrow,
    wavy_arrow,  ///< -> => ~>
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    plus,
    minus,
    star,
    slash,
    percent,
    junk,  ///< a character without a meaning, already reported
};

/// A token points into the text; what it means (a string's content, a number) is read when a parser asks.
struct Token {
    TokenKind kind{TokenKind::end};
    bool first_on_line{false};
    /// An operator of another language, already reported: what it stands for here (`&&` is the word `and`).
    std::string_view text;
    Span span;

    [[nodiscard]] bool is(TokenKind wanted) const { return kind == wanted; }
    [[nodiscard]] bool is_word(std::string_view wanted) const { return kind == TokenKind::word && text == wanted; }
};

/// The grammar reads tokens, so that white space, comments and broken literals are settled before it starts.
/// Dereferencing the end gives the `end` token.
using Cursor = const Token*;

/// `and or not in like matches true false null until`.
[[nodiscard]] bool is_reserved(std::string_view word);

}  // namespace tocsin::dsl
