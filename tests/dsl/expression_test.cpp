#include "parsed.hpp"
#include "support/test.hpp"
#include "tree_text.hpp"

using namespace tocsin;
using test::Parsed;

namespace {

/// The tree of one expression, or its errors.
std::string tree(const std::string& expression) {
    const Parsed parsed("define x = " + expression);
    if (!parsed.result.diagnostics.empty()) {
        return parsed.errors();
    }
    return test::tree_text(parsed.file(), parsed.declaration<dsl::DefineDecl>().expr);
}

std::string first_code(const std::string& expression) {
    const Parsed parsed("define x = " + expression);
    return parsed.result.diagnostics.empty() ? "" : parsed.result.diagnostics.front().code;
}

}  // namespace

TEST_CASE("precedence: or, and, not, comparison, sum, product, sign") {
    CHECK(tree("a or b and c") == "[a or [b and c]]");
    CHECK(tree("not a = b") == "[not [a = b]]");
    CHECK(tree("not a and b") == "[[not a] and b]");
    CHECK(tree("a + b * c < d - e / f") == "[[a + [b * c]] < [d - [e / f]]]");
    CHECK(tree("-a * b") == "[[- a] * b]");
    CHECK(tree("a - -b") == "[a - [- b]]");
    CHECK(tree("not not a") == "[not [not a]]");
}

TEST_CASE("operators of one level go from left to right") {
    CHECK(tree("a - b - c") == "[[a - b] - c]");
    CHECK(tree("a / b * c % d") == "[[[a / b] * c] % d]");
    CHECK(tree("a and b and c") == "[[a and b] and c]");
}

TEST_CASE("parentheses are kept") {
    CHECK(tree("(a + b) * c") == "[()[a + b] * c]");
    CHECK(tree("((a))") == "()a");
}

TEST_CASE("every comparison is known") {
    for (const std::string op : {"=", "!=", "<", "<=", ">", ">=", "like", "matches"}) {
        CHECK(tree("a " + op + " b") == "[a " + op + " b]");
    }
}

TEST_CASE("membership takes values, a list or one literal") {
    CHECK(tree("a in (1, 2)") == "[a in { 1 2 }]");
    CHECK(tree("a not in (b.c)") == "[a not in { b.c }]");
    CHECK(tree("a in LIST") == "[a in list LIST]");
    CHECK(tree("ip not in \"10.0.0.0/8\"") == "[ip not in \"10.0.0.0/8\"]");
    CHECK(tree("a + 1 in (2) and b") == "[[[a + 1] in { 2 }] and b]");
}

TEST_CASE("calls, members and approximate aggregates") {
    CHECK(tree("count()") == "count{ }");
    CHECK(tree("if(a, b, c)") == "if{ a b c }");
    CHECK(tree("first(b).price") == "first{ b }.price");
    CHECK(tree("first(b).a.b + 1") == "[first{ b }.a.b + 1]");
    CHECK(tree("distinct~(b.ip)") == "distinct~{ b.ip }");
    CHECK(tree("quantile ~ (x, 0.5)").starts_with("quantile~{ x float:"));
}

TEST_CASE("literals") {
    CHECK(tree("true") == "true");
    CHECK(tree("false") == "false");
    CHECK(tree("x = null") == "[x = null]");
    CHECK(tree("5m") == "300000000us");
    CHECK(tree("500ms") == "500000us");
    CHECK(tree("-2h") == "-7200000000us");
    CHECK(tree("1.5").starts_with("float:0x1.8"));
    CHECK(tree("1e3").starts_with("float:0x1.f4"));
}

TEST_CASE("integers are exact to both ends") {
    CHECK(tree("9223372036854775807") == "9223372036854775807");
    CHECK(tree("-9223372036854775808") == "-9223372036854775808");
    CHECK(tree("- 9223372036854775808") == "-9223372036854775808");
    CHECK(tree("5 - 9223372036854775807") == "[5 - 9223372036854775807]");
    CHECK(first_code("9223372036854775808") == "E0113");
    CHECK(first_code("5 - 9223372036854775808") == "E0113");
    CHECK(first_code("x in 9223372036854775808") == "E0113");
    CHECK(first_code("-9223372036854775809") == "E0113");
}

TEST_CASE("a sign belongs to its number") {
    CHECK(tree("-5") == "-5");
    CHECK(tree("- -5") == "[- -5]");
    CHECK(tree("-(5)") == "[- ()5]");
    CHECK(tree("a -5") == "[a - 5]");
}

TEST_CASE("strings take escapes, raw strings take none") {
    CHECK(tree(R"("a\"b\\c\n\t\u{e9}")") == "\"a\"b\\c\n\t\xC3\xA9\"");
    CHECK(tree(R"(r"\d+\.")") == "\"\\d+\\.\"");
    CHECK(tree(R"("")") == "\"\"");
    CHECK(tree(R"("# no comment")") == "\"# no comment\"");
    CHECK(first_code(R"("\u{110000}")") == "E0109");
    CHECK(first_code(R"("\u{d800}")") == "E0109");
}

TEST_CASE("keywords are names inside an expression, reserved words are not") {
    CHECK(tree("time + key.by + rule.window") == "[[time + key.by] + rule.window]");
    CHECK(tree("`in` + a.`not`") == "[in + a.not]");
    CHECK(first_code("a.in") == "E0120");
    CHECK(first_code("x in in") == "E0120");
}

TEST_CASE("white space, line ends and comments stand anywhere") {
    CHECK(tree("a\n+ # one\r\n\t b . c\n(\n)") != "");
    CHECK(tree("a +# one\nb . c") == "[a + b.c]");
    CHECK(tree("a+b") == tree("a\n +\n b"));
}

TEST_CASE("comparisons do not chain") {
    CHECK(first_code("a < b < c") == "E0124");
    CHECK(first_code("a = b != c") == "E0124");
    CHECK(tree("(a < b) = c") == "[()[a < b] = c]");
}

TEST_CASE("a span covers its expression, brackets included") {
    const Parsed parsed("define x = (a + b) * f(c) in (1, 2)");
    const dsl::File& file = parsed.file();
    const auto span = [&](dsl::ExprId id) { return std::string(parsed.sources.slice(file[id].span)); };
    const dsl::ExprId top = parsed.declaration<dsl::DefineDecl>().expr;
    CHECK(span(top) == "(a + b) * f(c) in (1, 2)");
    const auto& product = std::get<dsl::Binary>(file[std::get<dsl::In>(file[top].node).value].node);
    CHECK(span(product.left) == "(a + b)");
    CHECK(span(product.right) == "f(c)");
}
