#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "support/test.hpp"

namespace tocsin::test {

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Compares `actual` with the file `tests/golden/<name>`. With TOCSIN_ACCEPT set (scripts/test --accept) the file is
/// written instead, so that a change of output is read as a diff.
inline void check_golden(const std::string& name, std::string_view actual) {
    const std::filesystem::path path = std::filesystem::path(TOCSIN_SOURCE_DIR) / "tests" / "golden" / name;
    if (std::getenv("TOCSIN_ACCEPT") != nullptr) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << actual;
    }
    INFO("golden file " << path.string());
    REQUIRE(std::filesystem::exists(path));
    CHECK(std::string(actual) == read_file(path));
}

}  // namespace tocsin::test
