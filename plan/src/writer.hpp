#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tocsin/plan/program.hpp>

namespace tocsin::plan {

/// Whose names an expression is written with.
struct Names {
    const Program& program;
    const RulePlan* rule{nullptr};
    bool match_registers{false};
    std::string_view step{};  ///< written before columns: `b.` inside `sum(b.amount)`
    const TablePlan* table{nullptr};  ///< of a view's `where`
};

void write_expr(std::string& out, const Names& names, ExprId expr);
void write_constant(std::string& out, const Constant& constant);
void write_register(std::string& out, const Names& names, const Register& reg);
void write_list(std::string& out, const List& list);
[[nodiscard]] std::string join_path(const std::vector<std::string>& path);

}  // namespace tocsin::plan
