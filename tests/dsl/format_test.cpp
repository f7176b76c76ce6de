#include <tocsin/dsl/format.hpp>

#include <random>

#include "parsed.hpp"
#include "support/test.hpp"
#include "tree_text.hpp"

using namespace tocsin;
using test::Parsed;

namespace {

std::string formatted(const std::string& text) {
    const Parsed parsed(text);
    return parsed.result.diagnostics.empty() ? dsl::format(parsed.file(), parsed.sources) : parsed.errors();
}

std::string expression(const std::string& text) {
    const Parsed parsed("define x = " + text);
    return parsed.result.diagnostics.empty() ? dsl::format_expr(parsed.file(), parsed.declaration<dsl::DefineDecl>().expr)
                                             : parsed.errors();
}

}  // namespace

TEST_CASE("an expression has one blank around an operator and none inside brackets") {
    CHECK(expression("a+b*( c-1 )") == "a + b * (c - 1)");
    CHECK(expression("not  a  in( 1,2 )and x not in L") == "not a in (1, 2) and x not in L");
    CHECK(expression("first( b ) . price>distinct ~( b.ip , 2 )") == "first(b).price > distinct~(b.ip, 2)");
    CHECK(expression("- - x") == "- -x");
    CHECK(expression("--5") == "- -5");
}

TEST_CASE("literals are written in their shortest exact form") {
    CHECK(expression("120s") == "2m");
    CHECK(expression("-90m") == "-90m");
    CHECK(expression("1.50") == "1.5");
    CHECK(expression("2.0") == "2.0");
    CHECK(expression("1e300") == "1e+300");
    CHECK(expression("0.1") == "0.1");
    CHECK(expression("-9223372036854775808") == "-9223372036854775808");
}

TEST_CASE("a string is raw where that spares backslashes") {
    CHECK(expression(R"("a\\d+")") == R"(r"a\d+")");
    CHECK(expression(R"(r"a\d+")") == R"(r"a\d+")");
    CHECK(expression(R"("a\\\"b")") == R"("a\\\"b")");
    CHECK(expression(R"("tab\there\u{1}")") == R"("tab\there\u{1}")");
}

TEST_CASE("names that are none without backticks keep them") {
    CHECK(expression("`in`.`a b`.`ok`") == "`in`.`a b`.ok");
    CHECK(expression("`größe` + `5x`") == "`größe` + `5x`");
}

TEST_CASE("a pattern is written on one line") {
    const Parsed parsed("rule r when a:A[x=1]{3 , }strict  lazy until E in 60s->(B or C)?=>not D within 5m");
    REQUIRE(parsed.errors().empty());
    CHECK(dsl::format_pattern(parsed.file(), parsed.declaration<dsl::RuleDecl>().when->value) ==
          "a: A[x = 1]{3,} strict lazy until E in 1m -> (B or C)? => not D");
}

TEST_CASE("a pattern of more than a hundred columns breaks before its arrows") {
    const std::string step = "aaaaaaaaaaaaaaaaaaaa: Bbbbbbbbbbbbbbbbbbbbbbbbbbb";
    CHECK(formatted("rule r when " + step + " -> " + step + " => C") ==
          "rule r\n  when     " + step + "\n           -> " + step + "\n           => C\n");
}

TEST_CASE("a comment moves with the clause it belongs to") {
    CHECK(formatted("rule r # head\n  # about within\n  within 5m # five\n  when A # a\n  # end\n") ==
          "rule r  # head\n  when     A  # a\n  # about within\n  within   5m  # five\n  # end\n");
}

TEST_CASE("blank lines stay between one-line declarations, between rules there is always one") {
    CHECK(formatted("define a = 1\n\n\ndefine b = 2\ndefine c = 3 rule r when A rule s when B") ==
          "define a = 1\n\ndefine b = 2\ndefine c = 3\n\nrule r\n  when     A\n\nrule s\n  when     B\n");
}

TEST_CASE("an empty file stays empty, and one of comments keeps them") {
    CHECK(formatted("").empty());
    CHECK(formatted(" \r\n\t").empty());
    CHECK(formatted("# a\n\n\n# b") == "# a\n\n# b\n");
}

TEST_CASE("what the formatter writes reads back the same, whatever the white space and comments were") {
    const std::vector<std::string> words{"stream S(a: int, b.c: string)\n",
                                         "  time a ms\n",
                                         "  slack 10s ",
                                         "# note\n",
                                         "\n",
                                         "\n\n",
                                         " ",
                                         "\t",
                                         "\r\n",
                                         "table T(id: int) key id ",
                                         "view V = S left join T on S.a = T.id where x > 1\n",
                                         "list L = (1, 2) ",
                                         "list M from \"m\"\n",
                                         "define d = a + -b * (c - 1) in L\n",
                                         "rule r \"t\"\n",
                                         "  when a: A[x = 1]{2,} each -> (B and c: C)? ~> not D in 5s\n",
                                         "  within 300s\n",
                                         "by k = S.k, l ",
                                         "  let v = count(x)\n",
                                         "where not a.b = `in` ",
                                         "overlap none\n",
                                         "skip past last ",
                                         "emit early ",
                                         "lateness 1h\n",
                                         "throttle 60s per k\n",
                                         "return a = 1, b = first(c).d\n",
                                         "alert \"{a}: {{\"\n",
                                         "severity low ",
                                         "label x = -1\n",
                                         "mode off ",
                                         "lookup T as t on t.id = k\n",
                                         "window 5m every 60s on S[q]\n",
                                         "test \"t\" for r\n",
                                         "  10:00:00 S a=1 b=\"x\"\n",
                                         "idle S ",
                                         "watermark S 10:00:01\n",
                                         "expect alert k=1 at 10:00:02\n",
                                         "  # indented\n",
                                         "expect nothing\n"};
    const unsigned seed = Catch::rngSeed() != 0 ? Catch::rngSeed() : 20261123;
    std::mt19937 random(seed);
    std::size_t formatted_files = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        const std::size_t length = 1 + random() % 12;
        for (std::size_t i = 0; i < length; ++i) {
            text += words[random() % words.size()];
        }
        const Parsed parsed(text);
        if (!parsed.result.diagnostics.empty()) {
            continue;
        }
        ++formatted_files;
        const std::string once = dsl::format(parsed.file(), parsed.sources);
        const Parsed again(once);
        INFO("seed " << seed << "\n---- read\n" << text << "\n---- written\n" << once);
        REQUIRE(again.errors().empty());
        REQUIRE(test::tree_text(again.file()) == test::tree_text(parsed.file()));
        REQUIRE(again.file().comments.size() == parsed.file().comments.size());
        REQUIRE(dsl::format(again.file(), again.sources) == once);
    }
    CHECK(formatted_files > 1'000);
}
