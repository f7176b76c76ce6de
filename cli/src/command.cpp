#include "command.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <tocsin/alerts/sink.hpp>

#include "limits_option.hpp"
#include "terminal.hpp"

namespace tocsin::cli {

CLI::Option* add_rules_option(CLI::App& command, std::vector<std::string>& paths) {
    return command
        .add_option("-r,--rules", paths,
                    "Rule file, or folder with .tocsin files; several may follow or the option be repeated")
        ->required()
        ->type_name("PATH...")
        ->allow_extra_args(false);
}

CLI::Option* add_data_option(CLI::App& command, std::string& data) {
    return command.add_option("--data", data, "Folder of the store")->required()->type_name("DIR");
}

void add_limit_option(CLI::App& command, std::vector<std::string>& assignments) {
    command.add_option("--limit", assignments, fmt::format("Set a bound; NAME is one of {}", fmt::join(limit_names(), ", ")))
        ->type_name("NAME=NUMBER")
        ->allow_extra_args(false);
}

void add_data_input(CLI::App& command, std::string& folder) {
    command
        .add_option("--data", folder, "Read the log of a service too: the folder of its store. The service may run meanwhile")
        ->type_name("DIR");
}

ExitCode report(const Error& error) {
    spdlog::error("{}", error.message);
    return ExitCode::trouble;
}

ExitCode print(const std::string& text, ExitCode then) {
    alerts::FileSink out = alerts::FileSink::standard_output();
    const auto written = out.write(text).and_then([&] { return out.close(); });
    return written ? then : report(written.error());
}

tl::expected<Rules, ExitCode> load_to_run(const std::vector<std::string>& paths, const Limits& limits) {
    auto rules = load_rules(paths, limits);
    if (!rules) {
        return tl::unexpected(report(rules.error()));
    }
    const Diagnostics shown = at_least(rules->diagnostics, Severity::warning);
    const std::string drawn = render(shown, rules->sources, colour_for(Stream::error));
    std::fwrite(drawn.data(), 1, drawn.size(), stderr);
    if (!rules->program) {
        const auto errors =
            std::count_if(shown.begin(), shown.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
        spdlog::error("{} error{} in the rules", errors, errors == 1 ? "" : "s");
        return tl::unexpected(ExitCode::bad_rule);
    }
    return std::move(*rules);
}

}  // namespace tocsin::cli
