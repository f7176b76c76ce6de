// `tocsin rules`: what a running service runs, and has run.
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <simdjson.h>
#include <CLI/CLI.hpp>

#include "columns.hpp"
#include "command.hpp"
#include "line_diff.hpp"
#include "service_client.hpp"

namespace tocsin::cli {

namespace {

using Element = simdjson::dom::element;

struct RulesOptions {
    ServiceAddress to;
    std::string rule;
    std::uint64_t before{0};
    std::uint64_t after{0};
    bool json{false};
};

std::string text_of(const Element& of, const char* member) {
    std::string_view text;
    return of[member].get(text) ? std::string() : std::string(text);
}

std::uint64_t number_of(const Element& of, const char* member) {
    std::uint64_t number = 0;
    return of[member].get(number) ? 0 : number;
}

/// Asks, and has `show` make text of the answer.
template <class Show>
ExitCode ask(const RulesOptions& options, std::string_view method, const std::string& path, Show&& show) {
    const auto answer = call_service(options.to, method, path);
    if (!answer) {
        return report(answer.error());
    }
    if (answer->status != 200) {
        return report_refusal(*answer);
    }
    if (options.json) {
        return print(answer->body);
    }
    simdjson::dom::parser parser;
    Element root;
    if (parser.parse(answer->body).get(root)) {
        return report({Errc::bad_data, "the service's answer cannot be read"});
    }
    return print(show(root));
}

std::string show_list(const Element& answer) {
    std::vector<std::vector<std::string>> rows{{"RULE", "VERSION", "MODE", "SINCE RECORD", "TITLE"}};
    simdjson::dom::array rules;
    if (!answer["rules"].get(rules)) {
        for (const Element rule : rules) {
            const std::uint64_t first = number_of(rule, "first");
            rows.push_back({text_of(rule, "rule"), text_of(rule, "version"), text_of(rule, "mode"),
                            first == 0 ? "" : grouped(first), text_of(rule, "title")});
        }
    }
    return columns(rows);
}

std::string show_rule(const Element& rule) {
    const std::uint64_t first = number_of(rule, "first");
    const std::string sees =
        first == 0 ? "" : fmt::format(", version {}, sees records from {} on", text_of(rule, "version"), grouped(first));
    return fmt::format("# {}:{}, mode {}{}\n{}\n", text_of(rule, "file"), number_of(rule, "line"), text_of(rule, "mode"), sees,
                       text_of(rule, "text"));
}

/// `2 unchanged, 1 fresh`
std::string sum_of(const Element& deployment) {
    std::map<std::string, std::size_t> counts;
    simdjson::dom::array rules;
    if (!deployment["rules"].get(rules)) {
        for (const Element rule : rules) {
            ++counts[text_of(rule, "outcome")];
        }
    }
    std::string out;
    for (const char* outcome : {"unchanged", "fresh", "filled", "removed"}) {
        if (counts[outcome] > 0) {
            out += fmt::format("{}{} {}", out.empty() ? "" : ", ", counts[outcome], outcome);
        }
    }
    return out;
}

std::string show_deployments(const Element& answer, const char* member) {
    std::vector<std::vector<std::string>> rows{{"NUMBER", "TIME (UTC)", "FROM RECORD", "BY", "RULES", "NOTE"}};
    simdjson::dom::array deployments;
    if (!answer[member].get(deployments)) {
        for (const Element one : deployments) {
            const std::string of =
                text_of(one, "origin") == "rollback" ? fmt::format("rollback to {}", number_of(one, "of")) : "";
            const std::string note = text_of(one, "note");
            rows.push_back({std::to_string(number_of(one, "deployment")), text_of(one, "time"),
                            grouped(number_of(one, "record")), text_of(one, "by"), sum_of(one),
                            of + (of.empty() || note.empty() ? "" : ": ") + note});
        }
    }
    return columns(rows);
}

ExitCode run_history(const RulesOptions& options) {
    const std::string path =
        options.rule.empty() ? std::string("/v1/deployments") : fmt::format("/v1/rules/{}/history", options.rule);
    const char* const member = options.rule.empty() ? "deployments" : "history";
    return ask(options, "GET", path, [&](const Element& answer) { return show_deployments(answer, member); });
}

using Texts = std::map<std::string, std::string>;

Result<Texts> texts_of(const ServiceAddress& to, std::uint64_t number, ServiceAnswer& answer) {
    auto got = call_service(to, "GET", fmt::format("/v1/deployments/{}", number));
    if (!got) {
        return tl::unexpected(got.error());
    }
    answer = std::move(*got);
    simdjson::dom::parser parser;
    Element root;
    simdjson::dom::array files;
    Texts texts;
    if (answer.status == 200 && !parser.parse(answer.body).get(root) && !root["files"].get(files)) {
        for (const Element file : files) {
            texts[text_of(file, "name")] = text_of(file, "text");
        }
    }
    return texts;
}

Result<std::uint64_t> number_in_force(const ServiceAddress& to, ServiceAnswer& answer) {
    auto got = call_service(to, "GET", "/v1/rules");
    if (!got) {
        return tl::unexpected(got.error());
    }
    answer = std::move(*got);
    simdjson::dom::parser parser;
    Element root;
    return answer.status == 200 && !parser.parse(answer.body).get(root) ? number_of(root, "deployment") : 0;
}

std::string diff_of(const Texts& before, std::uint64_t before_number, const Texts& after, std::uint64_t after_number) {
    std::set<std::string> names;
    for (const Texts* texts : {&before, &after}) {
        for (const auto& [name, text] : *texts) {
            names.insert(name);
        }
    }
    const auto text_in = [](const Texts& texts, const std::string& name) {
        const auto found = texts.find(name);
        return found == texts.end() ? std::string() : found->second;
    };
    std::string out;
    for (const std::string& name : names) {
        out += line_diff(fmt::format("{}: {}", before_number, name), text_in(before, name),
                         fmt::format("{}: {}", after_number, name), text_in(after, name));
    }
    return out;
}

ExitCode run_diff(RulesOptions options) {
    ServiceAnswer answer;
    if (options.before == 0) {
        const auto now = number_in_force(options.to, answer);
        if (!now) {
            return report(now.error());
        }
        if (answer.status != 200) {
            return report_refusal(answer);
        }
        options.after = *now;
        options.before = *now - std::min<std::uint64_t>(*now, 1);
    } else if (options.after == 0) {
        const auto now = number_in_force(options.to, answer);
        if (!now) {
            return report(now.error());
        }
        options.after = *now;
    }
    Texts texts[2];
    std::size_t side = 0;
    for (const std::uint64_t number : {options.before, options.after}) {
        auto got = texts_of(options.to, number, answer);
        if (!got) {
            return report(got.error());
        }
        if (answer.status != 200) {
            return report_refusal(answer);
        }
        texts[side++] = std::move(*got);
    }
    return print(diff_of(texts[0], options.before, texts[1], options.after));
}

CLI::App* add_part(CLI::App& command, const std::shared_ptr<RulesOptions>& options, const char* name, const char* help,
                   bool answers_json) {
    CLI::App* part = command.add_subcommand(name, help);
    add_service_options(*part, options->to);
    if (answers_json) {
        part->add_flag("--json", options->json, "Print the service's answer as it is");
    }
    return part;
}

void add_switch(CLI::App& command, const std::shared_ptr<RulesOptions>& options, ExitCode& exit_code, const char* name,
                const char* help) {
    CLI::App* part = add_part(command, options, name, help, true);
    part->add_option("RULE", options->rule, "Its name")->required();
    part->callback([options, &exit_code, name] {
        exit_code = ask(*options, "POST", fmt::format("/v1/rules/{}/{}", options->rule, name), [&](const Element& answer) {
            return text_of(answer, "outcome") == "nothing new"
                       ? fmt::format("nothing new: {} is as it was\n", options->rule)
                       : fmt::format("deployment {}: {} {}ed from record {} on\n", number_of(answer, "deployment"),
                                     options->rule, std::string_view(name) == "resume" ? "resum" : name,
                                     grouped(number_of(answer, "record")));
        });
    });
}

}  // namespace

void add_rules(CLI::App& app, ExitCode& exit_code) {
    CLI::App* command = app.add_subcommand("rules", "What a running service runs, and has run");
    command->require_subcommand(1);
    const auto options = std::make_shared<RulesOptions>();
    CLI::App* list = add_part(*command, options, "list", "The rules in force", true);
    list->callback([options, &exit_code] { exit_code = ask(*options, "GET", "/v1/rules", show_list); });
    CLI::App* show = add_part(*command, options, "show", "One of them, as it was deployed", true);
    show->add_option("RULE", options->rule, "Its name")->required();
    show->callback([options, &exit_code] { exit_code = ask(*options, "GET", "/v1/rules/" + options->rule, show_rule); });
    CLI::App* history = add_part(*command, options, "history", "The deployments, or those that changed one rule", true);
    history->add_option("RULE", options->rule, "Its name");
    history->callback([options, &exit_code] { exit_code = run_history(*options); });
    CLI::App* diff = add_part(*command, options, "diff", "What differs between the texts of two deployments", false);
    diff->add_option("BEFORE", options->before, "Its number; default: the one before that in force")
        ->check(CLI::PositiveNumber);
    diff->add_option("AFTER", options->after, "Its number; default: the one in force")->check(CLI::PositiveNumber);
    diff->callback([options, &exit_code] { exit_code = run_diff(*options); });
    add_switch(*command, options, exit_code, "suspend", "Take a rule out of force until it is resumed; the others go on");
    add_switch(*command, options, exit_code, "resume", "Put it in force again; it starts fresh");
    command->footer(
        "Examples:\n"
        "  tocsin rules list --to https://tocsin.example.org --token read.token\n"
        "  tocsin rules history card_testing\n"
        "  tocsin rules diff 11 12");
}

}  // namespace tocsin::cli
