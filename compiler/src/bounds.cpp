#include <tocsin/compiler/bounds.hpp>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

constexpr Duration kForEver = Duration::max();

Duration plus(Duration a, Duration b) { return a > kForEver - b ? kForEver : a + b; }

/// What one edge waits for, without what comes behind it.
Duration wait_of(const nfa::Edge& edge) {
    if (!edge.accept) {
        return edge.in.value_or(kForEver);
    }
    Duration longest{0};
    for (const nfa::Guard& guard : edge.guards) {
        longest = std::max(longest, guard.in.value_or(kForEver));
    }
    return longest;
}

}  // namespace

/// The longest path, by depth first search with a stack of its own; a cycle is a loop without an end.
std::optional<Duration> longest_wait(const nfa::Automaton& automaton) {
    enum class Seen : std::uint8_t { no, open, done };
    struct Frame {
        std::size_t state;
        std::size_t edge;
    };
    std::vector<Seen> seen(automaton.states.size(), Seen::no);
    std::vector<Duration> longest(automaton.states.size(), Duration(0));
    std::vector<Frame> path{{static_cast<std::size_t>(nfa::kStart), 0}};
    seen[path.back().state] = Seen::open;
    while (!path.empty()) {
        const std::size_t at = path.back().state;
        const std::vector<nfa::Edge>& edges = automaton.states[at].edges;
        if (path.back().edge == edges.size()) {
            seen[at] = Seen::done;
            path.pop_back();
            continue;
        }
        const nfa::Edge& edge = edges[path.back().edge];
        const auto target = static_cast<std::size_t>(edge.target);
        if (!edge.accept && seen[target] == Seen::open) {
            return std::nullopt;
        }
        if (!edge.accept && seen[target] == Seen::no) {
            seen[target] = Seen::open;
            path.push_back({target, 0});
            continue;
        }
        const bool first = at == static_cast<std::size_t>(nfa::kStart);
        const Duration behind = edge.accept ? Duration(0) : longest[target];
        longest[at] = std::max(longest[at], plus(first && !edge.accept ? Duration(0) : wait_of(edge), behind));
        ++path.back().edge;
    }
    const Duration life = longest[static_cast<std::size_t>(nfa::kStart)];
    return life == kForEver ? std::nullopt : std::optional(life);
}

Bounds bounds(const plan::RulePlan& rule) {
    Bounds out;
    out.states = rule.automaton.states.size();
    for (const nfa::State& state : rule.automaton.states) {
        out.edges += state.edges.size();
    }
    out.registers = rule.run_registers.size();
    out.life = longest_wait(rule.automaton);
    if (rule.within && (!out.life || *out.life > *rule.within)) {
        out.life = rule.within;
    }
    return out;
}

std::string print_bounds(const plan::RulePlan& rule) {
    const Bounds bound = bounds(rule);
    std::string out = fmt::format("{} states, {} edges; a run carries {} value{}\n", bound.states, bound.edges, bound.registers,
                                  bound.registers == 1 ? "" : "s");
    const std::string per = rule.key.empty() ? "in all" : "a key";
    if (bound.life && *bound.life == Duration(0)) {
        return out + "every match is one event: no run stays open\n";
    }
    if (!bound.life) {
        return out + "no bound on how long a run lives\n";
    }
    const std::string life = format_duration(*bound.life);
    std::vector<std::string> first;
    for (const nfa::Edge& edge : rule.automaton[nfa::kStart].edges) {
        const std::string& text = rule.conditions[static_cast<std::size_t>(edge.condition)].text;
        if (!edge.accept && std::ranges::find(first, text) == first.end()) {
            first.push_back(text);
        }
    }
    out += fmt::format("a run lives at most {}\n", life);
    out += fmt::format("open runs {}: those that began with an event {} in the last {}\n", per, fmt::join(first, " or "), life);
    return out;
}

void check_bounds(Load& load, Draft& draft) {
    if (draft.plan.automaton.states.empty() || draft.names.decl->within) {
        return;
    }
    const bool waits_by_not = std::ranges::any_of(draft.names.shape.places, [](const Place& place) {
        return place.kind == Place::Kind::absent && (place.may_be_first || place.may_be_last);
    });
    if (!waits_by_not && !draft.names.decl->skip && !longest_wait(draft.plan.automaton)) {
        load.report.error("E0404", draft.names.decl->when->span, "a run of this pattern could be kept for ever",
                          "add `within 1h`, or an `in` to every step after the first");
    }
}

}  // namespace tocsin::compiler
