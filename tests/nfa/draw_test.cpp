#include "nfa/automaton_of.hpp"

namespace tocsin::test {
namespace {

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

std::string dot_of(const std::string& pattern, const std::string& title = "r") {
    const Drawn drawn = automaton_of(pattern);
    return nfa::draw_dot(drawn.automaton, drawn.labels, title);
}

TEST_CASE("a picture quotes the title") {
    CHECK(has(dot_of("A", R"(say "hi" \ there)"), R"(digraph "say \"hi\" \\ there" {)"));
}

TEST_CASE("a picture quotes conditions") {
    Drawn drawn = automaton_of("A");
    drawn.labels.conditions.front() = R"(A[user = "ann\n"])";
    CHECK(has(nfa::draw_dot(drawn.automaton, drawn.labels, "r"), R"(label="A[user = \"ann\\n\"]")"));
}

TEST_CASE("a picture quotes step names and what edges demand") {
    Drawn drawn = automaton_of("A -> not B -> C");
    for (std::string& step : drawn.labels.steps) {
        step = "\"" + step + "\"";
    }
    for (std::string& condition : drawn.labels.conditions) {
        condition += "\"";
    }
    const std::string dot = nfa::draw_dot(drawn.automaton, drawn.labels, "r");
    CHECK(has(dot, R"(s1 [label="\"A\""])"));
    CHECK(has(dot, R"(unless B\" comes before")"));
}

TEST_CASE("a picture draws the three arrows apart") {
    CHECK(has(dot_of("A -> B"), "s1 -> s2 [style=solid"));
    CHECK(has(dot_of("A => B"), "s1 -> s2 [style=bold"));
    CHECK(has(dot_of("A ~> B"), "s1 -> s2 [style=dashed"));
}

TEST_CASE("a picture gives a double circle to what may accept, and to nothing else") {
    const std::string dot = dot_of("A -> B");
    CHECK(has(dot, "s2 [label=\"B\" shape=doublecircle]"));
    CHECK(has(dot, "s1 [label=\"A\"]"));
    CHECK(has(dot, "s0 [label=\"start\"]"));
}

TEST_CASE("the drawing as text names the state that each edge leads to") {
    const Drawn drawn = automaton_of("A -> b: B in 10s");
    CHECK(nfa::draw_text(drawn.automaton, drawn.labels) ==
          "state 0 (start)\n"
          "  -> 1  A: A\n"
          "state 1 (after A)\n"
          "  -> 2  b: B  within 10s of the last\n"
          "state 2 (after b)\n"
          "  end\n");
}

}  // namespace
}  // namespace tocsin::test
