// `tocsin explain`: how a rule is run.
#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "command.hpp"
#include "explain.hpp"
#include "graphviz.hpp"
#include "limits_option.hpp"

namespace tocsin::cli {

namespace {

struct ExplainOptions {
    std::vector<std::string> arguments;
    std::vector<std::string> rules;
    std::vector<std::string> limits;
    std::string format{"text"};
};

Result<const plan::RulePlan*> find_rule(const plan::Program& program, const std::string& name) {
    const auto rule = std::find_if(program.rules.begin(), program.rules.end(),
                                   [&name](const plan::RulePlan& plan) { return plan.name == name; });
    if (rule != program.rules.end()) {
        return &*rule;
    }
    std::vector<std::string_view> names;
    for (const plan::RulePlan& plan : program.rules) {
        names.push_back(plan.name);
    }
    const std::string_view meant = nearest(name, names);
    return fail(Errc::invalid, meant.empty() ? fmt::format("no rule '{}' (there are {})", name, fmt::join(names, ", "))
                                             : fmt::format("no rule '{}'; did you mean '{}'?", name, meant));
}

ExitCode run_explain(ExplainOptions& options) {
    const auto limits = make_limits(options.limits);
    if (!limits) {
        return report(limits.error());
    }
    move_rule_paths(options.arguments, options.rules);
    if (options.arguments.size() != 1) {
        return report({Errc::invalid, "explain needs the name of one rule"});
    }
    const auto rules = load_to_run(options.rules, *limits);
    if (!rules) {
        return rules.error();
    }
    const auto rule = find_rule(*rules->program, options.arguments.front());
    if (!rule) {
        return report(rule.error());
    }
    if ((*rule)->window && (options.format == "svg" || options.format == "dot")) {
        return report({Errc::invalid, fmt::format("'{}' is a window, which has no automaton to draw", (*rule)->name)});
    }
    if (options.format == "svg") {
        const auto written = write_svg(explain_dot(**rule));
        return written ? ExitCode::fine : report(written.error());
    }
    if (options.format == "dot") {
        return print(explain_dot(**rule));
    }
    return print(options.format == "json" ? explain_json(*rules->program, **rule, *limits)
                                          : explain_text(*rules->program, **rule, *limits));
}

}  // namespace

void add_explain(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<ExplainOptions>();
    CLI::App* command = app.add_subcommand("explain", "Show how a rule is run: key, conditions, automaton, bound on state");
    command->add_option("RULE", options->arguments, "The rule's name")->required()->type_name("");
    add_rules_option(*command, options->rules);
    command->add_option("-f,--format", options->format, "text, graphviz' dot, a picture (needs graphviz), or JSON")
        ->check(CLI::IsMember({"text", "dot", "svg", "json"}))
        ->capture_default_str();
    add_limit_option(*command, options->limits);
    command->footer(
        "Examples:\n"
        "  tocsin explain guessed_password --rules rules/security\n"
        "  tocsin explain guessed_password --rules rules/security --format svg > rule.svg");
    command->callback([options, &exit_code] { exit_code = run_explain(*options); });
}

}  // namespace tocsin::cli
