// `tocsin backtest`: what a change of rules does to the alerts over recorded streams.
#include <algorithm>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <tocsin/alerts/sink.hpp>
#include <tocsin/base/time.hpp>

#include "backtest.hpp"
#include "backtest_report.hpp"
#include "command.hpp"
#include "inputs.hpp"
#include "junit.hpp"
#include "limits_option.hpp"

namespace tocsin::cli {

namespace {

using backtest::Side;

struct BacktestOptions {
    std::string before;
    std::string after;
    std::vector<std::string> inputs;
    std::string data;
    std::vector<std::string> renames;
    std::string labels;
    std::string grace;
    std::string format{"table"};
    std::string junit_file;
    std::string html_file;
    std::size_t examples{5};
    std::vector<std::string> fail_on;
    std::string from;
    std::string to;
    std::vector<std::string> limits;
    unsigned threads{0};  ///< 0: one a processor
    bool no_progress{false};
    BacktestPlan plan;
};

Result<backtest::Renames> parse_renames(const std::vector<std::string>& texts) {
    backtest::Renames renames;
    for (const std::string& text : texts) {
        const std::size_t sign = text.find('=');
        if (sign == std::string::npos || sign == 0 || sign + 1 == text.size()) {
            return fail(Errc::invalid, fmt::format("--rename '{}': write OLD=NEW", text));
        }
        if (!renames.emplace(text.substr(0, sign), text.substr(sign + 1)).second) {
            return fail(Errc::invalid, fmt::format("--rename: {} is renamed twice", text.substr(0, sign)));
        }
    }
    return renames;
}

Result<Duration> parse_grace(const std::string& text) {
    const auto grace = text.empty() ? std::optional(Duration(0)) : parse_duration(text);
    return grace && *grace >= Duration(0)
               ? Result<Duration>(*grace)
               : fail(Errc::invalid, fmt::format("--grace '{}' is no duration; write 30s, 5m or 1d", text));
}

FailOn fail_on_of(const std::vector<std::string>& words) {
    const auto named = [&](const char* word) { return std::ranges::find(words, word) != words.end(); };
    const bool any = named("any");
    return {any || named("added"), any || named("removed"), any || named("changed")};
}

Result<void> complete(BacktestOptions& options) {
    BacktestPlan& plan = options.plan;
    plan.rules = {{options.before, options.after}};
    plan.threads = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    plan.progress = !options.no_progress;
    plan.labels_file = options.labels.empty() ? std::nullopt : std::optional(options.labels);
    if (!options.grace.empty() && options.labels.empty()) {
        return fail(Errc::invalid, "--grace is about labels; name them with --labels");
    }
    const auto store = [](auto& target) { return [&target](auto value) { target = std::move(value); }; };
    return make_limits(options.limits)
        .map(store(plan.limits))
        .and_then([&] { return parse_bound("--from", options.from).map(store(plan.from)); })
        .and_then([&] { return parse_bound("--to", options.to).map(store(plan.to)); })
        .and_then([&] { return parse_grace(options.grace).map(store(plan.grace)); })
        .and_then([&] { return parse_renames(options.renames).map(store(plan.renames)); })
        .and_then([&] { return parse_choice(options.inputs, options.data).map(store(plan.inputs)); });
}

Result<void> write_file(const std::string& path, const std::string& text) {
    auto sink = alerts::FileSink::open(path);
    if (!sink) {
        return tl::unexpected(sink.error());
    }
    return sink->write(text).and_then([&] { return sink->close(); });
}

/// The reports that go to files.
Result<void> write_reports(const BacktestOptions& options, const BacktestResult& result, const RulePlaces& places,
                           const FailOn& fail_on) {
    if (!options.junit_file.empty()) {
        const FailOn any{true, true, true};
        const auto tests = backtest_tests(result, places, options.fail_on.empty() ? any : fail_on, options.examples);
        if (auto written = write_file(options.junit_file, junit_xml(tests)); !written) {
            return written;
        }
    }
    return options.html_file.empty() ? Result<void>{} : write_file(options.html_file, backtest_html(result, options.examples));
}

ExitCode run(BacktestOptions& options) {
    if (const auto completed = complete(options); !completed) {
        return report(completed.error());
    }
    // Both are looked at, so that all that is wrong is said at once.
    const auto before = load_to_run({options.before}, options.plan.limits);
    const auto after = load_to_run({options.after}, options.plan.limits);
    if (!before || !after) {
        return before ? after.error() : after ? before.error() : std::max(before.error(), after.error());
    }
    const auto result = run_backtest(options.plan, {{before->program, after->program}});
    if (!result) {
        return report(result.error());
    }
    const FailOn fail_on = fail_on_of(options.fail_on);
    RulePlaces places = places_of(*after);
    places.merge(places_of(*before));
    if (const auto written = write_reports(options, *result, places, fail_on); !written) {
        return report(written.error());
    }
    const ExitCode found = fail_on.found(result->comparison.total()) ? ExitCode::failed : ExitCode::fine;
    return print(options.format == "json" ? backtest_json(*result) : backtest_text(*result, options.examples),
                 std::max(found, result->exit_code));
}

void add_options(CLI::App& command, BacktestOptions& options) {
    command.add_option("OLD", options.before, "Rule file, or folder with .tocsin files: the rules as they are")
        ->required()
        ->type_name("");
    command.add_option("NEW", options.after, "The rules as they would be")->required()->type_name("");
    command.add_option("INPUT", options.inputs, "Recorded streams, as replay takes them")->type_name("");
    add_data_input(command, options.data);
    command.add_option("--rename", options.renames, "The rule OLD is NEW on the other side; may be repeated")
        ->type_name("OLD=NEW")
        ->allow_extra_args(false);
    command
        .add_option("--labels", options.labels,
                    "What should have been alerted on, as CSV or NDJSON: precision, recall, amounts")
        ->type_name("FILE");
    command.add_option("--grace", options.grace, "An alert that begins so long after a label still hits it (default 0s)")
        ->type_name("DURATION");
    command.add_option("-f,--format", options.format, "How the answer is written")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command
        .add_option("--junit", options.junit_file,
                    "Write a test a rule as JUnit's XML; it fails on what --fail-on names, or on any")
        ->type_name("FILE");
    command.add_option("--html", options.html_file, "Write a page with plots that needs nothing else")->type_name("FILE");
    command
        .add_option("--examples", options.examples,
                    "Alerts shown of each kind in the table, the page and JUnit's XML; JSON has all")
        ->check(CLI::Range(0, 1'000'000))
        ->type_name("NUMBER")
        ->capture_default_str();
    command
        .add_option("--fail-on", options.fail_on, "End with 1 if there are such differences; several, with commas or repeated")
        ->check(CLI::IsMember({"added", "removed", "changed", "any"}))
        ->delimiter(',')
        ->allow_extra_args(false);
    command.add_option("--from", options.from, "Pass over events before this time")->type_name("TIME");
    command.add_option("--to", options.to, "Pass over events at or after this time")->type_name("TIME");
    command
        .add_option("--threads", options.threads, "Threads; default: one a processor. The answer is the same for any number")
        ->check(CLI::Range(1, 1024))
        ->type_name("NUMBER");
    command.add_flag("--strict", options.plan.strict, "End with an error at the first record that cannot be read");
    command.add_flag("--no-progress", options.no_progress, "No progress line");
    add_limit_option(command, options.limits);
}

}  // namespace

void add_backtest(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<BacktestOptions>();
    CLI::App* command = app.add_subcommand("backtest", "Compare the alerts of two versions of rules over recorded streams");
    add_options(*command, *options);
    command->footer(
        "Examples:\n"
        "  tocsin backtest rules/fraud new/fraud january.ndjson.gz\n"
        "  tocsin backtest old.tocsin new.tocsin --data tocsin-data --labels chargebacks.csv --html report.html\n"
        "  tocsin backtest main/rules rules sample.ndjson --fail-on removed,changed --junit backtest.xml");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace tocsin::cli
