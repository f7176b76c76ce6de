#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>

namespace tocsin::cli {

/// Sets one bound from `NAME=NUMBER`; an unknown name is answered with the nearest known one.
[[nodiscard]] Result<void> set_limit(Limits& limits, std::string_view assignment);

/// The defaults with each of `assignments` applied.
[[nodiscard]] Result<Limits> make_limits(const std::vector<std::string>& assignments);

/// The names that set_limit knows, in the order of Limits.
[[nodiscard]] std::vector<std::string_view> limit_names();

}  // namespace tocsin::cli
