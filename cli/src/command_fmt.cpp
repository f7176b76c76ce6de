// `tocsin fmt`: one canonical form for rule files.
#include <memory>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <tocsin/dsl/format.hpp>
#include <tocsin/dsl/parser.hpp>

#include "command.hpp"
#include "limits_option.hpp"
#include "terminal.hpp"
#include "text_file.hpp"

namespace tocsin::cli {

namespace {

struct FmtOptions {
    std::vector<std::string> paths;
    std::vector<std::string> limits;
    bool check{false};
};

/// The text before and after; nothing where it has errors, which have then been drawn.
struct Formatted {
    std::string before;
    std::string after;
};

tl::expected<Formatted, ExitCode> format_file(const std::string& path, const Limits& limits) {
    auto text = read_text(path, limits.rule_file_bytes);
    if (!text) {
        return tl::unexpected(report(text.error()));
    }
    SourceMap sources;
    const SourceId source = sources.add(path == "-" ? "<stdin>" : path, *text);
    const dsl::ParseResult parsed = dsl::parse(sources, source, limits);
    if (has_errors(parsed.diagnostics)) {
        fmt::print(stderr, "{}", render(parsed.diagnostics, sources, colour_for(Stream::error)));
        return tl::unexpected(ExitCode::bad_rule);
    }
    return Formatted{std::move(*text), dsl::format(parsed.file, sources)};
}

ExitCode worse(ExitCode a, ExitCode b) { return a < b ? b : a; }

ExitCode format_standard_input(const FmtOptions& options, const Limits& limits) {
    const auto formatted = format_file("-", limits);
    if (!formatted) {
        return formatted.error();
    }
    if (options.check) {
        return formatted->before == formatted->after ? ExitCode::fine : ExitCode::failed;
    }
    return print(formatted->after);
}

ExitCode format_one(const std::string& path, const FmtOptions& options, const Limits& limits) {
    const auto formatted = format_file(path, limits);
    if (!formatted) {
        return formatted.error();
    }
    if (formatted->before == formatted->after) {
        return ExitCode::fine;
    }
    if (options.check) {
        return print(fmt::format("{} is not in the canonical form\n", path), ExitCode::failed);
    }
    if (const auto written = replace_text(path, formatted->after); !written) {
        return report(written.error());
    }
    return print(fmt::format("formatted {}\n", path));
}

ExitCode run_fmt(const FmtOptions& options) {
    const auto limits = make_limits(options.limits);
    if (!limits) {
        return report(limits.error());
    }
    if (options.paths == std::vector<std::string>{"-"}) {
        return format_standard_input(options, *limits);
    }
    const auto files = find_rule_files(options.paths);
    if (!files) {
        return report(files.error());
    }
    ExitCode exit_code = ExitCode::fine;
    for (const std::string& path : *files) {
        exit_code = worse(exit_code, format_one(path, options, *limits));
    }
    return exit_code;
}

}  // namespace

void add_fmt(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<FmtOptions>();
    CLI::App* command = app.add_subcommand("fmt", "Rewrite rule files in the one canonical form");
    command->add_option("PATH", options->paths, "Rule files or folders; - reads standard input and writes standard output")
        ->required()
        ->type_name("");
    command->add_flag("--check", options->check, "Change nothing; exit with 1 if a file would change");
    add_limit_option(*command, options->limits);
    command->footer(
        "Examples:\n"
        "  tocsin fmt rules/                 rewrite every .tocsin file below rules/\n"
        "  tocsin fmt --check rules/         for CI\n"
        "  tocsin fmt - < my.tocsin          for editors");
    command->callback([options, &exit_code] { exit_code = run_fmt(*options); });
}

}  // namespace tocsin::cli
