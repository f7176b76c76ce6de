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

/// What must not come before an edge is taken.
std::string unless(const Guard& guard, const Labels& labels, bool from_start) {
    const std::string& what = of(labels.conditions, guard.condition);
    if (guard.next_only) {
        return fmt::format("unless the next is {}", what);
    }
    if (!guard.in) {
        return fmt::format("unless {} comes before", what);
    }
    const std::string time = format_duration(*guard.in);
    return from_start ? fmt::format("unless {} comes in the {} before", what, time)
                      : fmt::format("unless {} comes within {} of the last", what, time);
}

/// What else an edge demands of the event that it takes, in words.
std::string demands(const Edge& edge, const Labels& labels, bool from_start) {
    std::string text;
    if (edge.in) {
        text += fmt::format("  within {} of the last", format_duration(*edge.in));
    }
    for (const Guard& guard : edge.guards) {
        text += "  " + unless(guard, labels, from_start);
    }
    for (const ConditionId until : edge.untils) {
        text += fmt::format("  until {}", of(labels.conditions, until));
    }
    return text;
}

bool waits(const Edge& edge) { return edge.preferred != 0; }

/// When a match is decided that an edge ends, in words. A `not` at the end waits: for its own time, or for the rule's.
std::string ending(const Edge& edge, const Labels& labels) {
    std::string text = "end";
    if (waits(edge)) {
        text += "  when nothing above can take an event any more";
    } else if (!edge.guards.empty()) {
        const bool next = std::ranges::all_of(edge.guards, &Guard::next_only);
        const auto longest =
            std::ranges::max_element(edge.guards, {}, [](const Guard& guard) { return guard.in.value_or(Duration::max()); });
        const std::string time =
            longest->in ? fmt::format("{} after the last", format_duration(*longest->in)) : std::string("at the deadline");
        text += next ? fmt::format(" at the next event or {}", time) : " " + time;
    }
    for (const Guard& guard : edge.guards) {
        text += ", " + unless(guard, labels, false);
    }
    return text;
}

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
                out += fmt::format("  {}\n", ending(edge, labels));
                continue;
            }
            out += fmt::format("  {} {}  {}: {}{}{}\n", s == 0 ? "->" : arrow_text(edge.arrow),
                               static_cast<std::uint32_t>(edge.target), of(labels.steps, edge.step),
                               of(labels.conditions, edge.condition), demands(edge, labels, s == 0),
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
                               quoted(of(labels.conditions, edge.condition)), quoted(demands(edge, labels, s == 0)));
        }
    }
    out += "}\n";
    return out;
}

}  // namespace tocsin::nfa
