// Patterns at a bound of the construction, and one past it.

#include "support/test.hpp"

#include <tocsin/nfa/build.hpp>

namespace tocsin::nfa {
namespace {

constexpr std::size_t kPlenty = 10'000;

NodeId take(Pattern& pattern) { return pattern.add(Take{StepId{0}, ConditionId{0}}); }

NodeId repeated(Pattern& pattern, std::uint32_t min, std::optional<std::uint32_t> max, Greed greed = Greed::greedy) {
    const NodeId body = take(pattern);
    return pattern.add(Repeat{body, Times{min, max, Arrow::follows, greed}, std::nullopt, std::nullopt});
}

/// x{n}
Pattern turns(std::uint32_t n) {
    Pattern pattern;
    pattern.root = repeated(pattern, n, n);
    return pattern;
}

/// a -> b? -> b? … with n optional steps, then one that is needed.
Pattern optional_steps(std::size_t n) {
    Pattern pattern;
    Sequence sequence;
    sequence.parts.push_back({Arrow::follows, take(pattern)});
    for (std::size_t i = 0; i < n; ++i) {
        sequence.parts.push_back({Arrow::follows, repeated(pattern, 0, 1)});
    }
    sequence.parts.push_back({Arrow::follows, take(pattern)});
    pattern.root = pattern.add(sequence);
    return pattern;
}

Pattern all_of(std::size_t items) {
    Pattern pattern;
    Alternatives all{Join::all_of, {}};
    for (std::size_t i = 0; i < items; ++i) {
        all.items.push_back(take(pattern));
    }
    pattern.root = pattern.add(all);
    return pattern;
}

Pattern one_of(std::size_t items) {
    Pattern pattern = all_of(items);
    std::get<Alternatives>(pattern.nodes.back()).join = Join::one_of;
    return pattern;
}

/// a -> ((b? each -> c) or (b? each -> c) or …): every branch doubles the choices behind a.
Pattern choices_of_each(std::size_t branches) {
    Pattern pattern;
    Alternatives any{Join::one_of, {}};
    for (std::size_t i = 0; i < branches; ++i) {
        const NodeId optional = repeated(pattern, 0, 1, Greed::each);
        any.items.push_back(pattern.add(Sequence{{{Arrow::follows, optional}, {Arrow::follows, take(pattern)}}}));
    }
    const NodeId first = take(pattern);
    pattern.root = pattern.add(Sequence{{{Arrow::follows, first}, {Arrow::follows, pattern.add(any)}}});
    return pattern;
}

std::optional<BuildError> error_of(const Pattern& pattern, std::size_t max_states = kPlenty) {
    const auto built = build(pattern, max_states);
    const auto* error = std::get_if<BuildError>(&built);
    return error == nullptr ? std::nullopt : std::optional(*error);
}

TEST_CASE("a loop of exactly as many turns as there may be states is accepted") {
    CHECK(error_of(turns(50), 50) == std::nullopt);
}

TEST_CASE("a loop of one turn more than there may be states is refused") {
    CHECK(error_of(turns(51), 50) == BuildError::too_many_states);
}

TEST_CASE("a huge loop is refused without being unrolled") {
    CHECK(error_of(turns(4'000'000'000U)) == BuildError::too_many_states);
}

TEST_CASE("the start does not count as a state") {
    const auto built = build(turns(3), 3);
    CHECK(std::get<Automaton>(built).states.size() == 4);
}

TEST_CASE("a state with kMaxEdges ways on is accepted") { CHECK(error_of(optional_steps(kMaxEdges - 1)) == std::nullopt); }

TEST_CASE("a state with one way on more than kMaxEdges is refused") {
    CHECK(error_of(optional_steps(kMaxEdges)) == BuildError::too_many_edges);
}

TEST_CASE("an `or` of kMaxEdges branches is accepted") { CHECK(error_of(one_of(kMaxEdges)) == std::nullopt); }

TEST_CASE("an `or` of one branch more than kMaxEdges is refused") {
    CHECK(error_of(one_of(kMaxEdges + 1)) == BuildError::too_many_edges);
}

TEST_CASE("more skippable steps in a row than a graph should be deep are refused") {
    CHECK(error_of(optional_steps(100'000), 1'000'000) == BuildError::too_many_edges);
}

TEST_CASE("an `and` of kMaxAndItems items is accepted") { CHECK(error_of(all_of(kMaxAndItems)) == std::nullopt); }

TEST_CASE("an `and` of one item more than kMaxAndItems is refused") {
    CHECK(error_of(all_of(kMaxAndItems + 1)) == BuildError::too_many_and_items);
}

TEST_CASE("orders of an `and` with the same rest share its states") {
    // One state for each item taken and set of items left behind it.
    const auto built = build(all_of(4), kPlenty);
    CHECK(std::get<Automaton>(built).states.size() == 1 + 4 * 8);
}

TEST_CASE("kMaxVariants choices of `each` in one state are accepted") {
    const auto built = build(choices_of_each(6), kPlenty);
    CHECK(std::get<Automaton>(built).states[1].variants.size() == kMaxVariants);
}

TEST_CASE("more than kMaxVariants choices of `each` in one state are refused") {
    CHECK(error_of(choices_of_each(7)) == BuildError::too_many_edges);
}

}  // namespace
}  // namespace tocsin::nfa
