#pragma once

#include <tocsin/matcher/why.hpp>

namespace tocsin::matcher {

/// Judges every window of the key, and tells of those that `where` refused the nearest to firing; first those that have the
/// event asked about.
[[nodiscard]] Why explain_windows(ShardMemory& memory, const WhyQuestion& question);

}  // namespace tocsin::matcher
