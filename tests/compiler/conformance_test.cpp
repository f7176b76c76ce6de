#include <filesystem>
#include <iostream>

#include <simdjson.h>

#include "compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

TEST_CASE("every rule of the shared pattern cases compiles") {
    const std::filesystem::path path = std::filesystem::path(TOCSIN_SHARED_DIR) / "conformance" / "flink.json";
    if (!std::filesystem::exists(path)) {
        std::cout << "skipped: no " << path << "\n";
        return;
    }
    simdjson::dom::parser parser;
    std::size_t cases = 0;
    for (const simdjson::dom::element one : parser.load(path.string()).get_array()) {
        INFO(std::string_view(one["id"]));
        const Compiled result = compiled(std::string(std::string_view(one["rules"])));
        INFO(result.found);
        CHECK(result.program != nullptr);
        ++cases;
    }
    CHECK(cases > 0);
}

}  // namespace
}  // namespace tocsin::test
