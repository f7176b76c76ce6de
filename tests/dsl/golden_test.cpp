// The goldens of tests/golden/diagnostics and tests/golden/format: each NAME.tocsin and what comes of it, NAME.expect.
#include <tocsin/dsl/format.hpp>

#include "parsed.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"
#include "tree_text.hpp"

using namespace tocsin;

namespace {

struct Input {
    std::string name;
    std::string text;
};

std::vector<Input> inputs(const std::string& folder) {
    std::vector<Input> found;
    const std::filesystem::path root = std::filesystem::path(TOCSIN_SOURCE_DIR) / "tests" / "golden" / folder;
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
        if (entry.path().extension() == ".tocsin") {
            found.push_back({entry.path().stem().string(), test::read_file(entry.path())});
        }
    }
    std::sort(found.begin(), found.end(), [](const Input& a, const Input& b) { return a.name < b.name; });
    return found;
}

}  // namespace

TEST_CASE("every syntax error names its place, what was expected and what to do") {
    const std::vector<Input> all = inputs("diagnostics");
    REQUIRE_FALSE(all.empty());
    for (const Input& input : all) {
        SourceMap sources;
        const SourceId id = sources.add(input.name + ".tocsin", input.text);
        const dsl::ParseResult result = dsl::parse(sources, id);
        test::check_golden("diagnostics/" + input.name + ".expect", render(result.diagnostics, sources));
    }
}

TEST_CASE("rules have one canonical form") {
    const std::vector<Input> all = inputs("format");
    REQUIRE_FALSE(all.empty());
    for (const Input& input : all) {
        const test::Parsed parsed(input.text);
        INFO(input.name);
        REQUIRE(parsed.errors().empty());
        const std::string once = dsl::format(parsed.file(), parsed.sources);
        test::check_golden("format/" + input.name + ".expect", once);

        const test::Parsed again(once);
        REQUIRE(again.errors().empty());
        CHECK(test::tree_text(again.file()) == test::tree_text(parsed.file()));
        CHECK(again.file().comments.size() == parsed.file().comments.size());
        CHECK(dsl::format(again.file(), again.sources) == once);
    }
}
