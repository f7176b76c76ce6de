#pragma once

#include <tocsin/dsl/tree.hpp>

#include "builder.hpp"
#include "token.hpp"

namespace tocsin::dsl::grammar {

/// Reads a string token as an alert's text: pieces of text, and expressions in `{ }` whose spans point into the
/// string where they stand.
bool read_alert_text(Cursor& first, Cursor last, Builder& builder, AlertText& out);

}  // namespace tocsin::dsl::grammar
