#include "endpoints.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace tocsin::service {

namespace {

/// What goes into a line of HTTP.
Result<std::string> read_line(const SecretSource& source) {
    return source.read().and_then([&](std::string&& text) -> Result<std::string> {
        const bool one_line =
            std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
        return one_line ? Result<std::string>(std::move(text))
                        : fail(Errc::invalid, fmt::format("{} wants to be one line", source.name));
    });
}

Result<void> read_secrets(const WebhookConfig& config, delivery::WebhookOptions& options) {
    for (const SecretSource& source : config.secrets) {
        auto secret = source.read().and_then([](const std::string& text) { return delivery::Secret::parse(text); });
        if (!secret) {
            return tl::unexpected(secret.error());
        }
        options.secrets.push_back(std::move(*secret));
    }
    for (const HeaderConfig& header : config.headers) {
        auto value = header.secret ? read_line(*header.secret) : Result<std::string>(header.text);
        if (!value) {
            return tl::unexpected(value.error());
        }
        options.headers.emplace_back(header.name, header.prefix + *value);
    }
    if (config.routing_key) {
        auto key = read_line(*config.routing_key);
        if (!key) {
            return tl::unexpected(key.error());
        }
        options.routing_key = std::move(*key);
    }
    return {};
}

Result<std::string> url_of(const WebhookConfig& config) {
    if (!config.url_from) {
        return config.url;
    }
    return read_line(*config.url_from).and_then([&](std::string&& url) -> Result<std::string> {
        const bool fits = url.starts_with("https://") || url.starts_with("http://");
        return fits ? Result<std::string>(std::move(url))
                    : fail(Errc::invalid, fmt::format("{} wants an address with https:// or http://", config.url_from->name));
    });
}

tl::unexpected<Error> of_webhook(const WebhookConfig& config, const Error& error) {
    return fail(error.code, fmt::format("webhook {}: {}", config.name, error.message));
}

Result<std::unique_ptr<delivery::Endpoint>> make_webhook(const WebhookConfig& config, state::Outbox& outbox) {
    auto options = webhook_options(config);
    auto transport = webhook_transport(config);
    if (!options || !transport) {
        return tl::unexpected(!options ? options.error() : transport.error());
    }
    return delivery::make_webhook(std::move(*options), std::move(*transport), outbox, wall_time, std::random_device()());
}

}  // namespace

delivery::WallTime wall_time() { return std::chrono::floor<delivery::Millis>(std::chrono::system_clock::now()); }

Result<delivery::WebhookOptions> webhook_options(const WebhookConfig& config) {
    delivery::WebhookOptions options;
    options.name = config.name;
    options.format = config.format;
    options.schedule = config.retry;
    options.breaker = config.breaker;
    options.order = config.order;
    options.concurrency = config.concurrency;
    auto url = url_of(config);
    if (!url) {
        return of_webhook(config, url.error());
    }
    options.url = std::move(*url);
    if (const auto read = read_secrets(config, options); !read) {
        return of_webhook(config, read.error());
    }
    return options;
}

Result<std::unique_ptr<delivery::Transport>> webhook_transport(const WebhookConfig& config) {
    delivery::HttpOptions options;
    options.timeout = config.timeout;
    options.allow_private = config.allow_private;
    options.ca_file = config.ca_file;
    options.cert_file = config.cert_file;
    options.key_file = config.key_file;
    options.connections = config.concurrency;
    auto transport = delivery::make_http_transport(std::move(options));
    return transport ? std::move(transport) : of_webhook(config, transport.error());
}

Result<std::vector<std::unique_ptr<delivery::Endpoint>>> make_endpoints(const Config& config, state::Outbox& outbox) {
    std::vector<std::unique_ptr<delivery::Endpoint>> endpoints;
    for (const WebhookConfig& webhook : config.webhooks) {
        auto made = make_webhook(webhook, outbox);
        if (!made) {
            return tl::unexpected(made.error());
        }
        endpoints.push_back(std::move(*made));
    }
    for (const FileConfig& file : config.files) {
        endpoints.push_back(delivery::make_file(file.name, file.path, file.rotation, outbox, wall_time));
    }
    for (const SyslogConfig& syslog : config.syslogs) {
        endpoints.push_back(delivery::make_syslog(syslog.name, syslog.options, outbox, wall_time));
    }
    if (config.standard_output) {
        endpoints.push_back(delivery::make_stream("stdout", STDOUT_FILENO, outbox, wall_time));
    }
    return endpoints;
}

}  // namespace tocsin::service
