// `tocsin dlq`: alerts that an endpoint did not take in any try.
#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <tocsin/alerts/terminal_text.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/state/store.hpp>

#include "columns.hpp"
#include "command.hpp"

namespace tocsin::cli {

namespace {

struct DlqOptions {
    std::string data;
    std::string endpoint;
    std::vector<std::string> ids;
    bool all{false};
};

/// A dead letter with the alert that it is about.
struct Letter {
    state::DeadLetter letter;
    std::string id;
    state::OutboxRow row;
};

Result<std::vector<Letter>> read_letters(const state::Store& store) {
    const auto letters = store.dead_letters();
    if (!letters) {
        return tl::unexpected(letters.error());
    }
    std::vector<Letter> result;
    for (const state::DeadLetter& letter : *letters) {
        auto row = store.row(letter.sequence);
        if (!row) {
            return tl::unexpected(row.error());
        }
        if (!*row) {
            return fail(Errc::bad_data, fmt::format("the dead letter {} of {} is about an alert that the store does not have",
                                                    letter.sequence, letter.endpoint));
        }
        std::string id = state::delivery_id(**row);
        result.push_back({letter, std::move(id), std::move(**row)});
    }
    return result;
}

/// Those that the options name. An id that no letter has is an error.
Result<std::vector<Letter>> chosen(const std::vector<Letter>& letters, const DlqOptions& options) {
    const auto of_endpoint = [&](const Letter& letter) {
        return options.endpoint.empty() || options.endpoint == letter.letter.endpoint;
    };
    for (const std::string& id : options.ids) {
        if (std::none_of(letters.begin(), letters.end(),
                         [&](const Letter& letter) { return letter.id == id && of_endpoint(letter); })) {
            return fail(Errc::invalid,
                        fmt::format("no dead letter of {}{}{}", id, options.endpoint.empty() ? "" : " for ", options.endpoint));
        }
    }
    std::vector<Letter> result;
    std::copy_if(letters.begin(), letters.end(), std::back_inserter(result), [&](const Letter& letter) {
        return of_endpoint(letter) &&
               (options.ids.empty() || std::find(options.ids.begin(), options.ids.end(), letter.id) != options.ids.end());
    });
    return result;
}

std::string given_up(const Letter& letter) { return format_rfc3339(EventTime::from_millis(letter.letter.given_up_ms)); }

std::string table_of(const std::vector<Letter>& letters) {
    std::vector<std::vector<std::string>> rows{{"ENDPOINT", "ALERT", "RULE", "TRIES", "GIVEN UP", "REASON"}};
    for (const Letter& letter : letters) {
        rows.push_back({letter.letter.endpoint, letter.id, letter.row.rule, std::to_string(letter.letter.tries),
                        given_up(letter), alerts::printable(letter.letter.reason)});
    }
    return columns(rows);
}

std::string page_of(const std::vector<Letter>& letters) {
    std::string out;
    for (const Letter& letter : letters) {
        out += fmt::format("{}alert:    {}\nendpoint: {}\nrule:     {}\ntries:    {}\ngiven up: {}\nreason:   {}\n{}\n",
                           out.empty() ? "" : "\n", letter.id, letter.letter.endpoint, letter.row.rule, letter.letter.tries,
                           given_up(letter), alerts::printable(letter.letter.reason), letter.row.body);
    }
    return out;
}

Result<std::vector<Letter>> chosen_in(const state::Store& store, const DlqOptions& options) {
    return read_letters(store).and_then([&](const std::vector<Letter>& letters) { return chosen(letters, options); });
}

ExitCode show(const DlqOptions& options, std::string (*text)(const std::vector<Letter>&)) {
    const auto store = state::open_store(options.data, state::Access::read);
    if (!store) {
        return report(store.error());
    }
    const auto letters = chosen_in(**store, options);
    return letters ? print(text(*letters)) : report(letters.error());
}

ExitCode run_redrive(const DlqOptions& options) {
    if (options.ids.empty() && options.endpoint.empty() && !options.all) {
        return report({Errc::invalid, "which of them? Name their ids, --endpoint NAME or --all"});
    }
    const auto store = state::open_store(options.data, state::Access::write);
    if (!store) {
        return report(store.error());
    }
    const auto letters = chosen_in(**store, options);
    if (!letters) {
        return report(letters.error());
    }
    for (const Letter& letter : *letters) {
        if (const auto done = (*store)->redrive(letter.letter.endpoint, letter.letter.sequence); !done) {
            return report(done.error());
        }
    }
    return print(fmt::format("{} will be delivered again at the next start\n", counted(letters->size(), "alert")));
}

CLI::Option* add_ids(CLI::App& command, DlqOptions& options) {
    return command.add_option("ID", options.ids, "As dlq list shows them, and as the webhook-id of the calls was")
        ->type_name("");
}

CLI::Option* add_endpoint(CLI::App& command, DlqOptions& options) {
    return command.add_option("--endpoint", options.endpoint, "Only those of this endpoint")->type_name("NAME");
}

}  // namespace

void add_dlq(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<DlqOptions>();
    CLI::App* command = app.add_subcommand("dlq", "Alerts that an endpoint did not take in any try");
    command->require_subcommand(1);
    CLI::App* list = command->add_subcommand("list", "Print them; the service may run meanwhile");
    add_data_option(*list, options->data);
    add_endpoint(*list, *options);
    list->callback([options, &exit_code] { exit_code = show(*options, &table_of); });
    CLI::App* one = command->add_subcommand("show", "Print some with their alerts; the service may run meanwhile");
    add_data_option(*one, options->data);
    add_ids(*one, *options)->required();
    add_endpoint(*one, *options);
    one->callback([options, &exit_code] { exit_code = show(*options, &page_of); });
    CLI::App* redrive =
        command->add_subcommand("redrive", "Have some delivered again, from the first try on; the service must be stopped");
    add_data_option(*redrive, options->data);
    CLI::Option* const ids = add_ids(*redrive, *options);
    CLI::Option* const endpoint = add_endpoint(*redrive, *options);
    redrive->add_flag("--all", options->all, "All of them")->excludes(ids)->excludes(endpoint);
    redrive->callback([options, &exit_code] { exit_code = run_redrive(*options); });
}

}  // namespace tocsin::cli
