// `tocsin replay`: recorded streams through rules.
#include <algorithm>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "command.hpp"
#include "inputs.hpp"
#include "limits_option.hpp"
#include "pacer.hpp"
#include "replay.hpp"
#include "terminal.hpp"

namespace tocsin::cli {

namespace {

struct ReplayOptions {
    std::vector<std::string> rules;
    std::vector<std::string> inputs;
    std::string data;
    std::string format;
    std::string from;
    std::string to;
    std::string speed;
    std::string summary_file;
    std::string late_file;
    bool no_progress{false};
    std::vector<std::string> limits;
    unsigned threads{0};  ///< 0: one a processor
    ReplayPlan plan;
};

AlertFormat chosen_format(const std::string& name) {
    if (name.empty()) {
        return is_terminal(Stream::output) ? AlertFormat::table : AlertFormat::ndjson;
    }
    return name == "table" ? AlertFormat::table : name == "none" ? AlertFormat::none : AlertFormat::ndjson;
}

Result<void> complete(ReplayOptions& options) {
    ReplayPlan& plan = options.plan;
    const auto optional_text = [](const std::string& text) {
        return text.empty() ? std::nullopt : std::optional<std::string>(text);
    };
    plan.format = chosen_format(options.format);
    plan.progress = !options.no_progress;
    plan.threads = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    plan.summary_file = optional_text(options.summary_file);
    plan.late_file = optional_text(options.late_file);
    move_rule_paths(options.inputs, options.rules);
    const auto store = [](auto& target) { return [&target](auto value) { target = std::move(value); }; };
    return make_limits(options.limits)
        .map(store(plan.limits))
        .and_then([&] { return parse_bound("--from", options.from).map(store(plan.from)); })
        .and_then([&] { return parse_bound("--to", options.to).map(store(plan.to)); })
        .and_then([&] { return options.speed.empty() ? Result<void>{} : parse_speed(options.speed).map(store(plan.speed)); })
        .and_then([&] { return parse_choice(options.inputs, options.data).map(store(plan.inputs)); });
}

ExitCode run_replay(ReplayOptions& options) {
    if (const auto completed = complete(options); !completed) {
        return report(completed.error());
    }
    const auto rules = load_to_run(options.rules, options.plan.limits);
    return rules ? replay(options.plan, *rules) : rules.error();
}

void add_options(CLI::App& command, ReplayOptions& options) {
    ReplayPlan& plan = options.plan;
    command
        .add_option("INPUT", options.inputs,
                    "NDJSON or CSV files, plain, .gz or .zst; - is standard input (the default when piped). NAME=PATH names an "
                    "input in alerts. Several inputs are merged by event time")
        ->type_name("");
    add_rules_option(command, options.rules);
    add_data_input(command, options.data);
    command.add_option("-f,--format", options.format, "How alerts are written; default: table on a terminal, else ndjson")
        ->check(CLI::IsMember({"table", "ndjson", "none"}));
    command.add_option("--summary", options.summary_file, "Write the summary as JSON")->type_name("FILE");
    command.add_option("--late", options.late_file, "Write too-late records here, not among the alerts")->type_name("FILE");
    command.add_option("--from", options.from, "Pass over events before this time")->type_name("TIME");
    command.add_option("--to", options.to, "Pass over events at or after this time")->type_name("TIME");
    command.add_option("--speed", options.speed, "Pace by event time: 1x as it was, 10x ten times faster")
        ->type_name("NUMBERx");
    command
        .add_option("--threads", options.threads, "Threads; default: one a processor. The output is the same for any number")
        ->check(CLI::Range(1, 1024))
        ->type_name("NUMBER");
    command.add_option("--batch", plan.batch, "Records handled at once, at most (the output is the same for any number)")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("NUMBER")
        ->capture_default_str();
    command.add_flag("--strict", plan.strict, "End with an error at the first record that cannot be read");
    command.add_flag("-q,--quiet", plan.quiet, "No summary and no progress");
    command.add_flag("--no-progress", options.no_progress, "No progress line");
    add_limit_option(command, options.limits);
}

}  // namespace

void add_replay(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<ReplayOptions>();
    CLI::App* command = app.add_subcommand("replay", "Run rules over recorded streams and write alerts");
    add_options(*command, *options);
    command->footer(
        "Alerts go to standard output, everything else to standard error. NO_COLOR switches colour off.\n"
        "Examples:\n"
        "  tocsin replay --rules rules/security auth.ndjson\n"
        "  zcat day.ndjson.gz | tocsin replay -r my.tocsin -f ndjson - | jq .text\n"
        "  tocsin replay -r rules/ logins=a.csv.zst payments=b.ndjson.gz --summary run.json --late late.ndjson\n"
        "  tocsin replay -r my.tocsin --from 2026-11-23T10:00:00Z --speed 60x auth.ndjson");
    command->callback([options, &exit_code] { exit_code = run_replay(*options); });
}

}  // namespace tocsin::cli
