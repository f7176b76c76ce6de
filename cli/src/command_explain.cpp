// `tocsin explain`: how a rule is run, and why it alerted or did not.
#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "command.hpp"
#include "explain.hpp"
#include "graphviz.hpp"
#include "inputs.hpp"
#include "limits_option.hpp"
#include "why.hpp"

namespace tocsin::cli {

namespace {

struct ExplainOptions {
    std::vector<std::string> arguments;
    std::vector<std::string> rules;
    std::vector<std::string> limits;
    std::string format{"text"};
    bool why{false};
    std::string key;
    std::string event;
    std::string from;
    std::string to;
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

Result<WhyQuestion> make_question(const ExplainOptions& options, const Limits& limits) {
    if (options.format != "text" && options.format != "json") {
        return fail(Errc::invalid, "--why is told as text or JSON");
    }
    WhyQuestion question{.inputs = {},
                         .key = options.key,
                         .event = options.event,
                         .from = {},
                         .to = {},
                         .json = options.format == "json",
                         .limits = limits};
    const auto store = [](auto& target) { return [&target](auto value) { target = std::move(value); }; };
    return parse_inputs({options.arguments.begin() + 1, options.arguments.end()})
        .map(store(question.inputs))
        .and_then([&] { return parse_bound("--from", options.from).map(store(question.from)); })
        .and_then([&] { return parse_bound("--to", options.to).map(store(question.to)); })
        .map([&] { return std::move(question); });
}

ExitCode run_why(const plan::Program& program, const plan::RulePlan& rule, const ExplainOptions& options,
                 const Limits& limits) {
    const auto question = make_question(options, limits);
    return question ? explain_why(program, rule, *question) : report(question.error());
}

ExitCode run_explain(ExplainOptions& options) {
    const auto limits = make_limits(options.limits);
    if (!limits) {
        return report(limits.error());
    }
    move_rule_paths(options.arguments, options.rules);
    if (options.arguments.empty() || (options.arguments.size() > 1 && !options.why)) {
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
    if (options.why) {
        return run_why(*rules->program, **rule, options, *limits);
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
    CLI::App* command = app.add_subcommand("explain", "Show how a rule is run, or why it alerted or did not");
    command->add_option("RULE", options->arguments, "The rule's name; with --why the inputs behind it, as replay takes them")
        ->required()
        ->type_name("");
    add_rules_option(*command, options->rules);
    command->add_option("-f,--format", options->format, "text, graphviz' dot, a picture (needs graphviz), or JSON")
        ->check(CLI::IsMember({"text", "dot", "svg", "json"}))
        ->capture_default_str();
    CLI::Option* why = command->add_flag(
        "--why", options->why, "Run the rule over the inputs and tell how far it came for one key, and what was missing");
    CLI::Option* key = command->add_option("--key", options->key, "With --why: the key, as user=ann,ip=10.0.0.7")
                           ->type_name("NAME=VALUE")
                           ->needs(why);
    command
        ->add_option("--event", options->event,
                     "With --why: the key of this event, 17 or logins.ndjson:17, and what became of it")
        ->type_name("OFFSET")
        ->needs(why)
        ->excludes(key);
    command->add_option("--from", options->from, "With --why: pass over events before this time")
        ->type_name("TIME")
        ->needs(why);
    command->add_option("--to", options->to, "With --why: pass over events at or after this time")
        ->type_name("TIME")
        ->needs(why);
    add_limit_option(*command, options->limits);
    command->footer(
        "Examples:\n"
        "  tocsin explain guessed_password --rules rules/security\n"
        "  tocsin explain guessed_password --rules rules/security --format svg > rule.svg\n"
        "  tocsin explain guessed_password --rules rules/security --why --key user=ann auth.ndjson\n"
        "  tocsin explain guessed_password --rules rules/security --why --event 17 auth.ndjson");
    command->callback([options, &exit_code] { exit_code = run_explain(*options); });
}

}  // namespace tocsin::cli
