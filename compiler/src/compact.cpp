// Lowering leaves things behind that nothing refers to: parts of what was folded, predicates of rules that are off. They go
// here, and what stays is renumbered in the same order, so that parts still come before wholes.

#include <algorithm>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

constexpr std::uint32_t kGone = 0xffffffff;

/// Which of some things are used, then where each of those has gone.
template <class Id>
class Renumbering {
public:
    explicit Renumbering(std::size_t count) : to_(count, kGone) {}

    void use(Id id) { to_[static_cast<std::size_t>(id)] = 0; }
    [[nodiscard]] bool used(Id id) const { return to_[static_cast<std::size_t>(id)] != kGone; }

    /// Drops from `things` what is not used. After it, `update` may be called.
    template <class Thing>
    void apply(std::vector<Thing>& things) {
        std::uint32_t next = 0;
        for (std::size_t i = 0; i < to_.size(); ++i) {
            if (to_[i] != kGone) {
                to_[i] = next;
                if (next != i) {
                    things[next] = std::move(things[i]);
                }
                ++next;
            }
        }
        things.erase(things.begin() + next, things.end());
    }
    void update(Id& id) const { id = Id{to_[static_cast<std::size_t>(id)]}; }

private:
    std::vector<std::uint32_t> to_;
};

/// Calls `each` with a reference to every expression that the program names, predicates apart.
template <class Each>
void for_each_root(plan::Program& program, Each each) {
    const auto maybe = [&](std::optional<plan::ExprId>& id) {
        if (id) {
            each(*id);
        }
    };
    for (plan::StreamPlan& stream : program.streams) {
        maybe(stream.where);
    }
    for (plan::TablePlan& table : program.tables) {
        if (table.join) {
            maybe(table.join->where);
        }
    }
    for (plan::RulePlan& rule : program.rules) {
        for (plan::Condition& condition : rule.conditions) {
            maybe(condition.residual);
        }
        for (auto* registers : {&rule.run_registers, &rule.match_registers}) {
            for (plan::Register& reg : *registers) {
                maybe(reg.value);
            }
        }
        for (auto* values : {&rule.lets, &rule.returns}) {
            for (plan::NamedValue& value : *values) {
                each(value.value);
            }
        }
        maybe(rule.where);
        for (auto& piece : rule.text) {
            if (auto* value = std::get_if<plan::ExprId>(&piece)) {
                each(*value);
            }
        }
    }
}

template <class Each>
void for_each_column(plan::Program& program, Each each) {
    for (plan::StreamPlan& stream : program.streams) {
        each(stream.time);
    }
    for (plan::TablePlan& table : program.tables) {
        std::ranges::for_each(table.columns, each);
    }
    for (plan::RulePlan& rule : program.rules) {
        for (plan::SourcePlan& source : rule.sources) {
            std::ranges::for_each(source.key, each);
        }
    }
}

template <class Each>
void for_each_predicate(plan::Program& program, Each each) {
    for (plan::RulePlan& rule : program.rules) {
        for (plan::SourcePlan& source : rule.sources) {
            each(source.seen);
        }
        for (plan::Condition& condition : rule.conditions) {
            each(condition.predicate);
        }
    }
}

}  // namespace

void drop_unused(plan::Program& program) {
    Renumbering<plan::PredicateId> predicates(program.predicates.size());
    for_each_predicate(program, [&](plan::PredicateId id) { predicates.use(id); });
    predicates.apply(program.predicates);
    for_each_predicate(program, [&](plan::PredicateId& id) { predicates.update(id); });

    Renumbering<plan::ExprId> exprs(program.pool.exprs.size());
    const auto use = [&](plan::ExprId id) { exprs.use(id); };
    for_each_root(program, use);
    for (const plan::Predicate& predicate : program.predicates) {
        if (predicate.expr) {
            use(*predicate.expr);
        }
    }
    Renumbering<plan::ListId> lists(program.pool.lists.size());
    Renumbering<plan::RegexId> regexes(program.pool.regexes.size());
    Renumbering<event::ColumnId> columns(program.projection.size());
    for (std::size_t i = program.pool.exprs.size(); i-- > 0;) {  // wholes come after their parts
        plan::Expr& expr = program.pool.exprs[i];
        if (!exprs.used(plan::ExprId{static_cast<std::uint32_t>(i)})) {
            continue;
        }
        plan::for_each_part(expr, use);
        if (const auto* column = std::get_if<plan::ColumnRef>(&expr.node)) {
            columns.use(column->column);
        } else if (const auto* in = std::get_if<plan::InList>(&expr.node)) {
            lists.use(in->list);
        } else if (const auto* matches = std::get_if<plan::Matches>(&expr.node)) {
            regexes.use(matches->regex);
        }
    }
    for_each_column(program, [&](event::ColumnId id) { columns.use(id); });

    exprs.apply(program.pool.exprs);
    lists.apply(program.pool.lists);
    regexes.apply(program.pool.regexes);
    columns.apply(program.projection);
    for (plan::Expr& expr : program.pool.exprs) {
        plan::for_each_part(expr, [&](plan::ExprId& id) { exprs.update(id); });
        if (auto* column = std::get_if<plan::ColumnRef>(&expr.node)) {
            columns.update(column->column);
        } else if (auto* in = std::get_if<plan::InList>(&expr.node)) {
            lists.update(in->list);
        } else if (auto* matches = std::get_if<plan::Matches>(&expr.node)) {
            regexes.update(matches->regex);
        }
    }
    for_each_root(program, [&](plan::ExprId& id) { exprs.update(id); });
    for (plan::Predicate& predicate : program.predicates) {
        if (predicate.expr) {
            exprs.update(*predicate.expr);
        }
    }
    for_each_column(program, [&](event::ColumnId& id) { columns.update(id); });
}

}  // namespace tocsin::compiler
