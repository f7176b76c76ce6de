#pragma once

#include <string>

#include <tocsin/plan/program.hpp>

namespace tocsin::plan {

/// One expression as text, in the language's notation; columns by their path, registers as `b.x`, `first(b).x`, `sum(b.x)`.
[[nodiscard]] std::string print_expr(const Program& program, const RulePlan* rule, ExprId expr, bool match_registers = false);

/// `5m every 1m for 1h`, `sliding 60s`, `session 30m`: as the language writes it.
[[nodiscard]] std::string print_window(const WindowPlan& window);
/// `sum(b.amount)`, `count(status >= 500)`
[[nodiscard]] std::string print_register(const Program& program, const RulePlan& rule, const Register& reg);

/// The whole program, or one rule of it, as text: for explain and for tests.
[[nodiscard]] std::string print(const Program& program);
[[nodiscard]] std::string print_rule(const Program& program, const RulePlan& rule);

}  // namespace tocsin::plan
