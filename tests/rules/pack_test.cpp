// Every pack that ships: its files are canonical and without findings, its tests pass, and each rule has enough of them.
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <variant>

#include <tocsin/dsl/format.hpp>

#include "rules.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"
#include "test_runner.hpp"

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;

constexpr std::array kPacks{"fraud", "monitoring", "security"};

fs::path packs() { return fs::path(TOCSIN_SOURCE_DIR) / "rules"; }

cli::Rules load(const fs::path& path) {
    auto rules = cli::load_rules({path.string()}, {});
    REQUIRE(rules);
    INFO(render(rules->diagnostics, rules->sources));
    REQUIRE(rules->program);
    CHECK(rules->diagnostics.empty());
    return std::move(*rules);
}

template <class Call>
void each_test(const cli::Rules& rules, Call call) {
    for (const dsl::File& file : rules.files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            if (const auto* test = std::get_if<dsl::TestDecl>(&declaration)) {
                call(file, *test);
            }
        }
    }
}

TEST_CASE("the tests in the packs' files pass, with all packs loaded at once") {
    const cli::Rules rules = load(packs());
    each_test(rules, [&rules](const dsl::File& file, const dsl::TestDecl& test) {
        const cli::TestResult result = cli::run_test(*rules.program, file, test, rules.sources, {});
        INFO(result.rule << ": " << result.title << "\n" << result.detail);
        CHECK(result.passed);
    });
}

TEST_CASE("each pack stands alone, with five rules or more") {
    for (const char* pack : kPacks) {
        INFO(pack);
        CHECK(load(packs() / pack).program->rules.size() >= 5);
    }
}

TEST_CASE("each rule of a pack has a test in which it speaks, and one in which it must not") {
    struct Tests {
        int speaking{0};
        int silent{0};
    };
    const cli::Rules rules = load(packs());
    std::map<std::string, Tests> tests;
    each_test(rules, [&tests](const dsl::File&, const dsl::TestDecl& test) {
        bool speaks = false;
        for (const auto& line : test.lines) {
            const auto* expect = std::get_if<dsl::TestExpect>(&line);
            speaks = speaks || (expect != nullptr && expect->kind == dsl::TestExpect::Kind::alert);
        }
        ++(speaks ? tests[test.rule.text].speaking : tests[test.rule.text].silent);
    });
    for (const plan::RulePlan& rule : rules.program->rules) {
        INFO(rule.name);
        CHECK(tests[rule.name].speaking > 0);
        CHECK(tests[rule.name].silent > 0);
    }
}

TEST_CASE("each rule of a pack has a title, a label, a text, and stands in the pack's README") {
    for (const char* pack : kPacks) {
        const std::string readme = read_file(packs() / pack / "README.md");
        const cli::Rules rules = load(packs() / pack);
        for (const plan::RulePlan& rule : rules.program->rules) {
            INFO(rule.name);
            CHECK(!rule.title.empty());
            CHECK(!rule.labels.empty());
            CHECK(!rule.text.empty());
            CHECK(!rule.returns.empty());
            CHECK_THAT(readme, Catch::Contains("| `" + rule.name + "` |"));
        }
    }
}

TEST_CASE("the packs' files are in the canonical form") {
    const cli::Rules rules = load(packs());
    for (const dsl::File& file : rules.files) {
        INFO(rules.sources.name(file.source));
        CHECK(dsl::format(file, rules.sources) == rules.sources.text(file.source));
    }
}

}  // namespace
}  // namespace tocsin::test
