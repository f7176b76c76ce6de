#pragma once

#include <cstddef>

#include <tocsin/base/diagnostic.hpp>

namespace tocsin::cli {

enum class Stream : int { input = 0, output = 1, error = 2 };

[[nodiscard]] bool is_terminal(Stream stream);

/// Columns of the terminal behind `stream`; 80 where it does not say.
[[nodiscard]] std::size_t terminal_width(Stream stream);

/// On for a terminal, unless NO_COLOR is set (to anything) or TERM is `dumb`.
[[nodiscard]] Colour colour_for(Stream stream);

}  // namespace tocsin::cli
