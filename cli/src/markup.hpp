#pragma once

#include <string>
#include <string_view>

namespace tocsin::cli {

// Text from events as text and attribute values of XML and HTML: escaped, and without what XML does not know: control
// characters are made visible, and invalid UTF-8 becomes U+FFFD.

/// One line.
[[nodiscard]] std::string markup_text(std::string_view text);
/// Lines, each with its line end.
[[nodiscard]] std::string markup_lines(std::string_view text);

}  // namespace tocsin::cli
