// `tocsin check`: types, lints and bounds on state, without running anything.
#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <tocsin/plan/print.hpp>

#include "columns.hpp"
#include "command.hpp"
#include "json_writer.hpp"
#include "limits_option.hpp"
#include "state_bound.hpp"
#include "terminal.hpp"

namespace tocsin::cli {

namespace {

struct CheckOptions {
    std::vector<std::string> paths;
    std::vector<std::string> limits;
    bool json{false};
    bool deny_warnings{false};
};

struct Tally {
    std::size_t errors{0};
    std::size_t warnings{0};
    std::size_t hints{0};
};

Tally tally(const Diagnostics& diagnostics) {
    Tally tally;
    for (const Diagnostic& diagnostic : diagnostics) {
        switch (diagnostic.severity) {
            case Severity::error: ++tally.errors; break;
            case Severity::warning: ++tally.warnings; break;
            case Severity::hint: ++tally.hints; break;
        }
    }
    return tally;
}

std::size_t count_tests(const Rules& rules) {
    std::size_t tests = 0;
    for (const dsl::File& file : rules.files) {
        tests += static_cast<std::size_t>(
            std::count_if(file.declarations.begin(), file.declarations.end(),
                          [](const dsl::Declaration& d) { return std::holds_alternative<dsl::TestDecl>(d); }));
    }
    return tests;
}

std::string_view word_for(Severity severity) {
    switch (severity) {
        case Severity::error: return "error";
        case Severity::warning: return "warning";
        case Severity::hint: return "hint";
    }
    return "";
}

std::string rule_table(const plan::Program& program, const Limits& limits) {
    std::vector<std::vector<std::string>> rows{{"RULE", "BY", "WITHIN", "STATES", "HOLDS"}};
    for (const plan::RulePlan& rule : program.rules) {
        const std::string within = rule.window   ? plan::print_window(*rule.window)
                                   : rule.within ? format_duration(*rule.within)
                                                 : "-";
        rows.push_back({rule.name, key_text(rule), within, rule.window ? "-" : std::to_string(rule.automaton.states.size()),
                        state_bound(rule, limits)});
    }
    return columns(rows);
}

std::string as_text(const Rules& rules, const Limits& limits) {
    std::string out = render(rules.diagnostics, rules.sources, colour_for(Stream::output));
    if (rules.program && !rules.program->rules.empty()) {
        out += (out.empty() ? "" : "\n") + rule_table(*rules.program, limits) + "\n";
    }
    const Tally found = tally(rules.diagnostics);
    out += counted(rules.files.size(), "file");
    if (rules.program) {
        out += fmt::format(", {}, {}", counted(rules.program->rules.size(), "rule"), counted(count_tests(rules), "test"));
    }
    out += fmt::format(": {}, {}, {}\n", counted(found.errors, "error"), counted(found.warnings, "warning"),
                       counted(found.hints, "hint"));
    return out;
}

void write_span(JsonWriter& json, const Span& span, const SourceMap& sources) {
    const LineColumn begin = sources.locate(span.source, span.begin);
    const LineColumn end = sources.locate(span.source, span.end);
    json.key("file").string(sources.name(span.source));
    json.key("line").number(std::uint64_t{begin.line}).key("column").number(std::uint64_t{begin.column});
    json.key("end_line").number(std::uint64_t{end.line}).key("end_column").number(std::uint64_t{end.column});
}

void write_diagnostic(JsonWriter& json, const Diagnostic& diagnostic, const SourceMap& sources) {
    json.begin_object();
    json.key("code").string(diagnostic.code).key("severity").string(word_for(diagnostic.severity));
    write_span(json, diagnostic.span, sources);
    json.key("message").string(diagnostic.message);
    if (!diagnostic.hint.empty()) {
        json.key("hint").string(diagnostic.hint);
    }
    if (!diagnostic.notes.empty()) {
        json.key("notes").begin_array();
        for (const Note& note : diagnostic.notes) {
            json.begin_object();
            write_span(json, note.span, sources);
            json.key("message").string(note.message).end_object();
        }
        json.end_array();
    }
    json.end_object();
}

std::string as_json(const Rules& rules, const Limits& limits) {
    const Tally found = tally(rules.diagnostics);
    JsonWriter json;
    json.begin_object().key("files").number(std::uint64_t{rules.files.size()});
    json.key("tests").number(std::uint64_t{count_tests(rules)});
    json.key("errors").number(std::uint64_t{found.errors}).key("warnings").number(std::uint64_t{found.warnings});
    json.key("hints").number(std::uint64_t{found.hints}).key("diagnostics").begin_array();
    for (const Diagnostic& diagnostic : rules.diagnostics) {
        write_diagnostic(json, diagnostic, rules.sources);
    }
    json.end_array().key("rules").begin_array();
    if (rules.program) {
        for (const plan::RulePlan& rule : rules.program->rules) {
            json.begin_object().key("name").string(rule.name).key("version").string(fmt::format("{:08x}", rule.version));
            json.key("key").begin_array();
            for (const plan::KeyPlan& part : rule.key) {
                json.string(part.name);
            }
            json.end_array().key("within_ms");
            if (rule.within) {
                json.signed_number(rule.within->count() / 1000);
            } else {
                json.null();
            }
            if (rule.window) {
                json.key("window").string(plan::print_window(*rule.window));
            }
            json.key("states").number(std::uint64_t{rule.automaton.states.size()});
            json.key("state_bound").string(state_bound(rule, limits)).end_object();
        }
    }
    return std::move(json.end_array().end_object()).finish();
}

ExitCode run_check(const CheckOptions& options) {
    const auto limits = make_limits(options.limits);
    if (!limits) {
        return report(limits.error());
    }
    const auto rules = load_rules(options.paths, *limits);
    if (!rules) {
        return report(rules.error());
    }
    const Tally found = tally(rules->diagnostics);
    const ExitCode exit_code = found.errors > 0                              ? ExitCode::bad_rule
                               : options.deny_warnings && found.warnings > 0 ? ExitCode::failed
                                                                             : ExitCode::fine;
    return print(options.json ? as_json(*rules, *limits) : as_text(*rules, *limits), exit_code);
}

}  // namespace

void add_check(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<CheckOptions>();
    CLI::App* command = app.add_subcommand("check", "Check rules: names, types, keys, bounds on state, doubtful patterns");
    command->add_option("PATH", options->paths, "Rule files or folders; all of them are one program")
        ->required()
        ->type_name("");
    command->add_flag("--json", options->json, "Write the findings and the rules as JSON");
    command->add_flag("--deny-warnings", options->deny_warnings, "Exit with 1 if there is a warning");
    add_limit_option(*command, options->limits);
    command->footer(
        "Examples:\n"
        "  tocsin check rules/security\n"
        "  tocsin check --json rules/ | jq '.diagnostics[]'");
    command->callback([options, &exit_code] { exit_code = run_check(*options); });
}

}  // namespace tocsin::cli
