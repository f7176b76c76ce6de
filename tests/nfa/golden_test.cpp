// Patterns and the automata that they become, as text: one golden file a construct.

#include <array>
#include <string>
#include <vector>

#include "nfa/automaton_of.hpp"
#include "support/golden.hpp"

namespace tocsin::test {
namespace {

struct Construct {
    const char* file;
    std::vector<std::string> patterns;
};

const std::array kConstructs{
    Construct{"one_step", {"A", "a: A[x > 1]"}},
    Construct{"sequence_follows", {"A -> B -> C"}},
    Construct{"sequence_strict", {"A => B => C"}},
    Construct{"sequence_any", {"A ~> B ~> C"}},
    Construct{"sequence_mixed", {"A -> B => C ~> D"}},
    Construct{"not_at_start", {"not A -> B", "not A in 5m -> B", "not A -> B? -> C"}},
    Construct{"not_between", {"A -> not B -> C", "A => not B -> C", "A -> not B in 10s -> C", "A -> not B -> C? -> D"}},
    Construct{"not_at_end", {"A -> not B", "A => not B", "A -> not B in 10s", "A -> B? -> not C"}},
    Construct{"or", {"A or B", "A -> (B or C) -> D", "A -> ((B -> C) or D)"}},
    Construct{"and", {"A and B", "A -> (B and C) -> D", "A and B and C", "A and B+"}},
    Construct{"optional", {"A -> B? -> C", "A -> B? lazy -> C", "A -> B? each -> C"}},
    Construct{"plus", {"A+ -> B", "A+ lazy -> B", "A+ each -> B"}},
    Construct{"star", {"A -> B* -> C", "A -> B* lazy -> C", "A -> B* each -> C"}},
    Construct{"exactly", {"A{3}", "A{3} strict", "A{3} any"}},
    Construct{"at_least", {"A{2,} -> B", "A{2,} lazy -> B", "A{2,} each -> B"}},
    Construct{"from_to", {"A{1,3} -> B", "A{1,3} lazy -> B", "A{1,3} each -> B"}},
    Construct{"loop_strict", {"A+ strict -> B", "A{2,} strict lazy -> B", "A+ strict each -> B", "A -> B{1,2} strict -> C"}},
    Construct{"loop_any", {"A+ any -> B", "A{2,} any lazy -> B", "A+ any each -> B", "A -> B{1,2} any -> C"}},
    Construct{"loop_at_end", {"A -> B+", "A -> B+ lazy", "A -> B+ each", "A -> B{2}", "A -> B+ strict"}},
    Construct{"link_before_a_loop", {"A => B+ -> C", "A ~> B+ -> C", "A => B? -> C"}},
    Construct{"group", {"(A -> B) -> C", "A -> (B => C) -> D"}},
    Construct{"group_optional", {"A -> (B -> C)? -> D", "A -> (B -> C)? lazy -> D", "A -> (B -> C)? each -> D"}},
    Construct{"group_loop", {"(A -> B)+ -> C", "(A -> B){2,} -> C", "(A -> B)+ each -> C", "(A -> B){1,2} lazy -> C"}},
    Construct{"group_of_optional_items", {"(A? -> B?) -> C", "A -> (B? -> C?)+ -> D"}},
    Construct{"nested_groups", {"A -> ((B -> C)+ -> D)+ -> E", "A -> (B -> (C -> D)?)* -> E", "(A{2} -> B+){1,2} -> C"}},
    Construct{"until",
              {"A+ until B -> C", "A -> B* until C -> D", "A -> (B -> C)+ until D -> E", "A -> (B+ until C)+ until D -> E"}},
    Construct{"in",
              {"A -> B in 10s", "A -> B+ in 10s -> C", "A -> (B -> C) in 10s", "A -> (B -> C in 1m) in 10s",
               "A -> (B -> C in 1s) in 10s"}},
    Construct{"not_in_a_loop", {"(A -> not B -> C)+ -> D", "A -> (B -> not C -> D){2} -> E"}},
};

std::string names(nfa::EdgeMask mask) {
    std::string text;
    for (std::size_t i = 0; i < nfa::kMaxEdges; ++i) {
        if ((mask >> i & 1U) != 0) {
            text += fmt::format("{}{}", text.empty() ? "" : " ", i);
        }
    }
    return text.empty() ? "none" : text;
}

/// What the drawing leaves out: preference edge by edge, turns that may be given up, and variants.
std::string small_print(const nfa::Automaton& automaton) {
    std::string out;
    for (std::size_t s = 0; s < automaton.states.size(); ++s) {
        const nfa::State& state = automaton.states[s];
        for (std::size_t e = 0; e < state.edges.size(); ++e) {
            const nfa::Edge& edge = state.edges[e];
            if (edge.preferred != 0) {
                out += fmt::format("state {} edge {} gives way to {}\n", s, e, names(edge.preferred));
            }
            for (std::size_t t = 0; t < edge.starts_turn_of.size(); ++t) {
                out += fmt::format("state {} edge {} starts a turn of loop {}, which {} leave\n", s, e,
                                   static_cast<std::uint32_t>(edge.starts_turn_of[t]), names(edge.leaves[t]));
            }
        }
        for (const nfa::Variant& variant : state.variants) {
            if (state.variants.size() > 1 || !variant.under_way.empty()) {
                out += fmt::format("state {} variant of {}{}", s, names(variant.edges), state.split ? ", a run each" : "");
                for (const nfa::LoopId loop : variant.under_way) {
                    out += fmt::format(", loop {} under way", static_cast<std::uint32_t>(loop));
                }
                out += '\n';
            }
        }
    }
    return out;
}

std::string whole_text(const std::string& pattern) {
    const Drawn drawn = automaton_of(pattern);
    return fmt::format("when {}\n\n{}{}", pattern, nfa::draw_text(drawn.automaton, drawn.labels), small_print(drawn.automaton));
}

TEST_CASE("a pattern becomes the automaton that its golden file shows", "[golden]") {
    for (const Construct& construct : kConstructs) {
        DYNAMIC_SECTION(construct.file) {
            std::string text;
            for (const std::string& pattern : construct.patterns) {
                text += (text.empty() ? "" : "\n\n") + whole_text(pattern);
            }
            check_golden(fmt::format("nfa/{}.txt", construct.file), text);
        }
    }
}

}  // namespace
}  // namespace tocsin::test
