#pragma once

#include <string>
#include <string_view>

namespace tocsin::dsl {

/// For a number with letters behind it that is no duration: what is wrong, and what to write.
[[nodiscard]] std::string what_is_wrong_with(std::string_view number, std::string_view unit);
[[nodiscard]] std::string advice_on(std::string_view number, std::string_view unit);

}  // namespace tocsin::dsl
