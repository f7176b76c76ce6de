#include "nearest.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::matcher {

namespace {

constexpr std::size_t kNearest = 3;

}  // namespace

std::optional<std::size_t> distance(const PassedOver& event) {
    std::optional<std::size_t> least;
    for (const Misfit& misfit : event.misfits) {
        if (!misfit.other_stream) {
            least = std::min(least.value_or(misfit.failures.size()), misfit.failures.size());
        }
    }
    return least;
}

void keep_nearest(std::vector<PassedOver>& kept, PassedOver event, const std::optional<Position>& about) {
    kept.push_back(std::move(event));
    if (kept.size() > kNearest) {
        const auto nearer = [&](const PassedOver& a, const PassedOver& b) {
            return std::pair(a.event != about, distance(a)) < std::pair(b.event != about, distance(b));
        };
        kept.erase(std::max_element(kept.begin(), kept.end(), nearer));
    }
}

}  // namespace tocsin::matcher
