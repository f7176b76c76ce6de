// `tocsin generate`: sample streams with incidents planted in them, and the truth about these.
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <tocsin/alerts/sink.hpp>
#include <tocsin/streams/generate.hpp>

#include "columns.hpp"
#include "command.hpp"

namespace tocsin::cli {

namespace {

struct GenerateOptions {
    streams::GenerateSpec spec;
    std::string disorder{"0s"};
    std::string output{"-"};
    std::string truth;
};

/// A sink's writes as the generator wants them; nothing is written without a file.
streams::TextSink writes_to(std::optional<alerts::FileSink>& sink) {
    return [&sink](std::string_view text) -> Result<void> { return sink ? sink->write(text) : Result<void>{}; };
}

Result<std::optional<alerts::FileSink>> open_sink(const std::string& path) {
    if (path.empty()) {
        return std::optional<alerts::FileSink>{};
    }
    return alerts::FileSink::open(path).map([](alerts::FileSink sink) { return std::optional(std::move(sink)); });
}

Result<streams::GenerateReport> write_stream(const GenerateOptions& options, const streams::GenerateSpec& spec) {
    auto events = open_sink(options.output);
    if (!events) {
        return tl::unexpected(events.error());
    }
    auto truth = open_sink(options.truth);
    if (!truth) {
        return tl::unexpected(truth.error());
    }
    auto report = streams::generate(spec, writes_to(*events), writes_to(*truth));
    for (std::optional<alerts::FileSink>* sink : {&*events, &*truth}) {
        if (report && *sink) {
            if (auto closed = (*sink)->close(); !closed) {
                return tl::unexpected(closed.error());
            }
        }
    }
    return report;
}

ExitCode run_generate(const GenerateOptions& options) {
    streams::GenerateSpec spec = options.spec;
    const auto disorder = parse_duration(options.disorder);
    if (!disorder) {
        return report({Errc::invalid, fmt::format("--disorder '{}' is no duration; write 5s or 250ms", options.disorder)});
    }
    spec.disorder = *disorder;
    const auto made = write_stream(options, spec);
    if (!made) {
        return report(made.error());
    }
    spdlog::info("{} with {} in them, {} to {}", counted(made->events, "event"), counted(made->incidents, "incident"),
                 format_rfc3339(made->first), format_rfc3339(made->last));
    return ExitCode::fine;
}

}  // namespace

void add_generate(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<GenerateOptions>();
    CLI::App* command = app.add_subcommand("generate", "Make a sample stream with incidents planted in it");
    std::vector<std::string> scenarios(streams::scenarios().begin(), streams::scenarios().end());
    command->add_option("SCENARIO", options->spec.scenario, fmt::format("What to make: {}", fmt::join(scenarios, ", ")))
        ->required()
        ->check(CLI::IsMember(scenarios));
    command->add_option("--seed", options->spec.seed, "The same seed gives the same bytes")
        ->type_name("NUMBER")
        ->capture_default_str();
    command
        ->add_option("--events", options->spec.events,
                     fmt::format("How many records, at least {}", grouped(streams::kLeastEvents)))
        ->type_name("NUMBER")
        ->capture_default_str();
    command->add_option("--disorder", options->disorder, "How far a record may come after a later one")
        ->type_name("DURATION")
        ->capture_default_str();
    command->add_option("-o,--output", options->output, "Where the records go; - is standard output")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_option("--truth", options->truth, "Write what was planted, as JSON")->type_name("FILE");
    command->footer(
        "Examples:\n"
        "  tocsin generate security --events 100000 --seed 7 -o stream.ndjson --truth truth.json\n"
        "  tocsin generate fraud --disorder 3s | tocsin replay --rules rules/fraud -");
    command->callback([options, &exit_code] { exit_code = run_generate(*options); });
}

}  // namespace tocsin::cli
