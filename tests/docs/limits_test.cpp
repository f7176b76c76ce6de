// docs/limits.md lists every bound of base/limits.hpp, with its default.
#include <filesystem>
#include <regex>
#include <string>

#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

std::string number_of(const std::string& initial) {
    if (initial == "16u << 20") {
        return "16,777,216";
    }
    return std::regex_replace(initial, std::regex("'"), ",");
}

TEST_CASE("every limit is documented with its default") {
    const std::filesystem::path root = TOCSIN_SOURCE_DIR;
    const std::string header = read_file(root / "base" / "include" / "tocsin" / "base" / "limits.hpp");
    const std::string page = read_file(root / "docs" / "limits.md");
    const std::regex field(R"(std::size_t ([a-z_]+)\{([^}]*)\};)");
    std::size_t fields = 0;
    for (std::sregex_iterator it(header.begin(), header.end(), field), end; it != end; ++it) {
        const std::string row = "| `" + (*it)[1].str() + "` | " + number_of((*it)[2]) + " |";
        INFO(row);
        CHECK(page.find(row) != std::string::npos);
        ++fields;
    }
    CHECK(fields > 5);
}

}  // namespace
}  // namespace tocsin::test
