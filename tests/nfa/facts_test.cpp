#include "nfa/automaton_of.hpp"

namespace tocsin::test {
namespace {

nfa::Facts facts_of(const std::string& pattern) { return nfa::facts(automaton_of(pattern).automaton); }

TEST_CASE("a pattern without `=>` does not need the events that fit nothing") {
    CHECK_FALSE(facts_of("A -> not B -> C+ any -> D").needs_every_event);
}

TEST_CASE("a `=>` between steps needs every event") { CHECK(facts_of("A -> B => C").needs_every_event); }

TEST_CASE("a strict loop needs every event") { CHECK(facts_of("A+ strict -> B").needs_every_event); }

TEST_CASE("a strict loop of at most one turn needs no more than its one event") {
    CHECK_FALSE(facts_of("A -> B{1,1} strict -> C").needs_every_event);
}

TEST_CASE("`=> not` needs every event, between steps and at the end") {
    CHECK(facts_of("A => not B -> C").needs_every_event);
    CHECK(facts_of("A => not B").needs_every_event);
}

TEST_CASE("a greedy open loop at the end has an open end") {
    CHECK(facts_of("A -> B+").open_end);
    CHECK(facts_of("A -> B{2,5}").open_end);
    CHECK(facts_of("A -> (B -> C)*").open_end);
}

TEST_CASE("lazy, each and full loops at the end have no open end") {
    CHECK_FALSE(facts_of("A -> B+ lazy").open_end);
    CHECK_FALSE(facts_of("A -> B+ each").open_end);
    CHECK_FALSE(facts_of("A -> B{3}").open_end);
}

TEST_CASE("an open loop before the last step has no open end") { CHECK_FALSE(facts_of("A+ -> B").open_end); }

TEST_CASE("a `not` is at the start only where nothing comes before it") {
    CHECK(facts_of("not A -> B").absent_at_start);
    CHECK_FALSE(facts_of("A -> not B -> C").absent_at_start);
    CHECK_FALSE(facts_of("A -> not B").absent_at_start);
}

TEST_CASE("a `not` is at the end also where all behind it may be skipped") {
    CHECK(facts_of("A -> not B").absent_at_end);
    CHECK(facts_of("A -> not B -> C?").absent_at_end);
    CHECK_FALSE(facts_of("A -> not B -> C").absent_at_end);
    CHECK_FALSE(facts_of("not A -> B").absent_at_end);
}

TEST_CASE("an ordinary pattern can accept") { CHECK(facts_of("A -> B").can_accept); }

}  // namespace
}  // namespace tocsin::test
