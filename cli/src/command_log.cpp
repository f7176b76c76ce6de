// `tocsin log`: what the store of a service holds.
#include <memory>

#include <CLI/CLI.hpp>

#include <tocsin/alerts/sink.hpp>
#include <tocsin/state/store.hpp>

#include "command.hpp"

namespace tocsin::cli {

namespace {

struct LogOptions {
    std::string data;
    std::string input;
    bool alerts{false};
};

Result<void> write_records(const state::Store& store, const std::string& input, alerts::FileSink& out) {
    return store.each_chunk([&](const state::Chunk& chunk) {
        return input.empty() || input == chunk.input ? out.write(chunk.lines) : Result<void>{};
    });
}

Result<void> write_alerts(const state::Store& store, alerts::FileSink& out) {
    return store.each_row([&](const state::OutboxRow& row) { return out.write(row.body + "\n"); });
}

ExitCode run_log(const LogOptions& options) {
    const auto store = state::open_store(options.data, state::Access::read);
    if (!store) {
        return report(store.error());
    }
    alerts::FileSink out = alerts::FileSink::standard_output();
    const auto written = options.alerts ? write_alerts(**store, out) : write_records(**store, options.input, out);
    const auto closed = out.close();
    return !written ? report(written.error()) : !closed ? report(closed.error()) : ExitCode::fine;
}

}  // namespace

void add_log(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<LogOptions>();
    CLI::App* command = app.add_subcommand("log", "Print the records, or the alerts, that a service stored");
    add_data_option(*command, options->data);
    command->add_option("--input", options->input, "Only the records of this input")->type_name("NAME");
    command->add_flag("--alerts", options->alerts, "The alerts in place of the records");
    command->footer(
        "NDJSON, in the order in which it came. The service may run meanwhile.\n"
        "Example, which gives the alerts that the service gave:\n"
        "  tocsin log --data tocsin-data | tocsin replay --rules rules/security events=-");
    command->callback([options, &exit_code] { exit_code = run_log(*options); });
}

}  // namespace tocsin::cli
