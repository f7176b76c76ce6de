// `tocsin advise`: which slack a recording needs.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "advise.hpp"
#include "command.hpp"
#include "inputs.hpp"
#include "limits_option.hpp"

namespace tocsin::cli {

namespace {

struct AdviseOptions {
    std::vector<std::string> inputs;
    std::vector<std::string> rules;
    std::vector<std::string> slacks;
    std::vector<std::string> limits;
    std::string format{"text"};
    AdvisePlan plan;
};

Result<std::vector<Duration>> parse_slacks(const std::vector<std::string>& texts) {
    std::vector<Duration> slacks;
    for (const std::string& text : texts) {
        const auto slack = parse_duration(text);
        if (!slack) {
            return fail(Errc::invalid, fmt::format("--slack '{}' is no duration; write 500ms, 30s, 5m, 2h or 1d", text));
        }
        slacks.push_back(*slack);
    }
    return slacks;
}

Result<void> complete(AdviseOptions& options) {
    AdvisePlan& plan = options.plan;
    plan.json = options.format == "json";
    move_rule_paths(options.inputs, options.rules);
    const auto store = [](auto& target) { return [&target](auto value) { target = std::move(value); }; };
    return make_limits(options.limits)
        .map(store(plan.limits))
        .and_then([&] { return parse_slacks(options.slacks).map(store(plan.slacks)); })
        .and_then([&] { return parse_inputs(options.inputs).map(store(plan.inputs)); });
}

ExitCode run_advise(AdviseOptions& options) {
    if (const auto completed = complete(options); !completed) {
        return report(completed.error());
    }
    if (options.rules.empty()) {
        return advise(options.plan, nullptr);
    }
    const auto rules = load_to_run(options.rules, options.plan.limits);
    return rules ? advise(options.plan, rules->program) : rules.error();
}

}  // namespace

void add_advise(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<AdviseOptions>();
    CLI::App* command = app.add_subcommand("advise", "Show how far a recording is out of order, and which slack covers it");
    command
        ->add_option(
            "INPUT", options->inputs,
            "NDJSON or CSV files, plain, .gz or .zst; - is standard input (the default when piped). NAME=PATH names an "
            "input. Several inputs are merged by event time")
        ->type_name("");
    add_rules_option(*command, options->rules)
        ->required(false)
        ->description(
            "Rule file, or folder with .tocsin files, that declares the streams; without one all records are one "
            "stream, and the field of their time is inferred");
    command->add_option("--slack", options->slacks, "Tell how many events this slack leaves too late; several, with commas")
        ->type_name("DURATION")
        ->delimiter(',')
        ->allow_extra_args(false);
    command->add_option("-f,--format", options->format, "How the answer is written")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->add_flag("--strict", options->plan.strict, "End with an error at the first record that cannot be read");
    add_limit_option(*command, options->limits);
    command->footer(
        "Examples:\n"
        "  tocsin advise auth.ndjson\n"
        "  tocsin advise --rules my.tocsin --slack 5s,30s auth.ndjson.gz\n"
        "  zcat day.ndjson.gz | tocsin advise -f json - | jq '.streams[].least'");
    command->callback([options, &exit_code] { exit_code = run_advise(*options); });
}

}  // namespace tocsin::cli
