#pragma once

#include <array>
#include <string_view>

#include "token.hpp"

/// The characters of the language, and those of others.
namespace tocsin::dsl {

struct Punctuation {
    std::string_view text;
    TokenKind kind;
};

/// Longest first.
inline constexpr std::array kPunctuation{
    Punctuation{"->", TokenKind::arrow},       Punctuation{"=>", TokenKind::fat_arrow},
    Punctuation{"~>", TokenKind::wavy_arrow},  Punctuation{"!=", TokenKind::not_equal},
    Punctuation{"<=", TokenKind::less_equal},  Punctuation{">=", TokenKind::greater_equal},
    Punctuation{"(", TokenKind::open_paren},   Punctuation{")", TokenKind::close_paren},
    Punctuation{"[", TokenKind::open_bracket}, Punctuation{"]", TokenKind::close_bracket},
    Punctuation{"{", TokenKind::open_brace},   Punctuation{"}", TokenKind::close_brace},
    Punctuation{",", TokenKind::comma},        Punctuation{":", TokenKind::colon},
    Punctuation{".", TokenKind::dot},          Punctuation{"~", TokenKind::tilde},
    Punctuation{"?", TokenKind::question},     Punctuation{"=", TokenKind::equal},
    Punctuation{"<", TokenKind::less},         Punctuation{">", TokenKind::greater},
    Punctuation{"+", TokenKind::plus},         Punctuation{"-", TokenKind::minus},
    Punctuation{"*", TokenKind::star},         Punctuation{"/", TokenKind::slash},
    Punctuation{"%", TokenKind::percent},
};

/// What people bring from SQL, C and word processors, and what it is here.
struct Foreign {
    std::string_view text;
    TokenKind kind;
    std::string_view means;
    std::string_view hint;
};
inline constexpr std::array kForeign{
    Foreign{"===", TokenKind::equal, "=", "use `=`"},
    Foreign{"==", TokenKind::equal, "=", "use `=`"},
    Foreign{"&&", TokenKind::word, "and", "use `and`"},
    Foreign{"||", TokenKind::word, "or", "use `or`"},
    Foreign{"<>", TokenKind::not_equal, "!=", "use `!=`"},
    Foreign{"=<", TokenKind::less_equal, "<=", "use `<=`"},
    Foreign{"=~", TokenKind::word, "matches", "use `matches` for a regular expression, `like` for `*` and `?`"},
    Foreign{":=", TokenKind::equal, "=", "use `=`"},
    Foreign{"!", TokenKind::word, "not", "use `not`"},
    Foreign{"\xE2\x86\x92", TokenKind::arrow, "->", "use `->`"},
    Foreign{"\xE2\x89\xA0", TokenKind::not_equal, "!=", "use `!=`"},
    Foreign{"\xE2\x89\xA4", TokenKind::less_equal, "<=", "use `<=`"},
    Foreign{"\xE2\x89\xA5", TokenKind::greater_equal, ">=", "use `>=`"},
};

inline constexpr std::array<std::string_view, 4> kTypographic{"\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x98", "\xE2\x80\x99"};
inline constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

}  // namespace tocsin::dsl
