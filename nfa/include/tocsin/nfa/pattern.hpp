#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include <tocsin/base/time.hpp>

/// What the automaton is made from: the pattern with its conditions as numbers. The compiler lowers a checked rule to
/// it; it knows no names, types or streams.
namespace tocsin::nfa {

/// A condition on one event (and, for some, on the run so far); an index into the rule's conditions.
enum class ConditionId : std::uint32_t {};
/// A step by its place in the text, from 0: the order that breaks the last ties.
enum class StepId : std::uint32_t {};
enum class NodeId : std::uint32_t {};

enum class Arrow : std::uint8_t { follows, strict, any };   ///< `->`, `=>`, `~>`
enum class Greed : std::uint8_t { greedy, lazy, each };

struct Times {
    std::uint32_t min{1};
    std::optional<std::uint32_t> max{1};    ///< nothing: open
    Arrow between{Arrow::follows};
    Greed greed{Greed::greedy};
};

/// One event.
struct Take {
    StepId step;
    ConditionId condition;
};
/// `not X`, which belongs to the place between two items.
struct Absent {
    ConditionId condition;
    std::optional<Duration> in;
};
struct Part {
    Arrow arrow{Arrow::follows};
    NodeId node;
};
struct Sequence {
    std::vector<Part> parts;
};
enum class Join : std::uint8_t { all_of, one_of };
struct Alternatives {
    Join join;
    std::vector<NodeId> items;
};
/// Any item with `times`, `until` or `in` behind it; a plain group is one with the default times.
struct Repeat {
    NodeId body;
    Times times;
    std::optional<ConditionId> until;
    std::optional<Duration> in;
};
using Node = std::variant<Take, Absent, Sequence, Alternatives, Repeat>;

struct Pattern {
    std::vector<Node> nodes;
    NodeId root{};

    NodeId add(Node node) {
        nodes.push_back(std::move(node));
        return NodeId{static_cast<std::uint32_t>(nodes.size() - 1)};
    }
    [[nodiscard]] const Node& operator[](NodeId id) const { return nodes[static_cast<std::size_t>(id)]; }
};

}  // namespace tocsin::nfa
