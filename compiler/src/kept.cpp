#include "draft.hpp"

namespace tocsin::compiler {

namespace {

void mark(plan::Program& program, std::vector<bool>& seen, plan::ExprId root) {
    std::vector<plan::ExprId> open{root};
    while (!open.empty()) {
        const auto at = static_cast<std::size_t>(open.back());
        open.pop_back();
        if (seen[at]) {
            continue;
        }
        seen[at] = true;
        const plan::Expr& expr = program.pool.exprs[at];
        if (const auto* column = std::get_if<plan::ColumnRef>(&expr.node)) {
            program.kept_slot[static_cast<std::size_t>(column->column)] = 0;
        }
        plan::for_each_part(expr, [&](plan::ExprId part) { open.push_back(part); });
    }
}

}  // namespace

/// What residuals and registers read; where, lets and texts read registers only.
void settle_kept_columns(plan::Program& program) {
    program.kept_slot.assign(program.projection.size(), plan::Program::kNotKept);
    std::vector<bool> seen(program.pool.exprs.size(), false);
    for (const plan::RulePlan& rule : program.rules) {
        for (const plan::Condition& condition : rule.conditions) {
            if (condition.residual) {
                mark(program, seen, *condition.residual);
            }
        }
        for (const auto* registers : {&rule.run_registers, &rule.match_registers}) {
            for (const plan::Register& reg : *registers) {
                if (reg.value) {
                    mark(program, seen, *reg.value);
                }
            }
        }
    }
    program.kept_count = 0;
    for (std::uint32_t& slot : program.kept_slot) {
        if (slot != plan::Program::kNotKept) {
            slot = program.kept_count++;
        }
    }
}

}  // namespace tocsin::compiler
