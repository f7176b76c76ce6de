#include <tocsin/compiler/compile.hpp>

#include <algorithm>

#include <tocsin/compiler/bounds.hpp>

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

/// A rule that has been compiled, and where it stands among all.
struct Made {
    std::size_t place;
    plan::RulePlan plan;
};

/// The alerts that other rules read as a stream, whose maker is the rule's place until all rules have their numbers.
void show_alerts(Load& load, const RuleRef& ref, const Draft& draft) {
    const std::size_t errors = load.report.errors();
    const Stream& stream = make_alerts(load, draft);
    lower_made(load, stream, static_cast<std::uint32_t>(ref.place));
    if (load.report.errors() == errors) {
        load.symbols.find(ref.decl->name.text)->events = &stream;
    }
}

/// How long before the watermark a match can still be judged, and look into tables.
Duration look_back(const plan::RulePlan& rule) {
    if (rule.tables.empty()) {
        return Duration(0);
    }
    if (rule.window) {
        return rule.window->size;
    }
    return rule.within.value_or(longest_wait(rule.automaton).value_or(Duration(0)));
}

/// The passes of a rule with `when`, in order. A rule with an error goes no further than it makes sense.
void lower_as_pattern(Load& load, Draft& draft) {
    draft.names.shape = Shape(*draft.names.file, draft.names.decl->when->value, load.symbols, load.report);
    lower_clauses(load, draft);
    lower_lookups(load, draft);
    lower_keys(load, draft);
    settle_clock(load, draft);
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
    lower_lookups(load, draft);
    lower_window(load, draft);
    lower_keys(load, draft);
    settle_clock(load, draft);
    lower_conditions(load, draft);
    lower_values(load, draft);
    lint_window(load, draft);
}

void lower_rule(Load& load, const RuleRef& ref, std::vector<Made>& made) {
    const dsl::RuleDecl& rule = *ref.decl;
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
    draft.names.file = ref.file;
    rule.when ? lower_as_pattern(load, draft) : lower_as_window(load, draft);
    if (load.report.errors() != errors) {
        return;
    }
    remember_shown(load, draft);
    draft.plan.look_back = look_back(draft.plan);
    // With an error anywhere there is no program to put it in, and a stream may lack what the version reads.
    if (load.report.errors() == 0) {
        draft.plan.version = version_of(load, draft);
    }
    if (ref.read) {
        show_alerts(load, ref, draft);
    }
    if (draft.plan.mode != plan::Mode::off) {
        made.push_back({ref.place, std::move(draft.plan)});
    }
}

/// Rules are numbered as they are written, whatever order they were compiled in.
void number_rules(plan::Program& program, std::vector<Made> made) {
    std::ranges::sort(made, {}, &Made::place);
    for (plan::StreamPlan& stream : program.streams) {
        if (stream.origin == plan::StreamPlan::Origin::alerts) {
            stream.maker = static_cast<std::uint32_t>(std::ranges::find(made, stream.maker, &Made::place) - made.begin());
        }
    }
    std::ranges::transform(made, std::back_inserter(program.rules), [](Made& one) { return std::move(one.plan); });
}

/// With an error somewhere, what would use it may be what could not be read.
void hint_unused(Load& load) {
    if (load.report.errors() != 0) {
        return;
    }
    for (const auto& [name, symbol] : load.symbols.in_order()) {
        if (symbol->kind == SymbolKind::define && !symbol->used) {
            load.report.hint("H0704", symbol->span, "nothing uses the definition `" + std::string(name) + "`");
        } else if (symbol->kind == SymbolKind::list && !symbol->used) {
            load.report.hint("H0703", symbol->span, "no condition uses the list `" + std::string(name) + "`");
        }
    }
}

}  // namespace

CompileResult compile(const SourceMap& sources, std::span<const dsl::File> files, const Limits& limits, const ListReader& read_list) {
    Load load(sources, files, limits, read_list);
    if (!std::ranges::all_of(files, &dsl::File::whole)) {
        load.report.follow_up();
    }
    check_definitions(load);
    lower_streams(load);
    lower_tables(load);
    std::vector<Made> made;
    for (const RuleRef& rule : rules_in_order(load)) {
        lower_rule(load, rule, made);
    }
    check_lists(load);
    check_tests(load);
    hint_unused(load);

    CompileResult result;
    if (load.report.errors() == 0) {
        plan::Program program = std::move(load.builder.program);
        number_rules(program, std::move(made));
        drop_unused(program);
        settle_kept_columns(program);
        result.program = std::make_shared<const plan::Program>(std::move(program));
    }
    result.diagnostics = load.report.take();
    return result;
}

}  // namespace tocsin::compiler
