#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/state/store.hpp>

#include "support/test.hpp"

namespace tocsin::test {

/// A store with chunks, as a service would have left it: each an input and its records.
inline void fill_store(const std::string& path, const std::vector<std::pair<std::string, std::string>>& chunks) {
    const auto store = state::open_store(path, state::Access::write);
    REQUIRE(store);
    state::Commit commit;
    for (const auto& [input, lines] : chunks) {
        const auto records = static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
        std::uint64_t& offset = commit.position.inputs[input];
        commit.chunks.push_back({commit.position.records + 1, input, offset + 1, records, lines});
        offset += records;
        commit.position.records += records;
    }
    REQUIRE((*store)->commit(commit));
}

}  // namespace tocsin::test
