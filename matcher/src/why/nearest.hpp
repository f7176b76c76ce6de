#pragma once

#include <optional>
#include <vector>

#include <tocsin/matcher/why.hpp>

namespace tocsin::matcher {

/// How far from fitting: parts that were not true at the step that came nearest; of other streams alone: nothing.
[[nodiscard]] std::optional<std::size_t> distance(const PassedOver& event);

/// Adds the event, and keeps the nearest three, of equally near ones the latest, and the one asked about; in the order in
/// which they came.
void keep_nearest(std::vector<PassedOver>& kept, PassedOver event, const std::optional<Position>& about);

}  // namespace tocsin::matcher
