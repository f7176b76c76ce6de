#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::alerts {

/// Text from events, made safe for a terminal: control characters (escape sequences above all) become `\n`, `\t` or
/// `\u{1b}`, invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

/// Columns that a terminal uses for `text`: two for East Asian wide characters and emoji, none for combining marks.
/// Requires: `text` is printable().
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Breaks at blanks into lines of at most `first` (the first line) and `rest` columns (at least one each); a word that is
/// longer than a line is broken where the line ends. At least one line. Requires: `text` is printable().
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t first, std::size_t rest);

}  // namespace tocsin::alerts
