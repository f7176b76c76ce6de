// Turns that may be given up, and the choices of `each`.

#include <bit>

#include "nfa/automaton_of.hpp"

namespace tocsin::test {
namespace {

using nfa::Automaton;
using nfa::Edge;
using nfa::EdgeMask;
using nfa::State;
using nfa::StateId;

/// The state behind the first event.
const State& after_first(const Automaton& automaton) { return automaton[automaton[nfa::kStart].edges.front().target]; }

const Edge& edge_of_step(const State& state, const Drawn& drawn, const std::string& step) {
    for (const Edge& edge : state.edges) {
        if (!edge.accept && drawn.labels.steps[static_cast<std::size_t>(edge.step)] == step) {
            return edge;
        }
    }
    FAIL("no edge of step " << step);
    std::abort();
}

TEST_CASE("entering an optional group starts a turn that the way around it leaves") {
    const Drawn drawn = automaton_of("A -> (B -> C)? -> D");
    const State& state = after_first(drawn.automaton);
    const Edge& enter = edge_of_step(state, drawn, "B");
    REQUIRE(enter.starts_turn_of.size() == 1);
    REQUIRE(enter.leaves.size() == 1);
    REQUIRE(std::popcount(enter.leaves.front()) == 1);
    const Edge& leave = state.edges[static_cast<std::size_t>(std::countr_zero(enter.leaves.front()))];
    CHECK(drawn.labels.steps[static_cast<std::size_t>(leave.step)] == "D");
}

TEST_CASE("the middle of an optional group knows that its turn is under way") {
    const Drawn drawn = automaton_of("A -> (B -> C)? -> D");
    const Edge& enter = edge_of_step(after_first(drawn.automaton), drawn, "B");
    const State& middle = drawn.automaton[enter.target];
    REQUIRE(middle.variants.size() == 1);
    CHECK(middle.variants.front().under_way == enter.starts_turn_of);
}

TEST_CASE("a turn that the minimum needs is not one that may be given up") {
    const Drawn drawn = automaton_of("A -> (B -> C){1,2} -> D");
    const Edge& first_turn = edge_of_step(after_first(drawn.automaton), drawn, "B");
    CHECK(first_turn.starts_turn_of.empty());
    CHECK(drawn.automaton[first_turn.target].variants.front().under_way.empty());
}

TEST_CASE("a turn beyond the minimum may be given up") {
    const Drawn drawn = automaton_of("A -> (B -> C){1,2} -> D");
    const State& in_first = drawn.automaton[edge_of_step(after_first(drawn.automaton), drawn, "B").target];
    const State& after_turn = drawn.automaton[edge_of_step(in_first, drawn, "C").target];
    CHECK(edge_of_step(after_turn, drawn, "B").starts_turn_of.size() == 1);
}

TEST_CASE("a turn of which only optional items remain is not under way any more") {
    const Drawn drawn = automaton_of("A -> (B -> C?)? -> D");
    const Edge& enter = edge_of_step(after_first(drawn.automaton), drawn, "B");
    CHECK(drawn.automaton[enter.target].variants.front().under_way.empty());
}

TEST_CASE("nested optional groups start their turns outermost first") {
    const Drawn drawn = automaton_of("A -> ((B -> C)* -> D)? -> E");
    const Edge& enter = edge_of_step(after_first(drawn.automaton), drawn, "B");
    REQUIRE(enter.starts_turn_of.size() == 2);
    CHECK(enter.starts_turn_of[0] < enter.starts_turn_of[1]);
    const State& inside = drawn.automaton[enter.target];
    CHECK(inside.variants.front().under_way == enter.starts_turn_of);
}

TEST_CASE("an item without a group may not be given up half way") {
    const Drawn drawn = automaton_of("A -> B? -> C");
    const Edge& enter = edge_of_step(after_first(drawn.automaton), drawn, "B");
    CHECK(drawn.automaton[enter.target].variants.front().under_way.empty());
}

TEST_CASE("a state without `each` has one variant with all its edges") {
    const Drawn drawn = automaton_of("A -> B? -> (C or D)+ -> E");
    for (const State& state : drawn.automaton.states) {
        REQUIRE(state.variants.size() == 1);
        CHECK(std::popcount(state.variants.front().edges) == static_cast<int>(state.edges.size()));
    }
}

TEST_CASE("an optional step with `each` gives one variant with it and one without") {
    const Drawn drawn = automaton_of("A -> B? each -> C");
    const State& state = after_first(drawn.automaton);
    REQUIRE(state.variants.size() == 2);
    CHECK(state.variants[0].edges == EdgeMask{1});
    CHECK(state.variants[1].edges == EdgeMask{2});
}

TEST_CASE("edges of different variants do not give way to each other") {
    const Drawn drawn = automaton_of("A -> B? each -> C");
    for (const Edge& edge : after_first(drawn.automaton).edges) {
        CHECK(edge.preferred == 0);
    }
}

TEST_CASE("turns of `each` are never given up") {
    const Drawn drawn = automaton_of("A -> (B -> C)? each -> D");
    for (const State& state : drawn.automaton.states) {
        for (const Edge& edge : state.edges) {
            CHECK(edge.starts_turn_of.empty());
        }
    }
}

TEST_CASE("a greedy loop goes before what follows it, a lazy one after") {
    const Drawn greedy = automaton_of("A -> B* -> C");
    CHECK(edge_of_step(after_first(greedy.automaton), greedy, "B").preferred == 0);
    CHECK(edge_of_step(after_first(greedy.automaton), greedy, "C").preferred != 0);
    const Drawn lazy = automaton_of("A -> B* lazy -> C");
    CHECK(edge_of_step(after_first(lazy.automaton), lazy, "B").preferred != 0);
    CHECK(edge_of_step(after_first(lazy.automaton), lazy, "C").preferred == 0);
}

TEST_CASE("a full loop has only what follows it") {
    const Drawn drawn = automaton_of("A{2} -> B");
    const State& second = drawn.automaton[edge_of_step(after_first(drawn.automaton), drawn, "A").target];
    REQUIRE(second.edges.size() == 1);
    CHECK(drawn.labels.steps[static_cast<std::size_t>(second.edges.front().step)] == "B");
}

TEST_CASE("the arrow of an optional step does not pass to the step behind it") {
    const Drawn drawn = automaton_of("A => B? -> C");
    const State& state = after_first(drawn.automaton);
    CHECK(edge_of_step(state, drawn, "B").arrow == nfa::Arrow::strict);
    CHECK(edge_of_step(state, drawn, "C").arrow == nfa::Arrow::follows);
}

TEST_CASE("of two limits `in` around a step the shorter counts") {
    const Drawn drawn = automaton_of("A -> (B -> C in 1m) in 10s");
    const Edge& b = edge_of_step(after_first(drawn.automaton), drawn, "B");
    CHECK(edge_of_step(drawn.automaton[b.target], drawn, "C").in == std::chrono::seconds(10));
}

}  // namespace
}  // namespace tocsin::test
