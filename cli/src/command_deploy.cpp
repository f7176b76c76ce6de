// `tocsin deploy` and `tocsin rollback`: other rules for a service that runs.
#include <memory>

#include <fmt/format.h>
#include <simdjson.h>
#include <CLI/CLI.hpp>

#include <tocsin/event/value.hpp>

#include "columns.hpp"
#include "command.hpp"
#include "rule_texts.hpp"
#include "service_client.hpp"

namespace tocsin::cli {

namespace {

struct DeployOptions {
    ServiceAddress to;
    std::vector<std::string> paths;
    std::uint64_t version{0};
    std::string note;
    std::string backfill;
    bool dry_run{false};
    bool json{false};
};

std::string json_string(std::string_view text) {
    std::string out;
    event::append_json_string(out, text);
    return out;
}

/// `"note":…,"dry_run":…,"backfill":…`
std::string members_of(const DeployOptions& options) {
    std::string out = fmt::format("\"note\":{},\"dry_run\":{}", json_string(options.note), options.dry_run);
    return options.backfill.empty() ? out : out + ",\"backfill\":" + json_string(options.backfill);
}

std::string body_of(const DeployOptions& options, const std::vector<state::RuleText>& texts) {
    std::string files;
    for (const state::RuleText& text : texts) {
        files += fmt::format("{}{{\"name\":{},\"text\":{},\"list\":{}}}", files.empty() ? "" : ",", json_string(text.name),
                             json_string(text.text), text.of_list);
    }
    return fmt::format("{{\"files\":[{}],{}}}", files, members_of(options));
}

std::string text_of(const simdjson::dom::element& of, const char* member) {
    std::string_view text;
    return of[member].get(text) ? std::string() : std::string(text);
}

std::uint64_t number_of(const simdjson::dom::element& of, const char* member) {
    std::uint64_t number = 0;
    return of[member].get(number) ? 0 : number;
}

/// `started fresh at record 7 (changed)`
std::string outcome_of(const simdjson::dom::element& rule, bool planned) {
    const std::string outcome = text_of(rule, "outcome");
    const std::string reason = text_of(rule, "reason");
    const std::string first = grouped(number_of(rule, "first"));
    const std::string why = reason.empty() ? "" : fmt::format(" ({})", reason);
    if (outcome == "fresh") {
        return (planned ? std::string("starts fresh") : fmt::format("started fresh at record {}", first)) + why;
    }
    if (outcome == "filled") {
        return fmt::format("{} from record {}{}", planned ? "is filled" : "filled", first, why);
    }
    return outcome;
}

std::string head_of(const simdjson::dom::element& answer) {
    const std::string outcome = text_of(answer, "outcome");
    const std::uint64_t number = number_of(answer, "deployment");
    if (outcome == "nothing new") {
        return fmt::format("nothing new: deployment {} has these rules\n", number);
    }
    if (outcome == "planned") {
        return fmt::format("deployment {} would do this; nothing was changed\n", number);
    }
    double pause = 0;
    if (answer["pause_ms"].get(pause)) {
        pause = 0;
    }
    return fmt::format("deployment {} is in force from record {} on, after a pause of {:.1f} ms\n", number,
                       grouped(number_of(answer, "record")), pause);
}

ExitCode print_answer(const ServiceAnswer& answer, bool as_json) {
    if (answer.status != 200) {
        return report_refusal(answer);
    }
    if (as_json) {
        return print(answer.body);
    }
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    simdjson::dom::array rules;
    if (parser.parse(answer.body).get(root) || root["rules"].get(rules)) {
        return report({Errc::bad_data, "the service's answer cannot be read"});
    }
    const bool planned = text_of(root, "outcome") == "planned";
    std::vector<std::vector<std::string>> rows{{"RULE", "VERSION", "WHAT BECAME OF IT"}};
    if (planned) {
        rows.front().back() = "WHAT WOULD BECOME OF IT";
    }
    for (const simdjson::dom::element rule : rules) {
        rows.push_back({text_of(rule, "rule"), text_of(rule, "version"), outcome_of(rule, planned)});
    }
    const bool nothing_new = text_of(root, "outcome") == "nothing new";
    return print(head_of(root) + (nothing_new ? "" : columns(rows)));
}

ExitCode send(const DeployOptions& options, std::string_view path, const std::string& body) {
    const auto answer = call_service(options.to, "POST", path, body);
    return answer ? print_answer(*answer, options.json) : report(answer.error());
}

ExitCode run_deploy(const DeployOptions& options) {
    const auto texts = read_rule_texts(options.paths, Limits{});
    return texts ? send(options, "/v1/rules", body_of(options, *texts)) : report(texts.error());
}

ExitCode run_rollback(const DeployOptions& options) {
    const std::string to = options.version == 0 ? "" : fmt::format("\"to\":{},", options.version);
    return send(options, "/v1/rollback", fmt::format("{{{}{}}}", to, members_of(options)));
}

void add_options(CLI::App& command, DeployOptions& options) {
    add_service_options(command, options.to);
    command.add_option("--note", options.note, "Why; kept with the deployment")->type_name("TEXT");
    command
        .add_option("--backfill", options.backfill,
                    "Fill new and changed rules with what came in this time, or with all of the log")
        ->type_name("TIME|all");
    command.add_flag("--dry-run", options.dry_run, "Check everything and say what would become of each rule; change nothing");
    command.add_flag("--json", options.json, "Print the service's answer as it is");
}

}  // namespace

void add_deploy(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<DeployOptions>();
    CLI::App* command = app.add_subcommand("deploy", "Put rules in force in a running service");
    command
        ->add_option("PATH", options->paths, "Rule files or folders; all of them are one program, and the service's only one")
        ->required();
    add_options(*command, *options);
    command->footer(
        "All is checked before anything is changed: rules with errors change nothing (exit code 2).\n"
        "Rules that mean what they meant keep their partial matches.\n"
        "Examples:\n"
        "  tocsin deploy rules/ --to https://tocsin.example.org --token deploy.token --note 'as of 2.4'\n"
        "  tocsin deploy rules/ --dry-run\n"
        "  tocsin deploy rules/ --backfill 7d");
    command->callback([options, &exit_code] { exit_code = run_deploy(*options); });
}

void add_rollback(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<DeployOptions>();
    CLI::App* command = app.add_subcommand("rollback", "Deploy the rules of an earlier deployment again");
    command->add_option("NUMBER", options->version, "Which; default: the one before that in force")->check(CLI::PositiveNumber);
    add_options(*command, *options);
    command->footer(
        "It is a deployment like any other, with a number of its own.\n"
        "Example:\n"
        "  tocsin rollback 12 --note 'too many alerts'");
    command->callback([options, &exit_code] { exit_code = run_rollback(*options); });
}

}  // namespace tocsin::cli
