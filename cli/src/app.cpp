#include "app.hpp"

#include <csignal>
#include <exception>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "command.hpp"
#include "help.hpp"
#include "terminal.hpp"

namespace tocsin::cli {

namespace {

void set_up_log() {
    const auto mode = colour_for(Stream::error) == Colour::on ? spdlog::color_mode::always : spdlog::color_mode::never;
    auto logger = spdlog::stderr_color_mt("tocsin", mode);
    logger->set_pattern("%n: %^%l%$: %v");
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace

std::unique_ptr<CLI::App> make_app(ExitCode& exit_code) {
    auto app = std::make_unique<CLI::App>(
        "A rules engine for event streams: writes an alert where a pattern of events matches.", "tocsin");
    app->formatter(std::make_shared<HelpFormatter>());
    app->set_version_flag("--version", "tocsin " TOCSIN_VERSION, "Print the version and exit");
    app->require_subcommand(1);
    add_replay(*app, exit_code);
    add_backtest(*app, exit_code);
    add_check(*app, exit_code);
    add_fmt(*app, exit_code);
    add_test(*app, exit_code);
    add_explain(*app, exit_code);
    add_infer(*app, exit_code);
    add_advise(*app, exit_code);
    add_generate(*app, exit_code);
    add_serve(*app, exit_code);
    add_config(*app, exit_code);
    add_deploy(*app, exit_code);
    add_rollback(*app, exit_code);
    add_rules(*app, exit_code);
    add_log(*app, exit_code);
    add_dlq(*app, exit_code);
    add_webhook(*app, exit_code);
    add_completion(*app, exit_code);
    add_version(*app, exit_code);
    app->footer(
        "Exit codes: 0 fine, 1 a test or a finding failed, 2 a rule is wrong, 3 wrong usage or I/O.\n"
        "tocsin COMMAND --help says more about a command.");
    return app;
}

ExitCode run(int argc, const char* const* argv) {
    // A pipe that nobody reads any more is an error of that write, reported like any other.
    std::signal(SIGPIPE, SIG_IGN);
    set_up_log();
    ExitCode exit_code = ExitCode::fine;
    const auto app = make_app(exit_code);
    try {
        app->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app->exit(error) == 0 ? ExitCode::fine : ExitCode::trouble;
    } catch (const std::exception& error) {
        spdlog::critical("{}", error.what());
        return ExitCode::trouble;
    }
    return exit_code;
}

}  // namespace tocsin::cli
