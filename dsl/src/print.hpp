#pragma once

#include <string>
#include <string_view>

#include <tocsin/dsl/tree.hpp>

/// How the small things are written: names, literals, expressions, patterns, each on one line.
namespace tocsin::dsl {

/// In backticks where the grammar would not take it for a name.
[[nodiscard]] std::string print_name(std::string_view name);
[[nodiscard]] std::string print_path(const Path& path);
/// In double quotes; as r"…" where that spares backslashes.
[[nodiscard]] std::string print_string(std::string_view value);
[[nodiscard]] std::string print_event(const File& file, const EventRef& event);
[[nodiscard]] std::string print_window(const File& file, const Window& window);
[[nodiscard]] std::string_view print_arrow(Arrow arrow);

}  // namespace tocsin::dsl
