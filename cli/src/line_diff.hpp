#pragma once

#include <string>
#include <string_view>

namespace tocsin::cli {

/// How the lines of `before` become those of `after`: lines that go (`-`), that come (`+`), and up to three that stay around them,
/// under a head with both names. Empty where they are the same.
[[nodiscard]] std::string line_diff(std::string_view before_name, std::string_view before, std::string_view after_name,
                                    std::string_view after);

}  // namespace tocsin::cli
