#pragma once

#include <functional>
#include <optional>

#include <tocsin/base/diagnostic.hpp>

#include "explain.hpp"
#include "token.hpp"

namespace tocsin::dsl::grammar {

/// Runs a parser at `first`, and gives what was wrong, in words, if something was; then `first` is at the token that did not
/// fit. `begin` is where the clause began. The only place where Spirit's exceptions are caught.
[[nodiscard]] std::optional<Diagnostic> guarded(Cursor begin, Cursor& first, const std::function<void(Cursor&)>& parser);

}  // namespace tocsin::dsl::grammar
