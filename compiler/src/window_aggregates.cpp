// What the expressions of a window rule look at: aggregates over the window's events, and what a `let` came to in the window
// before. Each becomes a register, equal ones the same. A bare path means a field inside an aggregate and nothing outside.

#include <algorithm>

#include <fmt/format.h>

#include "lowering.hpp"

namespace tocsin::compiler {

using event::Type;
using Kind = plan::Register::Kind;

bool Lowering::over_window() const {
    return scope_.rule != nullptr && scope_.rule->decl->window.has_value() && !scope_.rule->decl->when;
}

/// `distinct~` and `quantile~`, in a window.
bool Lowering::may_approximate(const dsl::Call& call) {
    const std::string& name = call.function.text;
    if (name != "distinct" && name != "quantile") {
        load_.report.error("E0423", call.function.span, fmt::format("there is no `{}~`", name),
                           "`distinct~` and `quantile~` are approximate, all else is exact");
        return false;
    }
    if (!over_window()) {
        load_.report.error("E0423", call.function.span, fmt::format("`{}~` is for windows", name),
                           fmt::format("`{}` without `~` is exact", name));
        return false;
    }
    return true;
}

Lowering::Result Lowering::window_aggregate(ExprRef expr, const dsl::Call& call) {
    const Kind kind = *aggregate_kind(call.function.text);
    const Span span = (*expr).span;
    const std::string& name = call.function.text;
    if (scope_.window_aggregated) {
        load_.report.error("E0216", span, fmt::format("`{}` inside another aggregate", name));
        return std::nullopt;
    }
    if (scope_.event != nullptr) {
        load_.report.error("E0216", span, fmt::format("`{}` is over the events of the window, which `[ ]` chooses", name),
                           "ask for it in `where`");
        return std::nullopt;
    }
    const std::size_t most = kind == Kind::quantile ? 2 : 1;
    const std::size_t least = kind == Kind::count ? 0 : most;
    if (call.arguments.size() < least || call.arguments.size() > most) {
        load_.report.error("E0304", span,
                           fmt::format("`{}` takes {}{} argument{}, not {}", name, least == most ? "" : "at most ", most,
                                       most == 1 ? "" : "s", call.arguments.size()),
                           kind == Kind::quantile ? "`quantile(field, 0.99)`" : "");
        return std::nullopt;
    }
    plan::Register reg;
    reg.kind = kind;
    reg.approximate = call.approximate;
    if (call.arguments.empty()) {
        return remember(reg, Type::integer);
    }
    if (scope_.rule->window == nullptr) {
        return std::nullopt;  // the stream is unknown, which has been reported
    }
    Scope inner = scope_;
    inner.event = scope_.rule->window;
    inner.window_aggregated = true;
    std::swap(inner, scope_);
    const auto over = operand({expr.file, call.arguments[0]});
    std::swap(inner, scope_);
    if (!over) {
        return std::nullopt;
    }
    const auto type = aggregate_type(kind, over->type);
    if (!type) {
        load_.report.error(
            "E0305", over->span,
            fmt::format("`{}` does not work on {}; {} is one", name, a_type(over->type), quoted(load_, over->span)),
            kind == Kind::count ? "`count()` counts events, `count(condition)` those that satisfy it" : "");
        return std::nullopt;
    }
    reg.value = over->id;
    if (kind == Kind::quantile && !share_of_quantile({expr.file, call.arguments[1]}, reg)) {
        return std::nullopt;
    }
    return remember(reg, *type);
}

/// `prev(name)`
Lowering::Result Lowering::window_before(ExprRef expr, const dsl::Call& call) {
    const Span span = (*expr).span;
    if (scope_.event != nullptr) {
        load_.report.error("E0216", span, "`prev(…)` is known when a window is judged", "ask for it in `where` or in a `let`");
        return std::nullopt;
    }
    const auto* named = call.arguments.size() == 1 ? std::get_if<dsl::PathExpr>(&(*expr.file)[call.arguments[0]].node) : nullptr;
    if (named == nullptr || named->path.parts.size() != 1) {
        load_.report.error("E0230", span, "`prev(name)` takes the name of a `let`",
                           "give the value a name: `let errors = count()`, then `prev(errors)`");
        return std::nullopt;
    }
    const std::string& name = named->path.parts.front();
    const std::vector<RuleNames::Named>& lets = scope_.rule->lets;
    const auto found = std::ranges::find(lets, name, &RuleNames::Named::name);
    if (found != lets.end()) {
        plan::Register reg;
        reg.kind = Kind::previous;
        reg.let = static_cast<std::uint32_t>(found - lets.begin());
        return found->value ? remember(reg, load_.builder.type(*found->value)) : std::nullopt;
    }
    const auto is_named = [&](const dsl::NamedExpr& let) { return let.name.text == name; };
    const bool later = std::ranges::any_of(scope_.rule->decl->lets, is_named);
    std::vector<std::string_view> known;
    std::ranges::transform(lets, std::back_inserter(known), [](const RuleNames::Named& let) -> std::string_view { return let.name; });
    load_.report.error("E0230", named->path.span,
                       later ? fmt::format("the `let` of `{}` does not come before this", name)
                             : fmt::format("no `let` is named `{}`", name),
                       later ? "`prev(…)` knows the `let`s that are written above it" : did_you_mean(name, known));
    return std::nullopt;
}

}  // namespace tocsin::compiler
