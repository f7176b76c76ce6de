#pragma once

#include <cstddef>
#include <vector>

namespace tocsin::compiler {

/// Things that need each other, by index.
struct Dependencies {
    std::vector<std::size_t> order;  ///< each behind those that it needs, else as they were given
    std::vector<std::vector<std::size_t>> cycles;  ///< each needs the next one, the last one the first
};

/// `needs[i]`: what i needs. Linear; a thing in several cycles is in one of those given at least.
[[nodiscard]] Dependencies dependencies(const std::vector<std::vector<std::size_t>>& needs);

}  // namespace tocsin::compiler
