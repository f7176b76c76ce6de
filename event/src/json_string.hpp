#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin::event {

/// Length of the escape at `backslash`, 0 if JSON does not know it.
[[nodiscard]] std::size_t escape_length(const char* backslash, const char* end);

/// Writes a string without its escapes to `out`, which must have room for raw.size() bytes; how many it wrote.
/// A lone surrogate becomes U+FFFD. Requires: each escape is valid.
[[nodiscard]] std::size_t unescape(std::string_view raw, char* out);

}  // namespace tocsin::event
