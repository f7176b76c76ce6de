// `tocsin test`: the tests that rule files carry.
#include <algorithm>
#include <memory>
#include <optional>
#include <regex>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <tocsin/alerts/sink.hpp>
#include <tocsin/alerts/terminal_text.hpp>

#include "command.hpp"
#include "junit.hpp"
#include "limits_option.hpp"
#include "terminal.hpp"
#include "test_runner.hpp"

namespace tocsin::cli {

namespace {

struct TestOptions {
    std::vector<std::string> paths;
    std::vector<std::string> limits;
    std::string run;
    std::string junit_file;
};

Result<std::optional<std::regex>> parse_filter(const std::string& text) {
    if (text.empty()) {
        return std::optional<std::regex>{};
    }
    try {
        return std::optional<std::regex>(text);
    } catch (const std::regex_error& error) {
        return fail(Errc::invalid, fmt::format("--run '{}' is no regular expression: {}", text, error.what()));
    }
}

std::string full_name(const dsl::TestDecl& test) { return test.rule.text + ": " + test.title; }

std::string painted(std::string_view word, std::string_view code) {
    return colour_for(Stream::output) == Colour::on ? fmt::format("\x1b[{}m{}\x1b[0m", code, word) : std::string(word);
}

std::string draw_result(const TestResult& result) {
    const std::string name = alerts::printable(result.rule + ": " + result.title);
    if (result.passed) {
        return fmt::format("{} {}\n", painted("PASS", "32"), name);
    }
    std::string out = fmt::format("{} {} ({}:{})\n", painted("FAIL", "1;31"), name, result.file, result.line);
    std::string_view detail = result.detail;
    while (!detail.empty()) {
        const std::size_t end = std::min(detail.find('\n'), detail.size());
        out += fmt::format("     {}\n", detail.substr(0, end));
        detail.remove_prefix(std::min(end + 1, detail.size()));
    }
    return out;
}

Result<void> write_junit(const std::string& path, const std::vector<TestResult>& results) {
    return alerts::FileSink::open(path).and_then(
        [&](alerts::FileSink sink) { return sink.write(junit_xml(results)).and_then([&] { return sink.close(); }); });
}

std::vector<TestResult> run_all(const Rules& rules, const std::optional<std::regex>& filter, const Limits& limits) {
    std::vector<TestResult> results;
    for (const dsl::File& file : rules.files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            const auto* test = std::get_if<dsl::TestDecl>(&declaration);
            if (test != nullptr && (!filter || std::regex_search(full_name(*test), *filter))) {
                results.push_back(run_test(*rules.program, file, *test, rules.sources, limits));
            }
        }
    }
    return results;
}

ExitCode run_tests(const TestOptions& options) {
    const auto limits = make_limits(options.limits);
    const auto filter = parse_filter(options.run);
    if (!limits || !filter) {
        return report(limits ? filter.error() : limits.error());
    }
    const auto rules = load_to_run(options.paths, *limits);
    if (!rules) {
        return rules.error();
    }
    const auto results = run_all(*rules, *filter, *limits);
    if (!options.junit_file.empty()) {
        if (const auto written = write_junit(options.junit_file, results); !written) {
            return report(written.error());
        }
    }
    std::string out;
    for (const TestResult& result : results) {
        out += draw_result(result);
    }
    const auto passed = std::count_if(results.begin(), results.end(), [](const TestResult& r) { return r.passed; });
    const auto failed = static_cast<std::ptrdiff_t>(results.size()) - passed;
    out += fmt::format("{} passed, {} failed\n", passed, failed);
    return print(out, failed > 0 ? ExitCode::failed : ExitCode::fine);
}

}  // namespace

void add_test(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<TestOptions>();
    CLI::App* command = app.add_subcommand("test", "Run the tests that rule files carry");
    command->add_option("PATH", options->paths, "Rule files or folders; all of them are one program")
        ->required()
        ->type_name("");
    command->add_option("--run", options->run, "Only tests whose \"RULE: TITLE\" matches")->type_name("REGEX");
    command->add_option("--junit", options->junit_file, "Write the results as JUnit's XML")->type_name("FILE");
    add_limit_option(*command, options->limits);
    command->footer(
        "Examples:\n"
        "  tocsin test rules/\n"
        "  tocsin test rules/fraud --run 'card_testing: ' --junit results.xml");
    command->callback([options, &exit_code] { exit_code = run_tests(*options); });
}

}  // namespace tocsin::cli
