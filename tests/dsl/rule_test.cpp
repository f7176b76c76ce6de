#include "parsed.hpp"
#include "support/test.hpp"
#include "tree_text.hpp"

using namespace tocsin;
using test::Parsed;

namespace {

std::string tree(const std::string& text) {
    const Parsed parsed(text);
    return parsed.result.diagnostics.empty() ? test::tree_text(parsed.file()) : parsed.errors();
}

}  // namespace

TEST_CASE("streams, tables, views, lists and definitions") {
    CHECK(tree("stream S(a: int, b.c: string) time a ms slack 10s idle 5m where type = \"x\" from \"s.ndjson\"") ==
          "stream S\n  field a: int\n  field b.c: string\n  time a /1\n  slack 10000000us\n  idle 300000000us\n"
          "  where [type = \"x\"]\n  from s.ndjson\n");
    CHECK(tree("table T(id: int) key id") == "table T\n  field id: int\n  key id\n");
    CHECK(tree("view V = A join B on A.x = B.y view W = A left join B on x = B.y where z") ==
          "view V = A join B on A.x = B.y\nview W = A left join B on x = B.y where z\n");
    CHECK(tree("view V = left left join left on a = b") == "view V = left left join left on a = b\n");
    CHECK(tree("list L = (1, -2.5, \"x\", null, true, 5m) list M from \"m.txt\" define d = a + 1") ==
          "list L { 1 float:-0x1.4p+1 \"x\" null true 300000000us }\nlist M from m.txt\ndefine d := [a + 1]\n");
}

TEST_CASE("clauses come in any order, label, lookup and let more than once") {
    const std::string one = tree(
        "rule r \"t\" alert \"x\" return a = 1, b = c throttle 5m per k, l lateness 1h emit early overlap none where w "
        "let x = 1 let y = 2 within 5m by k = S.k = T.k, l when A lookup T as t on t.id = k lookup U as u on u.id = k "
        "mode shadow label a = 1 label b = \"x\" severity high");
    const std::string other = tree(
        "rule r \"t\" severity high label a = 1 label b = \"x\" mode shadow lookup T as t on t.id = k "
        "lookup U as u on u.id = k when A by k = S.k = T.k, l within 5m let x = 1 let y = 2 where w overlap none emit "
        "early lateness 1h throttle 5m per k, l return a = 1, b = c alert \"x\"");
    CHECK(one == other);
    CHECK(one ==
          "rule r \"t\"\n  severity 3\n  label a := 1\n  label b := \"x\"\n  mode 1\n  lookup T as t on t.id = k\n"
          "  lookup U as u on u.id = k\n  when <A>\n  by k = S: k = T: k\n  by l\n  within 300000000us\n  let x := 1\n"
          "  let y := 2\n  where w\n  overlap 2\n  emit 1\n  lateness 3600000000us\n  throttle 300000000us per k per l\n"
          "  return a := 1\n  return b := c\n  alert \"x\"\n");
}

TEST_CASE("every kind of window and of skip") {
    CHECK(tree("rule r window 5m on S[x]") == "rule r\n  window 0 300000000us\n    on S?x\n");
    CHECK(tree("rule r window 5m every 1m for 1h on S") ==
          "rule r\n  window 1 300000000us\n    every 60000000us\n    for 3600000000us\n    on S\n");
    CHECK(tree("rule r window 5m for 1h on S") == "rule r\n  window 0 300000000us\n    for 3600000000us\n    on S\n");
    CHECK(tree("rule r window sliding 5m on S") == "rule r\n  window 2 300000000us\n    on S\n");
    CHECK(tree("rule r window session 5m on S") == "rule r\n  window 3 300000000us\n    on S\n");
    CHECK(tree("rule r skip past last") == "rule r\n  skip 0\n");
    CHECK(tree("rule r skip to next") == "rule r\n  skip 1\n");
    CHECK(tree("rule r skip to first last") == "rule r\n  skip 2 last\n");
    CHECK(tree("rule r skip to last v") == "rule r\n  skip 3 v\n");
}

TEST_CASE("names may be spelt like keywords where no clause begins") {
    CHECK(tree("rule rule when stream: table[key = list] by time, by within 5m where window > view") ==
          "rule rule\n  when <stream: table?[key = list]>\n  by time\n  by by\n  within 300000000us\n"
          "  where [window > view]\n");
    CHECK(tree("rule let let let = let return return = return") == "rule let\n  let let := let\n  return return := return\n");
    CHECK(tree("stream stream(time: time, key: string) time time") ==
          "stream stream\n  field time: time\n  field key: string\n  time time\n");
    CHECK(tree("define define = rule rule r where define") == "define define := rule\nrule r\n  where define\n");
}

TEST_CASE("an alert's text is pieces and expressions, whose spans point into the string") {
    const Parsed parsed(R"(rule r alert "a {{b}} {count(f) + 1}\u{7b}{ x }\n{if(x, \"a}\\b\", r)}")");
    REQUIRE(parsed.errors().empty());
    CHECK(test::tree_text(parsed.file()) ==
          "rule r\n  alert \"a {b} \"{[count{ f } + 1]}\"{\"{x}\"\n\"{if{ x \"a}\\b\" r }}\n");
    const auto& pieces = parsed.declaration<dsl::RuleDecl>().alert.value().pieces;
    const auto id = std::get<dsl::ExprId>(pieces.at(1));
    CHECK(parsed.sources.slice(parsed.file()[id].span) == "count(f) + 1");
}

TEST_CASE("a raw alert's text takes expressions but no escapes") {
    CHECK(tree(R"(rule r alert r"a\n{b}")") == "rule r\n  alert \"a\\n\"{b}\n");
}

TEST_CASE("tests hold rows, heartbeats, idleness and expectations") {
    CHECK(tree("test \"t\" for r 00:00:01 A x=1 time=\"y\" expect=true at=-5m 1970-01-01T00:00:02.5Z B idle A "
               "watermark A 00:00:03 expect nothing expect alert x=1 at 00:00:04 expect retract expect correct a.b=null "
               "expect late") ==
          "test \"t\" for r\n  row 1000000 A x=1 time=\"y\" expect=true at=-300000000us\n  row 2500000 B\n  idle A\n"
          "  watermark A 3000000\n  expect 0\n  expect 1 x=1 at 4000000\n  expect 2\n  expect 3 a.b=null\n  expect 4\n");
}

TEST_CASE("white space never matters") {
    const std::string text =
        "stream S(a:int)time a rule r when a:S[a>1]+ ->b:S by a within 5m where b.a>1 test\"t\"for r 10:00:00 S a=1 expect "
        "alert";
    std::string spread;
    for (const char c : text) {
        spread += c;
        spread += c == ' ' || c == '(' || c == ',' || c == '[' || c == ']' ? "\r\n\t" : "";
    }
    CHECK(tree(text).starts_with("stream S"));
    CHECK(tree(text) == tree(spread));
}

TEST_CASE("comments are found, and told apart by where they stand") {
    const Parsed parsed("# one\ndefine a = \"#\" # two\r\n  # three");
    REQUIRE(parsed.file().comments.size() == 3);
    CHECK(parsed.file().comments[0].own_line);
    CHECK_FALSE(parsed.file().comments[1].own_line);
    CHECK(parsed.sources.slice(parsed.file().comments[1].span) == "# two");
    CHECK(parsed.file().comments[2].own_line);
}

TEST_CASE("an error leaves out its declaration and no other") {
    const Parsed parsed("define a = 1\ndefine b = 1 +\nrule c when A ->\n within 5m\ndefine d = 2\ndefine e = 'x'\n");
    CHECK(parsed.result.diagnostics.size() == 3);
    CHECK(test::tree_text(parsed.file()) == "define a := 1\ndefine d := 2\n");
}

TEST_CASE("a byte order mark at the start is taken") {
    CHECK(tree("\xEF\xBB\xBF"
               "define a = 1") == "define a := 1\n");
}
