#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "token.hpp"

namespace tocsin::dsl {

/// Where a word stands. `embedded` is inside the braces of an alert's text.
enum class Place { file, stream, table, view, list, define, rule, test, embedded };

/// The words that begin a declaration or, inside one, a clause.
[[nodiscard]] std::span<const std::string_view> keywords_of(Place place);

[[nodiscard]] bool is_keyword(Place place, std::string_view word);

/// A name may be spelt like a keyword, so a word is one only by what stands behind it: `within 5m` begins a clause,
/// `within > 3` does not. Exact for correct text; also used to find where to go on after an error.
[[nodiscard]] bool begins_clause(Cursor at);
[[nodiscard]] bool begins_declaration(Cursor at);

}  // namespace tocsin::dsl
