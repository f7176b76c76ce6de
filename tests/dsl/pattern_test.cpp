#include "parsed.hpp"
#include "support/test.hpp"
#include "tree_text.hpp"

using namespace tocsin;
using test::Parsed;

namespace {

std::string tree(const std::string& pattern) {
    const Parsed parsed("rule r when " + pattern + " within 5m");
    if (!parsed.result.diagnostics.empty()) {
        return parsed.errors();
    }
    return test::tree_text(parsed.file(), parsed.declaration<dsl::RuleDecl>().when.value().value);
}

std::string first_code(const std::string& pattern) {
    const Parsed parsed("rule r when " + pattern + " within 5m");
    return parsed.result.diagnostics.empty() ? "" : parsed.result.diagnostics.front().code;
}

}  // namespace

TEST_CASE("a lone step stands for itself") {
    CHECK(tree("A") == "<A>");
    CHECK(tree("a: A[x = 1]") == "<a: A?[x = 1]>");
}

TEST_CASE("every arrow is known, and a chain is flat") {
    CHECK(tree("A -> b: B => C ~> D") == "[<A> -> <b: B> => <C> ~> <D>]");
}

TEST_CASE("quantifiers and their words") {
    CHECK(tree("A+") == "<A x1../0->>");
    CHECK(tree("A*") == "<A x0../1->>");
    CHECK(tree("A?") == "<A x0..1/2->>");
    CHECK(tree("A{3}") == "<A x3..3/3->>");
    CHECK(tree("A{3,}") == "<A x3../4->>");
    CHECK(tree("A{0,4}") == "<A x0..4/5->>");
    CHECK(tree("A+ strict lazy") == "<A x1../0=> lazy>");
    CHECK(tree("A+ each any") == "<A x1../0~> each>");
    CHECK(tree("A[x]{2,3} any") == "<A?x x2..3/5~>>");
}

TEST_CASE("until and in stand behind the quantifier") {
    CHECK(tree("A+ until E[q] in 5s -> B in 1m") == "[<A x1../0-> until E?q in 5000000us> -> <B in 60000000us>]");
}

TEST_CASE("not stands between arrows and at the ends") {
    CHECK(tree("not X -> A -> not Y[z] in 3s -> B => not Z") == "[<not X> -> <A> -> <not Y?z in 3000000us> -> <B> => <not Z>]");
}

TEST_CASE("and, or and groups") {
    CHECK(tree("a: A and b: B and c: C") == "{and <a: A> <b: B> <c: C>}");
    CHECK(tree("A -> B or C -> D") == "[<A> -> {or <B> <C>} -> <D>]");
    CHECK(tree("(A and B) or C") == "{or ({and <A> <B>}) <C>}");
    CHECK(tree("(A -> B){2} lazy until C in 1s -> D") == "[([<A> -> <B>]) x2..2/3-> lazy until C in 1000000us -> <D>]");
    CHECK(first_code("A and B or C") == "E0117");
    CHECK(first_code("A or B and C") == "E0117");
    CHECK(first_code("A or not B") == "E0118");
}

TEST_CASE("quantifiers that say nothing or two things are refused") {
    CHECK(first_code("A{0}") == "E0119");
    CHECK(first_code("A{3,2}") == "E0119");
    CHECK(first_code("A{0,0}") == "E0119");
    CHECK(first_code("A{4294967296}") == "E0119");
    CHECK(first_code("A+ lazy each") == "E0119");
    CHECK(first_code("A+ strict strict") == "E0119");
    CHECK(tree("A{4294967295}") == "<A x4294967295..4294967295/3->>");
}

TEST_CASE("steps and streams may be named like keywords") {
    CHECK(tree("when: A -> by: within[time > 3] -> rule") == "[<when: A> -> <by: within?[time > 3]> -> <rule>]");
    CHECK(tree("`not`: `in`") == "<not: in>");
}

TEST_CASE("an arrow too many does not swallow the next clause") {
    const Parsed parsed("rule r when A ->\n within 5m by user where x");
    REQUIRE(parsed.result.diagnostics.size() == 1);
    CHECK(parsed.result.diagnostics[0].message == "expected a stream name, `(` or `not` after `->`");
}

TEST_CASE("a pattern's nodes know their spans") {
    const Parsed parsed("rule r when a: A[x]{2} -> (B or C)+ -> not D in 5s within 5m");
    const dsl::File& file = parsed.file();
    const auto span = [&](dsl::PatternId id) { return std::string(parsed.sources.slice(file[id].span)); };
    const dsl::PatternId top = parsed.declaration<dsl::RuleDecl>().when->value;
    CHECK(span(top) == "a: A[x]{2} -> (B or C)+ -> not D in 5s");
    const auto& parts = std::get<dsl::Sequence>(file[top].node).parts;
    REQUIRE(parts.size() == 3);
    CHECK(span(parts[0].item) == "a: A[x]{2}");
    CHECK(span(parts[1].item) == "(B or C)+");
    CHECK(span(std::get<dsl::Group>(file[parts[1].item].node).body) == "B or C");
    CHECK(span(parts[2].item) == "not D in 5s");
    CHECK(parsed.sources.slice(parts[1].arrow_span) == "->");
}
