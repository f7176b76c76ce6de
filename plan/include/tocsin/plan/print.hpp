#pragma once

#include <string>

#include <tocsin/plan/program.hpp>

namespace tocsin::plan {

/// One expression as text, in the language's notation; columns by their path, registers as `b.x`, `first(b).x`, `sum(b.x)`.
[[nodiscard]] std::string print_expr(const Program& program, const RulePlan* rule, ExprId expr, bool match_registers = false);

/// The whole program, or one rule of it, as text: for explain and for tests.
[[nodiscard]] std::string print(const Program& program);
[[nodiscard]] std::string print_rule(const Program& program, const RulePlan& rule);

}  // namespace tocsin::plan
