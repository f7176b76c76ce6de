// Every block of rules in docs/language.md is compiled, and its tests are run. The word behind ```tocsin says how:
//   streams   the declarations that the blocks behind it use
//   (none)    compiled with these; each rule has a test, all tests pass, nothing is found
//   whole     compiled alone
//   E0404     compiled with the declarations; the code is among the findings
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>

#include "support/golden.hpp"
#include "support/test.hpp"
#include "test_runner.hpp"

namespace tocsin::test {
namespace {

struct Block {
    std::size_t line{0};
    std::string kind;
    std::string text;
};

std::vector<Block> blocks_of(const std::string& document) {
    constexpr std::string_view kFence = "```tocsin";
    std::vector<Block> blocks;
    std::size_t line_number = 0;
    std::optional<Block> open;
    for (std::size_t begin = 0; begin < document.size();) {
        const std::size_t end = std::min(document.find('\n', begin), document.size());
        const std::string line = document.substr(begin, end - begin);
        begin = end + 1;
        ++line_number;
        if (open && line == "```") {
            blocks.push_back(*std::exchange(open, std::nullopt));
        } else if (open) {
            open->text += line + "\n";
        } else if (line.starts_with(kFence)) {
            open = Block{line_number, line.size() > kFence.size() ? line.substr(kFence.size() + 1) : "", ""};
        }
    }
    REQUIRE(!open);
    return blocks;
}

struct Compiled {
    SourceMap sources;
    std::vector<dsl::File> files;
    Diagnostics diagnostics;
    std::shared_ptr<const plan::Program> program;
};

void compile(Compiled& result, const std::string& text) {
    const SourceId source = result.sources.add("language.md", text);
    dsl::ParseResult parsed = dsl::parse(result.sources, source);
    result.diagnostics = parsed.diagnostics;
    result.files.push_back(std::move(parsed.file));
    if (!has_errors(result.diagnostics)) {
        compiler::CompileResult compiled = compiler::compile(result.sources, result.files);
        result.diagnostics = compiled.diagnostics;
        result.program = compiled.program;
    }
}

bool is_code(const std::string& kind) {
    return kind.size() == 5 && std::string_view("EWH").find(kind[0]) != std::string_view::npos;
}

/// Runs the tests of a block; every rule must have one.
void run_tests(const Compiled& compiled) {
    std::set<std::string> tested;
    for (const dsl::Declaration& declaration : compiled.files[0].declarations) {
        if (const auto* test = std::get_if<dsl::TestDecl>(&declaration)) {
            const cli::TestResult result = cli::run_test(*compiled.program, compiled.files[0], *test, compiled.sources, {});
            INFO(result.title << "\n" << result.detail);
            CHECK(result.passed);
            tested.insert(result.rule);
        }
    }
    for (const plan::RulePlan& rule : compiled.program->rules) {
        INFO("rule " << rule.name);
        CHECK(tested.count(rule.name) == 1);
    }
}

TEST_CASE("the examples of the language's reference do what it says") {
    const std::string document = read_file(std::filesystem::path(TOCSIN_SOURCE_DIR) / "docs" / "language.md");
    std::string streams;
    std::size_t run = 0;
    for (const Block& block : blocks_of(document)) {
        INFO("docs/language.md:" << block.line);
        if (block.kind == "streams") {
            streams = block.text;
            continue;
        }
        Compiled compiled;
        compile(compiled, block.kind == "whole" ? block.text : streams + block.text);
        INFO(render(compiled.diagnostics, compiled.sources));
        if (is_code(block.kind)) {
            std::set<std::string> codes;
            for (const Diagnostic& diagnostic : compiled.diagnostics) {
                codes.insert(diagnostic.code);
            }
            CHECK(codes.count(block.kind) == 1);
            continue;
        }
        REQUIRE((block.kind.empty() || block.kind == "whole"));
        REQUIRE(compiled.program);
        for (const Diagnostic& diagnostic : compiled.diagnostics) {
            CHECK(diagnostic.severity == Severity::hint);
        }
        run_tests(compiled);
        ++run;
    }
    CHECK(run > 30);
}

}  // namespace
}  // namespace tocsin::test
