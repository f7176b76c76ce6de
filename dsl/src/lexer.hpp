#pragma once

#include <string_view>
#include <vector>

#include <tocsin/dsl/tree.hpp>

#include "report.hpp"
#include "token.hpp"

namespace tocsin::dsl {

struct Lexed {
    std::vector<Token> tokens;  ///< ends with one `end` token
    std::vector<Comment> comments;
};

/// Where the text stands: a whole file, or an expression inside an alert's text, where a string is opened and
/// closed by `\"` and there are no comments.
enum class LexMode { file, embedded };

/// Cuts [begin, end) of `text` into tokens. Literals that are broken and characters of other languages are
/// reported here and replaced by what was meant, so that one slip gives one error.
[[nodiscard]] Lexed lex(std::string_view text, std::size_t begin, std::size_t end, LexMode mode, Report& report);

/// Reports bytes that are not UTF-8, and NUL.
void check_encoding(std::string_view text, Report& report);

}  // namespace tocsin::dsl
