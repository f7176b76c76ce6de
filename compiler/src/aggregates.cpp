// What a run or a match remembers of the events that its steps took: `last(b).x`, `sum(b.amount)`. Each becomes a register,
// equal ones the same.

#include <algorithm>

#include <fmt/format.h>

#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;
using Kind = plan::Register::Kind;

struct Aggregate {
    std::string_view name;
    Kind kind;
};
constexpr Aggregate kAggregates[] = {
    {"first", Kind::first},       {"last", Kind::last},         {"count", Kind::count}, {"sum", Kind::sum},
    {"avg", Kind::avg},           {"min", Kind::min},           {"max", Kind::max},     {"stddev", Kind::stddev},
    {"distinct", Kind::distinct}, {"quantile", Kind::quantile},
};

}  // namespace

std::optional<Type> aggregate_type(Kind kind, Type type) {
    const bool counted = is_number(type) || type == Type::duration;
    switch (kind) {
        case Kind::first:
        case Kind::last: return type;
        case Kind::count: return type == Type::boolean ? std::optional(Type::integer) : std::nullopt;
        case Kind::distinct: return Type::integer;
        case Kind::sum:
        case Kind::quantile: return counted ? std::optional(type) : std::nullopt;
        case Kind::avg: return !counted ? std::nullopt : std::optional(is_number(type) ? Type::floating : type);
        case Kind::stddev: return is_number(type) ? std::optional(Type::floating) : std::nullopt;
        case Kind::min:
        case Kind::max: return type == Type::boolean ? std::nullopt : std::optional(type);
        case Kind::previous: return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Kind> aggregate_kind(std::string_view function) {
    const auto* found = std::ranges::find(kAggregates, function, &Aggregate::name);
    return found == std::end(kAggregates) ? std::nullopt : std::optional(found->kind);
}

bool is_aggregate(std::string_view function) { return aggregate_kind(function).has_value(); }

Lowering::Result Lowering::remember(plan::Register reg, Type type) {
    std::vector<plan::Register>& registers = *scope_.registers;
    auto found = std::ranges::find(registers, reg);
    if (found == registers.end()) {
        registers.push_back(reg);
        found = registers.end() - 1;
    }
    const auto index = static_cast<std::uint32_t>(found - registers.begin());
    return load_.builder.add({type, plan::RegisterRef{plan::RegisterId{index}}});
}

/// `b`, where b is a step.
std::optional<std::uint32_t> Lowering::whole_step(const dsl::File& file, dsl::ExprId id) const {
    const auto* bare = std::get_if<dsl::PathExpr>(&file[id].node);
    if (bare == nullptr || bare->path.parts.size() != 1 || scope_.rule == nullptr) {
        return std::nullopt;
    }
    return scope_.rule->shape.find_name(bare->path.parts.front());
}

void Lowering::NamedSteps::add(const dsl::Path& path, std::optional<std::uint32_t> name) {
    if (!name) {
        unknown = unknown == nullptr ? &path : unknown;
    } else if (std::ranges::find(steps, *name) == steps.end()) {
        steps.push_back(*name);
    }
}

/// The steps whose fields an expression names, definitions in it included.
Lowering::NamedSteps Lowering::named_steps(ExprRef root) {
    NamedSteps found;
    std::vector<ExprRef> open{root};
    std::vector<const Symbol*> seen;
    while (!open.empty()) {
        const ExprRef at = open.back();
        open.pop_back();
        const auto visit = [&](dsl::ExprId id) { open.push_back({at.file, id}); };
        const dsl::Expr& node = *at;
        if (const auto* bare = std::get_if<dsl::PathExpr>(&node.node)) {
            const std::string& head = bare->path.parts.front();
            const Symbol* symbol = load_.symbols.peek(head);
            if (bare->path.parts.size() > 1) {
                found.add(bare->path, scope_.rule->shape.find_name(head));
            } else if (symbol != nullptr && symbol->kind == SymbolKind::define &&
                       std::ranges::find(seen, symbol) == seen.end()) {
                seen.push_back(symbol);
                open.push_back({symbol->file, std::get<dsl::DefineDecl>(*symbol->declaration).expr});
            }
        } else if (const auto* unary = std::get_if<dsl::Unary>(&node.node)) {
            visit(unary->operand);
        } else if (const auto* operation = std::get_if<dsl::Binary>(&node.node)) {
            visit(operation->right);
            visit(operation->left);
        } else if (const auto* called = std::get_if<dsl::Call>(&node.node)) {
            std::for_each(called->arguments.rbegin(), called->arguments.rend(), visit);
        } else if (const auto* in = std::get_if<dsl::In>(&node.node)) {
            visit(in->value);
            if (const auto* items = std::get_if<std::vector<dsl::ExprId>>(&in->set)) {
                std::for_each(items->rbegin(), items->rend(), visit);
            }
        }
    }
    return found;
}

/// The one step that an aggregate is over.
std::optional<std::uint32_t> Lowering::aggregated_step(const dsl::File& file, const dsl::Call& call) {
    if (const auto whole = whole_step(file, call.arguments[0])) {
        return whole;
    }
    const auto [steps, unknown] = named_steps({&file, call.arguments[0]});
    if (steps.size() == 1) {
        return steps.front();
    }
    const Span span = file[call.arguments[0]].span;
    const std::string& name = call.function.text;
    if (!steps.empty()) {
        load_.report.error("E0318", span, fmt::format("`{}` is over one step; this names {}", name, steps.size()));
        return std::nullopt;
    }
    const auto* bare = std::get_if<dsl::PathExpr>(&file[call.arguments[0]].node);
    std::string hint = fmt::format("name the step's fields, as in `{}(step.field)`", name);
    if (unknown != nullptr) {
        load_.report.error("E0206", unknown->span, fmt::format("there is no step `{}`", unknown->parts.front()),
                           did_you_mean(unknown->parts.front(), scope_.rule->shape.step_names(), std::move(hint)));
        return std::nullopt;
    }
    if (bare != nullptr) {
        for (const StepName& step : scope_.rule->shape.names) {
            if (step.stream != nullptr && step.stream->field(bare->path.parts) != nullptr) {
                hint = fmt::format("say which step's: `{}({}.{})`", name, step.text, bare->path.parts.front());
                break;
            }
        }
        hint = did_you_mean(bare->path.parts.front(), scope_.rule->shape.step_names(), std::move(hint));
    }
    load_.report.error("E0318", span,
                       fmt::format("`{}` is over a step of the pattern; {} names none", name, quoted(load_, span)),
                       std::move(hint));
    return std::nullopt;
}

Lowering::Result Lowering::aggregate(ExprRef expr, const dsl::Call& call) {
    if (over_window()) {
        return window_aggregate(expr, call);
    }
    const Kind kind = *aggregate_kind(call.function.text);
    const Span span = (*expr).span;
    if (scope_.rule == nullptr || scope_.aggregated) {
        load_.report.error("E0216", span,
                           scope_.aggregated
                               ? fmt::format("`{}` inside another aggregate", call.function.text)
                               : fmt::format("`{}` is over the steps of a rule; there are none here", call.function.text));
        return std::nullopt;
    }
    const std::size_t wanted = kind == Kind::quantile ? 2 : 1;
    if (call.arguments.size() != wanted) {
        load_.report.error("E0304", span,
                           fmt::format("`{}` takes {} argument{}, not {}", call.function.text, wanted, wanted == 1 ? "" : "s",
                                       call.arguments.size()),
                           kind == Kind::count ? "`count(step)` counts the events of a step" : "");
        return std::nullopt;
    }
    const auto step = aggregated_step(*expr.file, call);
    if (!step) {
        return std::nullopt;
    }
    plan::Register reg{kind, *step, std::nullopt, 0};
    if (whole_step(*expr.file, call.arguments[0])) {
        if (kind != Kind::count) {
            load_.report.error(
                "E0305", span, fmt::format("`{}` wants a field of the step", call.function.text),
                kind == Kind::first || kind == Kind::last
                    ? fmt::format("write `{}({}).field`", call.function.text, scope_.rule->shape.names[*step].text)
                    : fmt::format("write `{}({}.field)`", call.function.text, scope_.rule->shape.names[*step].text));
            return std::nullopt;
        }
        return visible(*step, span) ? remember(reg, Type::integer) : std::nullopt;
    }
    Scope inner = scope_;
    inner.event = nullptr;
    inner.aggregated = *step;
    std::swap(inner, scope_);
    const auto over = operand({expr.file, call.arguments[0]});
    std::swap(inner, scope_);
    const bool seen = visible(*step, span);
    if (!over || !seen) {
        return std::nullopt;
    }
    const auto type = aggregate_type(kind, over->type);
    if (!type) {
        load_.report.error("E0305", over->span,
                           fmt::format("`{}` does not work on {}; {} is one", call.function.text, a_type(over->type),
                                       quoted(load_, over->span)),
                           kind == Kind::count ? "`count(step)` counts events, `count(condition)` those that satisfy it" : "");
        return std::nullopt;
    }
    reg.value = over->id;
    if (kind == Kind::quantile && !share_of_quantile({expr.file, call.arguments[1]}, reg)) {
        return std::nullopt;
    }
    return remember(reg, *type);
}

bool Lowering::share_of_quantile(ExprRef share, plan::Register& reg) {
    const auto literal = literal_constant(*share.file, share.id);
    const event::Value number = literal ? literal->view() : event::Value();
    if (!number.is_number() || number.to_double() < 0 || number.to_double() > 1) {
        load_.report.error("E0305", (*share).span, "the share of a quantile is a number from 0 to 1");
        return false;
    }
    reg.parameter = number.to_double();
    return true;
}

/// `first(b).x`, `last(b).x`
Lowering::Result Lowering::member(ExprRef expr, const dsl::Member& of) {
    const Span span = (*expr).span;
    if (over_window()) {
        load_.report.error("E0216", span, "a window has no steps", "write `first(field)` and `last(field)`");
        return std::nullopt;
    }
    const auto* called = std::get_if<dsl::Call>(&(*expr.file)[of.base].node);
    const bool ends = called != nullptr && (called->function.text == "first" || called->function.text == "last");
    const auto step = ends && called->arguments.size() == 1 && !scope_.aggregated ? whole_step(*expr.file, called->arguments[0])
                                                                                  : std::nullopt;
    if (!step) {
        const auto* bare = ends && called->arguments.size() == 1
                               ? std::get_if<dsl::PathExpr>(&(*expr.file)[called->arguments[0]].node)
                               : nullptr;
        if (bare != nullptr && scope_.rule != nullptr && bare->path.parts.size() == 1 && !scope_.aggregated) {
            load_.report.error("E0206", bare->path.span, fmt::format("there is no step `{}`", bare->path.parts.front()),
                               did_you_mean(bare->path.parts.front(), scope_.rule->shape.step_names()));
        } else {
            load_.report.error("E0216", span, "a field can only be taken of `first(step)` and `last(step)` here");
        }
        return std::nullopt;
    }
    const Stream* stream = scope_.rule->shape.names[*step].stream;
    const StreamField* field = stream == nullptr ? nullptr : stream->field(of.path.parts);
    if (field == nullptr) {
        if (stream != nullptr && !stream->incomplete) {
            unknown_field(*stream, of.path.parts, of.path.span, {});
        }
        return std::nullopt;
    }
    if (!visible(*step, span)) {
        return std::nullopt;
    }
    const plan::ExprId column = load_.builder.column(stream->column(*field));
    const Kind kind = called->function.text == "first" ? Kind::first : Kind::last;
    return remember({kind, *step, column, 0}, field->type);
}

}  // namespace tocsin::compiler
