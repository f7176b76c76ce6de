#pragma once

#include <cstdint>
#include <vector>

#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// A predicate that compares one subject with constants, so that a table over all such constants finds it by the subject's
/// value.
struct Door {
    enum class Kind : std::uint8_t {
        equality,       ///< one of a set of values: a hash table
        order,          ///< a range of values: sorted constants. A start of a text is one, and a network
        pattern,        ///< bytes somewhere in a text, or a regular expression: a scan
    };
    Kind kind;
    plan::ExprId subject;                   ///< a field, or what is computed of the event
    /// What holds exactly where the door opens, or, of a `like` of several pieces, what holds only there. One expression;
    /// of a range one for each bound.
    std::vector<plan::ExprId> parts;
};

/// How a condition is reached: it holds where one of the doors opens and all of the rest holds, and nowhere else. Without
/// doors it is not indexable, and the rest is the condition.
struct Access {
    std::vector<Door> doors;
    std::vector<plan::ExprId> rest;
};

/// Of a conjunction the most selective part leads the way: equalities before patterns before ranges before open bounds, a field
/// before what is computed, fewer or longer constants first. A disjunction needs doors on each side.
[[nodiscard]] Access access_of(const plan::Program& program, plan::ExprId condition);

}  // namespace tocsin::matcher
