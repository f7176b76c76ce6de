// `tocsin webhook`: for those who set one up, or write what takes its calls.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <tocsin/alerts/sink.hpp>
#include <tocsin/alerts/terminal_text.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/delivery/signature.hpp>
#include <tocsin/service/config.hpp>
#include <tocsin/service/http.hpp>
#include <tocsin/service/webhook_trial.hpp>

#include "columns.hpp"
#include "command.hpp"
#include "interrupt.hpp"
#include "text_file.hpp"

namespace tocsin::cli {

namespace {

constexpr std::size_t kMostBody = 16U << 20;
constexpr std::chrono::milliseconds kLookEvery{50};

struct TestOptions {
    std::string config;
    std::string name;
    bool retract{false};
};

struct ListenOptions {
    std::string listen{"127.0.0.1:9000"};
    std::vector<std::string> secrets;
    unsigned status{200};
    std::uint64_t count{0};
};

struct VerifyOptions {
    std::vector<std::string> secrets;
    std::string id;
    std::int64_t timestamp{0};
    std::string signature;
    std::string file{"-"};
};

std::int64_t unix_seconds() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

/// `env:NAME`, `file:PATH`, or the secret itself.
Result<delivery::Secret> read_secret(const std::string& source) {
    using service::SecretSource;
    const auto behind = [&](std::string_view prefix) { return source.substr(prefix.size()); };
    auto text = source.starts_with("env:")    ? SecretSource{SecretSource::Kind::env, behind("env:")}.read()
                : source.starts_with("file:") ? SecretSource{SecretSource::Kind::file, behind("file:")}.read()
                                              : Result<std::string>(source);
    return text.and_then([](const std::string& secret) { return delivery::Secret::parse(secret); });
}

Result<std::vector<delivery::Secret>> read_secrets(const std::vector<std::string>& sources) {
    std::vector<delivery::Secret> secrets;
    for (const std::string& source : sources) {
        auto secret = read_secret(source);
        if (!secret) {
            return tl::unexpected(secret.error());
        }
        secrets.push_back(std::move(*secret));
    }
    return secrets;
}

// ---- test

std::string text_of(const service::WebhookTrial& trial) {
    const auto id = std::find_if(trial.request.headers.begin(), trial.request.headers.end(),
                                 [](const auto& header) { return header.first == "webhook-id"; });
    const std::string said = trial.answer.excerpt.empty() ? "" : alerts::printable(trial.answer.excerpt) + "\n";
    const std::string what = trial.answer.status == 0 ? "no answer: " + alerts::printable(trial.answer.failure)
                                                      : fmt::format("status {}", trial.answer.status);
    return fmt::format("{}: {} ({} ms)\n{}", id->second, what, trial.took.count(), said);
}

ExitCode run_trials(const service::WebhookConfig& webhook, bool with_retract) {
    service::SampleAlert sample{(std::uint64_t{std::random_device()()} << 32) | std::random_device()(),
                                std::chrono::floor<delivery::Millis>(std::chrono::system_clock::now()), false};
    ExitCode code = ExitCode::fine;
    for (const bool retract : with_retract ? std::vector<bool>{false, true} : std::vector<bool>{false}) {
        sample.retract = retract;
        const auto trial = service::try_webhook(webhook, sample);
        if (!trial) {
            return report(trial.error());
        }
        const bool taken = trial->answer.status >= 200 && trial->answer.status < 300;
        code = print(text_of(*trial), taken ? code : ExitCode::failed);
    }
    return code;
}

ExitCode run_test_call(const TestOptions& options) {
    const auto config = service::load_config(options.config);
    if (!config) {
        return report(config.error());
    }
    const auto found = std::find_if(config->webhooks.begin(), config->webhooks.end(),
                                    [&](const auto& webhook) { return webhook.name == options.name; });
    if (found == config->webhooks.end()) {
        return report({Errc::invalid, fmt::format("{} has no webhook '{}'", options.config, options.name)});
    }
    return run_trials(*found, options.retract);
}

// ---- listen

/// Notes each call on standard output. Thread-safe.
class CallPrinter {
public:
    explicit CallPrinter(std::vector<delivery::Secret> secrets) : secrets_(std::move(secrets)) {}

    void print(const service::HttpRequest& request) {
        const std::string text = fmt::format("{} {} {}\nwebhook-id: {}\nsignature: {}\n{}\n\n",
                                             format_rfc3339(EventTime::from_millis(unix_seconds() * 1000)), request.method,
                                             alerts::printable(request.path), alerts::printable(header(request, "webhook-id")),
                                             verdict(request), alerts::printable(request.body));
        const std::lock_guard lock(mutex_);
        if (const auto written = out_.write(text).and_then([&] { return out_.flush(); }); !written) {
            spdlog::error("{}", written.error().message);
        }
        ++calls_;
    }
    [[nodiscard]] std::uint64_t calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

private:
    [[nodiscard]] static std::string header(const service::HttpRequest& request, const char* name) {
        const auto found = request.headers.find(name);
        return found == request.headers.end() ? "" : found->second;
    }
    [[nodiscard]] std::string verdict(const service::HttpRequest& request) const {
        const std::string signature = header(request, "webhook-signature");
        const std::string time = header(request, "webhook-timestamp");
        std::int64_t timestamp = 0;
        const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), timestamp);
        if (signature.empty() || secrets_.empty()) {
            return signature.empty() ? "none" : "not looked at: no --secret was given";
        }
        if (error != std::errc() || end != time.data() + time.size()) {
            return "wrong: webhook-timestamp is no number";
        }
        if (delivery::verify(secrets_, header(request, "webhook-id"), timestamp, request.body, signature) !=
            delivery::Verification::fits) {
            return "wrong";
        }
        return fmt::format("fits, made {} s ago", unix_seconds() - timestamp);
    }

    std::vector<delivery::Secret> secrets_;
    mutable std::mutex mutex_;
    alerts::FileSink out_ = alerts::FileSink::standard_output();
    std::uint64_t calls_{0};
};

ExitCode run_listen(const ListenOptions& options) {
    auto secrets = read_secrets(options.secrets);
    const auto listen = service::parse_listen(options.listen);
    if (!secrets || !listen) {
        return report(!secrets ? secrets.error() : listen.error());
    }
    CallPrinter printer(std::move(*secrets));
    service::HttpOptions http;
    http.address = listen->address;
    http.port = listen->port;
    http.max_body = kMostBody;
    const InterruptGuard guard;
    const auto server =
        service::HttpServer::start(http, [&](const service::HttpRequest& request, const service::Respond& respond) {
            printer.print(request);
            service::HttpResponse response;
            response.status = static_cast<int>(options.status);
            respond(std::move(response));
        });
    if (!server) {
        return report(server.error());
    }
    spdlog::info("listening on port {}", (*server)->port());
    while (!InterruptGuard::flag().load() && (options.count == 0 || printer.calls() < options.count)) {
        std::this_thread::sleep_for(kLookEvery);
    }
    (*server)->stop();
    return ExitCode::fine;
}

// ---- verify

ExitCode run_verify(const VerifyOptions& options) {
    const auto secrets = read_secrets(options.secrets);
    const auto body = read_text(options.file, kMostBody);
    if (!secrets || !body) {
        return report(!secrets ? secrets.error() : body.error());
    }
    switch (delivery::verify(*secrets, options.id, options.timestamp, *body, options.signature)) {
        case delivery::Verification::fits:
            return print(fmt::format("fits; made {} s ago\n", unix_seconds() - options.timestamp));
        case delivery::Verification::wrong:
            return print("wrong: not by these secrets over this id, timestamp and body\n", ExitCode::failed);
        case delivery::Verification::none: break;
    }
    return print("wrong: no signature of version v1\n", ExitCode::failed);
}

CLI::Option* add_secrets(CLI::App& command, std::vector<std::string>& secrets) {
    return command.add_option("--secret", secrets, "env:NAME, file:PATH, or the secret itself, whsec_…; may be repeated")
        ->type_name("SECRET")
        ->allow_extra_args(false);
}

void add_test_call(CLI::App& parent, ExitCode& exit_code) {
    const auto options = std::make_shared<TestOptions>();
    CLI::App* command = parent.add_subcommand("test", "Call a webhook once with a sample alert, and print what it answers");
    command->add_option("-c,--config", options->config, "The service's settings")->required()->type_name("FILE");
    command->add_option("NAME", options->name, "The webhook's name in them")->required()->type_name("");
    command->add_flag("--retract", options->retract, "Then take the alert back, so that nothing stays open there");
    command->footer(
        "Exit code 1 where it was not taken. Needs no store, and may run beside the service.\n"
        "Example: tocsin webhook test --config tocsin.yaml --retract on-call");
    command->callback([options, &exit_code] { exit_code = run_test_call(*options); });
}

void add_listen(CLI::App& parent, ExitCode& exit_code) {
    const auto options = std::make_shared<ListenOptions>();
    CLI::App* command = parent.add_subcommand("listen", "Take calls, print them, and say whether their signatures fit");
    command->add_option("--listen", options->listen, "Where to listen; port 0 takes one that is free")
        ->type_name("ADDRESS:PORT")
        ->capture_default_str();
    add_secrets(*command, options->secrets);
    command->add_option("--status", options->status, "What to answer")
        ->check(CLI::Range(200, 599))
        ->type_name("NUMBER")
        ->capture_default_str();
    command->add_option("--count", options->count, "End after so many calls; 0: never")
        ->type_name("NUMBER")
        ->capture_default_str();
    command->footer("Example: tocsin webhook listen --secret env:HOOK_SECRET --status 503");
    command->callback([options, &exit_code] { exit_code = run_listen(*options); });
}

void add_verify(CLI::App& parent, ExitCode& exit_code) {
    const auto options = std::make_shared<VerifyOptions>();
    CLI::App* command = parent.add_subcommand("verify", "Say whether the signature of a call fits");
    add_secrets(*command, options->secrets)->required();
    command->add_option("--id", options->id, "The call's webhook-id")->required()->type_name("TEXT");
    command->add_option("--timestamp", options->timestamp, "Its webhook-timestamp")->required()->type_name("SECONDS");
    command->add_option("--signature", options->signature, "Its webhook-signature")->required()->type_name("TEXT");
    command->add_option("FILE", options->file, "Its body, byte for byte; default: standard input")->type_name("");
    command->footer("Exit code 1 where it does not. How old a call may be is for the receiver to say; five minutes are usual.");
    command->callback([options, &exit_code] { exit_code = run_verify(*options); });
}

}  // namespace

void add_webhook(CLI::App& app, ExitCode& exit_code) {
    CLI::App* command = app.add_subcommand("webhook", "Try webhooks: call one, be one, verify a signature");
    command->require_subcommand(1);
    add_test_call(*command, exit_code);
    add_listen(*command, exit_code);
    add_verify(*command, exit_code);
}

}  // namespace tocsin::cli
