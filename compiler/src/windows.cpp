// A window rule: the window itself, the clauses that do not go with one, and what looks like a mistake.

#include <algorithm>

#include <fmt/format.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

plan::WindowPlan::Kind lowered(dsl::Window::Kind kind) {
    switch (kind) {
        case dsl::Window::Kind::tumbling:
        case dsl::Window::Kind::hopping: return plan::WindowPlan::Kind::fixed;
        case dsl::Window::Kind::sliding: return plan::WindowPlan::Kind::sliding;
        case dsl::Window::Kind::session: return plan::WindowPlan::Kind::session;
    }
    return plan::WindowPlan::Kind::fixed;
}

/// Clauses that say how a pattern is matched mean nothing here.
void refuse_pattern_clauses(Load& load, const dsl::RuleDecl& rule) {
    const auto refuse = [&](Span span, std::string_view clause, std::string hint) {
        load.report.error("E0420", span, fmt::format("`{}` is for patterns; a window has none", clause), std::move(hint),
                          {{rule.window->span, "the window is here"}});
    };
    if (rule.within) {
        refuse(rule.within->span, "within", "the window's own size bounds it: leave `within` out");
    }
    if (rule.skip) {
        refuse(rule.skip->span, "skip", "`overlap none` empties a sliding window at each alert");
    }
    if (!rule.overlap) {
        return;
    }
    if (rule.overlap->value != dsl::Overlap::none) {
        refuse(rule.overlap->span, rule.overlap->value == dsl::Overlap::all ? "overlap all" : "overlap ends", "leave it out");
    } else if (rule.window->kind != dsl::Window::Kind::sliding) {
        load.report.error("E0421", rule.overlap->span, "`overlap none` is for sliding windows: it empties one at each alert",
                          "leave it out", {{rule.window->span, "this window does not slide"}});
    }
}

/// How many windows hold one event.
std::int64_t windows_per_event(const plan::WindowPlan& window) {
    return (window.size.count() + window.every.count() - 1) / window.every.count();
}

bool check_durations(Load& load, const plan::WindowPlan& window, Span span) {
    const auto wrong = [&](std::string message, std::string hint) {
        load.report.error("E0422", span, std::move(message), std::move(hint));
        return false;
    };
    if (window.size <= Duration(0)) {
        return wrong("a window of no length holds no event", "give it a size: `window 5m on …`");
    }
    if (window.kind != plan::WindowPlan::Kind::fixed) {
        return true;
    }
    if (window.every <= Duration(0)) {
        return wrong("windows that start every 0s never end", "give the step a length: `every 1m`");
    }
    if (window.every > window.size) {
        return wrong(fmt::format("windows of {} every {} leave gaps: events between them would be in none",
                                 format_duration(window.size), format_duration(window.every)),
                     "`every` is at most the size");
    }
    if (static_cast<std::uint64_t>(windows_per_event(window)) > load.limits.windows_per_event) {
        return wrong(fmt::format("each event would be in {} windows; {} is the most", windows_per_event(window),
                                 load.limits.windows_per_event),
                     "a larger `every`, or a `sliding` window");
    }
    return true;
}

bool is_bare_count(const plan::RulePlan& rule, const plan::Expr& expr) {
    const auto* ref = std::get_if<plan::RegisterRef>(&expr.node);
    if (ref == nullptr) {
        return false;
    }
    const plan::Register& reg = rule.match_registers[static_cast<std::size_t>(ref->index)];
    return reg.kind == plan::Register::Kind::count && !reg.value;
}

/// `count() = 0`, or the same of a `let` that is it.
bool asks_for_silence(const Load& load, const plan::RulePlan& rule) {
    std::vector<plan::ExprId> open{*rule.where};
    while (!open.empty()) {
        const plan::Expr& expr = load.builder[open.back()];
        open.pop_back();
        const auto* apply = std::get_if<plan::Apply>(&expr.node);
        if (apply == nullptr) {
            continue;
        }
        open.insert(open.end(), apply->arguments.begin(), apply->arguments.end());
        const auto counts = [&](plan::ExprId id) {
            const auto* let = std::get_if<plan::LetRef>(&load.builder[id].node);
            return is_bare_count(rule, load.builder[let == nullptr ? id : rule.lets[let->index].value]);
        };
        const auto is_zero = [&](plan::ExprId id) {
            const plan::Constant* constant = load.builder.constant_value(id);
            return constant != nullptr && constant->value == decltype(constant->value){std::int64_t{0}};
        };
        const bool two = apply->op == plan::Op::equal && apply->arguments.size() == 2;
        if (two && ((counts(apply->arguments[0]) && is_zero(apply->arguments[1])) ||
                    (counts(apply->arguments[1]) && is_zero(apply->arguments[0])))) {
            return true;
        }
    }
    return false;
}

}  // namespace

void lower_window(Load& load, Draft& draft) {
    const dsl::RuleDecl& rule = *draft.names.decl;
    const dsl::Window& written = *rule.window;
    refuse_pattern_clauses(load, rule);
    draft.names.window = draft.names.shape.places.front().stream;
    const plan::WindowPlan window{lowered(written.kind), written.size, written.every.value_or(written.size), written.keep};
    if (check_durations(load, window, written.span)) {
        draft.plan.window = window;
    }
}

void lint_window(Load& load, Draft& draft) {
    if (!draft.plan.window) {
        return;
    }
    const plan::WindowPlan& window = *draft.plan.window;
    const Span span = draft.names.decl->window->span;
    if (window.keep && *window.keep <= window.size) {
        load.report.warning("W0620", span, "`for` is not longer than the window: no window is ever judged empty",
                            "`for` says how long after its last event a key still has windows");
    }
    if (!draft.names.decl->where) {
        load.report.hint("H0720", span, "without `where` every window that holds an event is an alert");
    } else if (draft.plan.where && !window.keep && asks_for_silence(load, draft.plan)) {
        const bool fixed = window.kind == plan::WindowPlan::Kind::fixed;
        load.report.warning("W0621", draft.names.decl->where->span, "a window without events is not judged: its count is never 0",
                            fixed ? "`for 1h` judges the windows of every key that was seen in the last hour"
                                  : "`window 5m for 1h on …` judges empty windows too");
    }
}

}  // namespace tocsin::compiler
