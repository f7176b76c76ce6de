#pragma once

#include <span>
#include <string_view>

#include <tocsin/matcher/why.hpp>

namespace tocsin::matcher {

/// Judges every window of the key without its `where`, and tells of those that did not fire the nearest.
[[nodiscard]] Why explain_windows(ShardMemory& memory, plan::RuleId rule, std::string_view key, std::span<const SeenEvent> events);

}  // namespace tocsin::matcher
