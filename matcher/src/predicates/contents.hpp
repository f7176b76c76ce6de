#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include <tocsin/matcher/evaluator.hpp>

#include "access.hpp"
#include "order_table.hpp"

namespace tocsin::matcher {

/// Bytes anywhere in a text, or at its end.
struct Literal {
    std::string_view bytes;     ///< not empty
    bool at_end;
};
/// A regular expression, as `matches` has it.
struct Regex {
    std::string_view expression;
};

// What a door asks of its subject, as the tables take it; views point into the program, or to what `made` keeps.

/// Requires: Door::Kind::equality.
[[nodiscard]] std::vector<event::Value> values_of(const plan::Program& program, const Door& door);
/// No two of them overlap. Requires: Door::Kind::order.
[[nodiscard]] std::vector<Range> ranges_of(const plan::Program& program, const Door& door, Scratch& made);
/// Requires: Door::Kind::pattern.
[[nodiscard]] std::variant<Literal, Regex> pattern_of(const plan::Program& program, const Door& door);

}  // namespace tocsin::matcher
