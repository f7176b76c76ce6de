// `tocsin infer`: `stream` declarations from sample data.
#include <memory>

#include <CLI/CLI.hpp>

#include <tocsin/streams/infer.hpp>

#include "command.hpp"
#include "limits_option.hpp"

namespace tocsin::cli {

namespace {

struct InferCommand {
    std::string input;
    std::vector<std::string> limits;
    streams::InferOptions options;
};

ExitCode run_infer(const InferCommand& command) {
    auto options = command.options;
    const auto limits = make_limits(command.limits);
    if (!limits) {
        return report(limits.error());
    }
    options.reader.limits = *limits;
    const auto declarations = streams::parse_input_spec(command.input).and_then([&](const streams::InputSpec& input) {
        return streams::infer(input, options);
    });
    return declarations ? print(*declarations) : report(declarations.error());
}

}  // namespace

void add_infer(CLI::App& app, ExitCode& exit_code) {
    const auto infer = std::make_shared<InferCommand>();
    CLI::App* command = app.add_subcommand("infer", "Write stream declarations that fit sample data");
    command->add_option("INPUT", infer->input, "An NDJSON or CSV file, plain, .gz or .zst; - is standard input")
        ->required()
        ->type_name("");
    command->add_option("--records", infer->options.max_records, "Records looked at, from the start; 0 is all")
        ->type_name("NUMBER")
        ->capture_default_str();
    add_limit_option(*command, infer->limits);
    command->footer("Examples:\n  tocsin infer auth.ndjson > my.tocsin");
    command->callback([infer, &exit_code] { exit_code = run_infer(*infer); });
}

}  // namespace tocsin::cli
