#include <tocsin/nfa/draw.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace tocsin::nfa {
namespace {

const std::string& of(const std::vector<std::string>& labels, auto id) { return labels[static_cast<std::size_t>(id)]; }

std::string_view arrow_text(Arrow arrow) {
    switch (arrow) {
        case Arrow::follows:
            return "->";
        case Arrow::strict:
            return "=>";
        case Arrow::any:
            break;
    }
    return "~>";
}

/// What else an edge demands, in words.
std::string demands(const Edge& edge, const Labels& labels) {
    std::string text;
    if (edge.in && !edge.accept) {
        text += fmt::format("  within {} of the last", format_duration(*edge.in));
    }
    for (const Guard& guard : edge.guards) {
        text += guard.next_only ? "  unless the next is " : "  unless before ";
        text += of(labels.conditions, guard.condition);
        if (guard.in) {
            text += fmt::format(" in {}", format_duration(*guard.in));
        }
    }
    if (!edge.accept) {
        for (const ConditionId until : edge.untils) {
            text += fmt::format("  until {}", of(labels.conditions, until));
        }
    }
    return text;
}

bool waits(const Edge& edge) { return edge.preferred != 0; }

/// The name of the step that leads into each state.
std::vector<std::string> arrivals(const Automaton& automaton, const Labels& labels) {
    std::vector<std::string> names(automaton.states.size(), "start");
    for (const State& state : automaton.states) {
        for (const Edge& edge : state.edges) {
            if (!edge.accept) {
                names[static_cast<std::size_t>(edge.target)] = of(labels.steps, edge.step);
            }
        }
    }
    return names;
}

std::string quoted(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

}  // namespace

std::string draw_text(const Automaton& automaton, const Labels& labels) {
    std::string out;
    const std::vector<std::string> names = arrivals(automaton, labels);
    for (std::size_t s = 0; s < automaton.states.size(); ++s) {
        const State& state = automaton.states[s];
        out += s == 0 ? std::string("state 0 (start)\n") : fmt::format("state {} (after {})\n", s, names[s]);
        for (const Edge& edge : state.edges) {
            if (edge.accept) {
                out += fmt::format("  end{}{}\n", waits(edge) ? "  when nothing above can take an event any more" : "",
                                   demands(edge, labels));
                continue;
            }
            out += fmt::format("  {} {}  {}: {}{}{}\n", s == 0 ? "->" : arrow_text(edge.arrow), static_cast<std::uint32_t>(edge.target),
                               of(labels.steps, edge.step), of(labels.conditions, edge.condition), demands(edge, labels),
                               waits(edge) ? "  if nothing above takes it" : "");
        }
        if (std::any_of(state.variants.begin(), state.variants.end(), [](const Variant& variant) { return !variant.under_way.empty(); })) {
            out += "  (a turn is under way: it is given up when nothing goes on with it)\n";
        }
    }
    return out;
}

std::string draw_dot(const Automaton& automaton, const Labels& labels, const std::string& title) {
    const std::vector<std::string> names = arrivals(automaton, labels);
    std::string out = fmt::format(
        "digraph \"{}\" {{\n  rankdir=LR;\n  label=\"{}\";\n  node [shape=circle fontname=\"sans-serif\" fontsize=11];\n"
        "  edge [fontname=\"sans-serif\" fontsize=10];\n",
        quoted(title), quoted(title));
    for (std::size_t s = 0; s < automaton.states.size(); ++s) {
        out += fmt::format("  s{} [label=\"{}\"{}];\n", s, quoted(names[s]),
                           automaton.states[s].accepts != 0 ? " shape=doublecircle" : "");
    }
    for (std::size_t s = 0; s < automaton.states.size(); ++s) {
        for (const Edge& edge : automaton.states[s].edges) {
            if (edge.accept) {
                continue;
            }
            const std::string_view style = s == 0 || edge.arrow == Arrow::follows ? "solid"
                                           : edge.arrow == Arrow::strict          ? "bold"
                                                                                  : "dashed";
            out += fmt::format("  s{} -> s{} [style={} label=\"{}{}\"];\n", s, static_cast<std::uint32_t>(edge.target), style,
                               quoted(of(labels.conditions, edge.condition)), quoted(demands(edge, labels)));
        }
    }
    out += "}\n";
    return out;
}

}  // namespace tocsin::nfa
