// `tocsin log` and `tocsin dlq`: what the store of a service holds.
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <tocsin/alerts/sink.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/state/store.hpp>

#include "columns.hpp"
#include "command.hpp"

namespace tocsin::cli {

namespace {

struct LogOptions {
    std::string data;
    std::string input;
    bool alerts{false};
};

struct DlqOptions {
    std::string data;
    std::string endpoint;
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

Result<std::string> table_of(const state::Store& store, const std::vector<state::DeadLetter>& letters) {
    std::vector<std::vector<std::string>> rows{{"ENDPOINT", "ALERT", "RULE", "TRIES", "GIVEN UP", "REASON"}};
    for (const state::DeadLetter& letter : letters) {
        const auto row = store.row(letter.sequence);
        if (!row) {
            return tl::unexpected(row.error());
        }
        rows.push_back({letter.endpoint, *row ? state::delivery_id(**row) : std::to_string(letter.sequence), *row ? (*row)->rule : "",
                        std::to_string(letter.tries), format_rfc3339(EventTime::from_millis(letter.given_up_ms)), letter.reason});
    }
    return columns(rows);
}

ExitCode run_list(const DlqOptions& options) {
    const auto store = state::open_store(options.data, state::Access::read);
    if (!store) {
        return report(store.error());
    }
    const auto text = (*store)->dead_letters().and_then([&](const auto& letters) { return table_of(**store, letters); });
    return text ? print(*text) : report(text.error());
}

ExitCode run_redrive(const DlqOptions& options) {
    const auto store = state::open_store(options.data, state::Access::write);
    if (!store) {
        return report(store.error());
    }
    const auto letters = (*store)->dead_letters();
    if (!letters) {
        return report(letters.error());
    }
    std::size_t redriven = 0;
    for (const state::DeadLetter& letter : *letters) {
        if (!options.endpoint.empty() && options.endpoint != letter.endpoint) {
            continue;
        }
        if (const auto done = (*store)->redrive(letter.endpoint, letter.sequence); !done) {
            return report(done.error());
        }
        ++redriven;
    }
    return print(fmt::format("{} will be delivered again at the next start\n", counted(redriven, "alert")));
}

CLI::Option* add_data_option(CLI::App& command, std::string& data) {
    return command.add_option("--data", data, "Folder of the store")->required()->type_name("DIR");
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

void add_dlq(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<DlqOptions>();
    CLI::App* command = app.add_subcommand("dlq", "Alerts that an endpoint did not take in any try");
    command->require_subcommand(1);
    CLI::App* list = command->add_subcommand("list", "Print them; the service may run meanwhile");
    add_data_option(*list, options->data);
    list->callback([options, &exit_code] { exit_code = run_list(*options); });
    CLI::App* redrive = command->add_subcommand("redrive", "Have them delivered again, from the first try on; the service must be stopped");
    add_data_option(*redrive, options->data);
    redrive->add_option("--endpoint", options->endpoint, "Only those of this endpoint")->type_name("NAME");
    redrive->callback([options, &exit_code] { exit_code = run_redrive(*options); });
}

}  // namespace tocsin::cli
