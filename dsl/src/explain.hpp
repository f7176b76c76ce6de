#pragma once

#include <string_view>

#include <tocsin/base/diagnostic.hpp>

#include "keywords.hpp"
#include "token.hpp"

namespace tocsin::dsl {

/// What to tell when the grammar wanted `which` at `where`, in a clause that began at `begin`.
[[nodiscard]] Diagnostic explain_missing(Cursor begin, Cursor where, std::string_view which);

/// What to tell when everything at `where` was read that can be, and no clause or declaration begins there.
[[nodiscard]] Diagnostic explain_unexpected(Cursor begin, Cursor where, Place place);

}  // namespace tocsin::dsl
