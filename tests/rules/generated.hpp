#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <tocsin/streams/generate.hpp>

#include "support/replay.hpp"

namespace tocsin::test {

/// What the generator wrote.
struct Generated {
    std::string events;
    std::string truth;
    streams::GenerateReport report;
};
[[nodiscard]] Generated generate(const streams::GenerateSpec& spec);

/// An incident of a truth file, or an alert, as far as the truth tells it.
struct Incident {
    std::string rule;
    std::string key;  ///< as JSON
    std::string time;
    std::vector<std::uint64_t> offsets;  ///< in ascending order
    auto operator<=>(const Incident&) const = default;
};
[[nodiscard]] std::multiset<Incident> incidents_of_truth(const std::string& truth);
[[nodiscard]] std::multiset<Incident> incidents_of_alerts(const Replayed& replayed);

/// One line for each incident of `all` that `others` lacks; at most five of them.
[[nodiscard]] std::string missing(const std::multiset<Incident>& all, const std::multiset<Incident>& others);

}  // namespace tocsin::test
