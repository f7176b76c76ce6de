// `tocsin serve` and `tocsin config show`.
#include <chrono>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <tocsin/service/config.hpp>
#include <tocsin/service/service.hpp>

#include "command.hpp"
#include "interrupt.hpp"
#include "rule_texts.hpp"

namespace tocsin::cli {

namespace {

constexpr std::chrono::milliseconds kLookEvery{50};

struct ServeOptions {
    std::string config;
    std::string listen;
    std::string data;
    std::vector<std::string> rules;
};

/// The config file's, or the defaults, with what the command line says in its place.
Result<service::Config> effective_config(const ServeOptions& options) {
    auto config = options.config.empty() ? Result<service::Config>(service::Config{}) : service::load_config(options.config);
    return std::move(config).map([&](service::Config&& read) {
        read.http.listen = options.listen.empty() ? read.http.listen : options.listen;
        read.data = options.data.empty() ? read.data : options.data;
        read.rules = options.rules.empty() ? read.rules : options.rules;
        return std::move(read);
    });
}

/// Until a signal comes, or nothing can be taken any more.
ExitCode wait_for_end(service::Service& service) {
    while (!InterruptGuard::flag().load()) {
        if (service.failure()) {
            return ExitCode::trouble;
        }
        if (ReloadGuard::take()) {
            service.reload();
        }
        std::this_thread::sleep_for(kLookEvery);
    }
    spdlog::info("stopping");
    return ExitCode::fine;
}

ExitCode run_serve(const ServeOptions& options) {
    const auto config = effective_config(options);
    if (!config) {
        return report(config.error());
    }
    if (!config->rules.empty()) {
        // Errors are drawn before anything is opened.
        if (const auto rules = load_to_run(config->rules, Limits{}); !rules) {
            return rules.error();
        }
    }
    const InterruptGuard guard;
    const ReloadGuard reload_guard;
    const auto service = service::Service::start(*config, [paths = config->rules]() -> Result<std::vector<state::RuleText>> {
        return paths.empty() ? std::vector<state::RuleText>{} : read_rule_texts(paths, Limits{});
    });
    if (!service) {
        return report(service.error());
    }
    spdlog::info("{} rules; listening on port {}", (*service)->rules(), (*service)->port());
    return wait_for_end(**service);
}

ExitCode run_show(const ServeOptions& options) {
    const auto config = effective_config(options);
    return config ? print(service::show_config(*config)) : report(config.error());
}

void add_options(CLI::App& command, ServeOptions& options) {
    command.add_option("-c,--config", options.config, "Settings; docs/serve.md lists them")->type_name("FILE");
    command.add_option("--listen", options.listen, "Where to listen; port 0 takes one that is free")->type_name("ADDRESS:PORT");
    command.add_option("--data", options.data, "Folder of the store; made where it is missing")->type_name("DIR");
    command.add_option("-r,--rules", options.rules, "Rule file, or folder with .tocsin files; in place of those in the config")
        ->type_name("PATH...")
        ->allow_extra_args(false);
}

}  // namespace

void add_serve(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<ServeOptions>();
    CLI::App* command = app.add_subcommand("serve", "Take events over HTTP, and deliver alerts to webhooks and files");
    add_options(*command, *options);
    command->footer(
        "Each option is in place of what the config says. SIGTERM and SIGINT stop it; nothing is lost by them, nor by a kill.\n"
        "SIGHUP reads the rules again; so does a start, which else runs what was deployed last.\n"
        "Examples:\n"
        "  tocsin serve --rules rules/security --data /var/lib/tocsin\n"
        "  tocsin serve --config tocsin.yaml --listen 127.0.0.1:9000\n"
        "  curl --data-binary @events.ndjson http://127.0.0.1:8787/v1/events");
    command->callback([options, &exit_code] { exit_code = run_serve(*options); });
}

void add_config(CLI::App& app, ExitCode& exit_code) {
    const auto options = std::make_shared<ServeOptions>();
    CLI::App* command = app.add_subcommand("config", "Show the settings of serve");
    command->require_subcommand(1);
    CLI::App* show = command->add_subcommand("show", "Print the settings in effect, with all defaults and without secrets");
    add_options(*show, *options);
    show->callback([options, &exit_code] { exit_code = run_show(*options); });
}

}  // namespace tocsin::cli
