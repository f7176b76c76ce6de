#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tocsin::test {

struct Difference {
    std::size_t missing{0};
    std::size_t extra{0};
};

/// How often lines of `expected` are not in `actual`, and the other way round.
[[nodiscard]] inline Difference compare(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
    std::map<std::string, long> counts;
    for (const std::string& line : expected) {
        ++counts[line];
    }
    for (const std::string& line : actual) {
        --counts[line];
    }
    Difference difference;
    for (const auto& [line, count] : counts) {
        difference.missing += static_cast<std::size_t>(count > 0 ? count : 0);
        difference.extra += static_cast<std::size_t>(count < 0 ? -count : 0);
    }
    return difference;
}

}  // namespace tocsin::test
