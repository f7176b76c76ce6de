// Whatever the size and the nesting, the parser ends with an answer: no stack overflow, no endless list of errors.
#include <tocsin/dsl/format.hpp>

#include "parsed.hpp"
#include "support/test.hpp"
#include "tree_text.hpp"

using namespace tocsin;
using test::Parsed;

namespace {

constexpr std::size_t kMany = 100'000;

std::string times(std::size_t count, std::string_view text) {
    std::string out;
    out.reserve(count * text.size());
    for (std::size_t i = 0; i < count; ++i) {
        out += text;
    }
    return out;
}

std::string first_code(const std::string& text, const Limits& limits = {}) {
    const Parsed parsed(text, limits);
    return parsed.result.diagnostics.empty() ? "" : parsed.result.diagnostics.front().code;
}

void check_formats(const std::string& text) {
    const Parsed parsed(text);
    REQUIRE(parsed.errors().empty());
    const Parsed again(dsl::format(parsed.file(), parsed.sources));
    REQUIRE(again.errors().empty());
    CHECK(dsl::format(again.file(), again.sources) == dsl::format(parsed.file(), parsed.sources));
}

}  // namespace

TEST_CASE("brackets nest up to the limit and not one deeper") {
    Limits limits;
    limits.nesting = 20;
    // The expression itself is the first level.
    CHECK(first_code("define a = " + times(19, "(") + "1" + times(19, ")"), limits).empty());
    CHECK(first_code("define a = " + times(20, "(") + "1" + times(20, ")"), limits) == "E0106");
    CHECK(first_code("rule r when " + times(19, "(") + "A" + times(19, ")"), limits).empty());
    CHECK(first_code("rule r when " + times(20, "(") + "A" + times(20, ")"), limits) == "E0106");
}

TEST_CASE("a hundred thousand brackets are an error") {
    CHECK(first_code("define a = " + times(kMany, "(")) == "E0106");
    CHECK(first_code("define a = " + times(kMany, "f(")) == "E0106");
    CHECK(first_code("define a = " + times(kMany, "x in (")) == "E0106");
    CHECK(first_code("rule r when " + times(kMany, "(")) == "E0106");
    CHECK(first_code("rule r when A[" + times(kMany, "(")) == "E0106");
    CHECK_FALSE(first_code(times(kMany, ")")).empty());
}

TEST_CASE("a chain of operators has a bound") {
    Limits limits;
    limits.expression_depth = 50;
    CHECK(first_code("define a = x" + times(49, " + x"), limits).empty());
    CHECK(first_code("define a = x" + times(50, " + x"), limits) == "E0107");
    CHECK(first_code("define a = " + times(49, "not ") + "x", limits).empty());
    CHECK(first_code("define a = " + times(50, "not ") + "x", limits) == "E0107");
}

TEST_CASE("a hundred thousand operators are an error") {
    CHECK(first_code("define a = x" + times(kMany, " + x")) == "E0107");
    CHECK(first_code("define a = x" + times(kMany, " or x")) == "E0107");
    CHECK(first_code("define a = " + times(kMany, "not ") + "x") == "E0107");
    CHECK(first_code("define a = " + times(kMany, "- ") + "x") == "E0107");
}

TEST_CASE("long flat things are read and written") {
    check_formats("rule r when A" + times(20'000, " -> A"));
    check_formats("rule r when A" + times(20'000, " and A"));
    check_formats("define a = x in (" + times(20'000, "1, ") + "2)");
    check_formats("list l = (" + times(20'000, "1, ") + "2)");
    check_formats("rule r alert \"" + times(20'000, "{a} ") + "\"");
    check_formats(times(5'000, "rule r when A by k within 5m # why\n"));
    check_formats("stream s(" + times(20'000, "a: int, ") + "b: int)");
}

TEST_CASE("keywords in a row cost no stack") {
    for (const std::string word : {"by ", "when ", "rule ", "where ", "let ", "define ", "rule r by ", "test ", "view v = "}) {
        CAPTURE(word);
        CHECK_FALSE(Parsed("rule r " + times(kMany, word) + "1").result.diagnostics.empty());
    }
}

TEST_CASE("the list of errors ends") {
    const Parsed parsed(times(10'000, "define a = ;\n"));
    CHECK(parsed.result.diagnostics.size() <= 101);
    CHECK(std::any_of(parsed.result.diagnostics.begin(), parsed.result.diagnostics.end(),
                      [](const Diagnostic& d) { return d.code == "E0100"; }));
}

TEST_CASE("a file has a size") {
    Limits limits;
    limits.rule_file_bytes = 100;
    const std::string text = "define a = 1";
    CHECK(first_code(text + times(88, " "), limits).empty());
    CHECK(first_code(text + times(89, " "), limits) == "E0115");
}

TEST_CASE("an error inside brackets does not use up the nesting of what follows") {
    Limits limits;
    limits.nesting = 5;
    const Parsed parsed(times(20, "define a = ((1 + ))\n") + "define b = ((1))", limits);
    CHECK(parsed.result.diagnostics.size() == 20);
    CHECK(test::tree_text(parsed.file()) == "define b := ()1\n");
}
