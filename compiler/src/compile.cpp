#include <tocsin/compiler/compile.hpp>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

void remember_shown(Load& load, const Draft& draft) {
    Load::Shown& shown = load.shown[draft.names.decl];
    for (const plan::KeyPlan& key : draft.plan.key) {
        shown.values.emplace_back(key.name, key.type);
    }
    for (const auto* values : {&draft.plan.lets, &draft.plan.returns}) {
        for (const plan::NamedValue& value : *values) {
            shown.values.emplace_back(value.name, load.builder.type(value.value));
        }
    }
    for (const auto& [name, value] : draft.plan.labels) {
        shown.values.emplace_back(name, type_of(value));
    }
    for (const char* always : {"severity", "text", "first", "last"}) {
        shown.values.emplace_back(always, event::Type::string);
    }
    for (const StepName& step : draft.names.shape.names) {
        shown.steps.emplace_back(step.text, step.stream);
    }
}

/// The passes of a rule with `when`, in order. A rule with an error goes no further than it makes sense.
void lower_as_pattern(Load& load, Draft& draft) {
    draft.names.shape = Shape(*draft.names.file, draft.names.decl->when->value, load.symbols, load.report);
    lower_clauses(load, draft);
    lower_keys(load, draft);
    lower_conditions(load, draft);
    lower_pattern(load, draft);
    lower_values(load, draft);
    check_bounds(load, draft);
    lint_pattern(load, draft);
}

/// The passes of a rule with `window`, in order.
void lower_as_window(Load& load, Draft& draft) {
    draft.names.shape = Shape(*draft.names.decl->window, load.symbols, load.report);
    lower_clauses(load, draft);
    lower_window(load, draft);
    lower_keys(load, draft);
    lower_conditions(load, draft);
    lower_values(load, draft);
    lint_window(load, draft);
}

void lower_rule(Load& load, const dsl::File& file, const dsl::RuleDecl& rule) {
    if (!rule.when && !rule.window) {
        load.report.error("E0401", rule.name.span, "a rule needs a pattern or a window", "add `when`, or `window 5m on …`");
        return;
    }
    if (rule.when && rule.window) {
        load.report.error("E0412", rule.window->span, "a rule has `when` or `window`, not both", {},
                          {{rule.when->span, "`when` is here"}});
    }
    const std::size_t errors = load.report.errors();
    Draft draft;
    draft.names.decl = &rule;
    draft.names.file = &file;
    rule.when ? lower_as_pattern(load, draft) : lower_as_window(load, draft);
    if (load.report.errors() != errors) {
        return;
    }
    remember_shown(load, draft);
    // With an error anywhere there is no program to put it in, and a stream may lack what the version reads.
    if (draft.plan.mode != plan::Mode::off && load.report.errors() == 0) {
        draft.plan.version = version_of(load, draft);
        load.builder.program.rules.push_back(std::move(draft.plan));
    }
}

void hint_unused_definitions(Load& load) {
    for (const auto& [name, symbol] : load.symbols.in_order()) {
        if (symbol->kind == SymbolKind::define && !symbol->used) {
            load.report.hint("H0704", symbol->span, "nothing uses the definition `" + std::string(name) + "`");
        }
    }
}

}  // namespace

CompileResult compile(const SourceMap& sources, std::span<const dsl::File> files, const Limits& limits) {
    Load load(sources, files, limits);
    for (const dsl::File& file : files) {
        refuse_unsupported(load, file);
    }
    check_definitions(load);
    lower_streams(load);
    for (const dsl::File& file : files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            if (const auto* rule = std::get_if<dsl::RuleDecl>(&declaration)) {
                lower_rule(load, file, *rule);
            }
        }
    }
    check_lists(load);
    check_tests(load);
    hint_unused_definitions(load);

    CompileResult result;
    if (load.report.errors() == 0) {
        plan::Program program = std::move(load.builder.program);
        drop_unused(program);
        settle_kept_columns(program);
        result.program = std::make_shared<const plan::Program>(std::move(program));
    }
    result.diagnostics = load.report.take();
    return result;
}

}  // namespace tocsin::compiler
