#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <tocsin/matcher/why.hpp>

namespace tocsin::matcher {

/// Judges every window of the key, and tells of those that `where` refused the nearest to firing; first those that have the
/// event asked about.
[[nodiscard]] Why explain_windows(ShardMemory& memory, plan::RuleId rule, std::string_view key,
                                  std::span<const SeenEvent> events, const std::optional<Position>& about);

}  // namespace tocsin::matcher
