#include "endpoint_config.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>

#include "config_parts.hpp"

namespace tocsin::service {

namespace {

constexpr std::size_t kMostSecrets = 2;
constexpr unsigned kMostConcurrency = 64;
/// More than what is written to a file at once.
constexpr std::uint64_t kLeastFileSize = 2U << 20;
constexpr std::uint64_t kLeastMessage = 1024;
/// Of a socket's path, by the system.
constexpr std::size_t kMostSocketPath = 107;

template <class Value>
struct Choice {
    std::string_view name;
    Value value;
};

constexpr std::array kFormats{
    Choice<delivery::Format>{"tocsin", delivery::Format::tocsin},
    Choice<delivery::Format>{"cloudevents", delivery::Format::cloudevents},
    Choice<delivery::Format>{"alertmanager", delivery::Format::alertmanager},
    Choice<delivery::Format>{"slack", delivery::Format::slack},
    Choice<delivery::Format>{"pagerduty", delivery::Format::pagerduty},
};
constexpr std::array kOrders{
    Choice<delivery::Order>{"alert", delivery::Order::alert},
    Choice<delivery::Order>{"key", delivery::Order::key},
};
/// Of RFC 5424, those that a program of its own has to do with.
constexpr std::array kFacilities{
    Choice<unsigned>{"user", 1},      Choice<unsigned>{"daemon", 3},  Choice<unsigned>{"auth", 4},
    Choice<unsigned>{"authpriv", 10}, Choice<unsigned>{"local0", 16}, Choice<unsigned>{"local1", 17},
    Choice<unsigned>{"local2", 18},   Choice<unsigned>{"local3", 19}, Choice<unsigned>{"local4", 20},
    Choice<unsigned>{"local5", 21},   Choice<unsigned>{"local6", 22}, Choice<unsigned>{"local7", 23},
};

template <class Choices, class Value>
void read_choice(YamlSection& section, const char* key, const Choices& choices, Value& target) {
    std::string text;
    section.text(key, text);
    if (text.empty()) {
        return;
    }
    std::string all;
    for (const auto& choice : choices) {
        if (choice.name == text) {
            target = choice.value;
            return;
        }
        all += fmt::format("{}{}", all.empty() ? "" : ", ", choice.name);
    }
    section.error_at(key, fmt::format("no {} '{}': there are {}", key, text, all));
}

template <class Choices, class Value>
std::string_view name_of(const Choices& choices, Value value) {
    return std::find_if(choices.begin(), choices.end(), [&](const auto& choice) { return choice.value == value; })->name;
}

void read_optional_source(YamlSection& section, const char* key, std::optional<SecretSource>& target) {
    section.section(key, [&](YamlSection& source) { target = read_source(source); });
}

// ---- Webhooks

bool is_header_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

/// Those that each call has, and those that say how it is sent.
bool is_own_header(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    constexpr std::array<std::string_view, 8> kOwn{"content-type",      "content-length", "host", "connection",
                                                   "transfer-encoding", "expect",         "te",   "upgrade"};
    return name.starts_with("webhook-") || std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

HeaderConfig read_header(YamlSection& section) {
    HeaderConfig header;
    section.text("name", header.name);
    section.text("text", header.text);
    section.text("prefix", header.prefix);
    read_optional_source(section, "secret", header.secret);
    if (!is_header_name(header.name)) {
        section.error("a header wants 'name', as HTTP has them");
    } else if (is_own_header(header.name)) {
        section.error_at("name", fmt::format("'{}' is set by tocsin itself", header.name));
    }
    if (header.text.empty() == !header.secret || (!header.prefix.empty() && !header.secret)) {
        section.error("a header wants 'text', or 'secret': {file: PATH} or {env: NAME}, and that with a 'prefix' if need be");
    }
    const std::string all = header.text + header.prefix;
    if (std::any_of(all.begin(), all.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; })) {
        section.error("a header is one line");
    }
    return header;
}

void read_breaker(YamlSection& section, delivery::BreakerOptions& breaker) {
    section.number("failures", breaker.failures, 0, 1'000'000);
    section.duration("pause", breaker.pause);
    section.duration("max_pause", breaker.longest_pause);
    if (breaker.longest_pause < breaker.pause) {
        section.error("'max_pause' is not less than 'pause'");
    }
}

void read_where(YamlSection& section, WebhookConfig& webhook) {
    if (webhook.format == delivery::Format::pagerduty) {
        webhook.url = "https://events.pagerduty.com/v2/enqueue";
    }
    const bool given = section.has("url");
    section.text("url", webhook.url);
    read_optional_source(section, "url_from", webhook.url_from);
    if (given && webhook.url_from) {
        section.error_at("url_from", "'url' and 'url_from' are two words for one thing");
    } else if (!webhook.url_from && !webhook.url.starts_with("https://") && !webhook.url.starts_with("http://")) {
        section.error("'url' wants an address with https:// or http://");
    }
    webhook.url = webhook.url_from ? "" : webhook.url;
}

void read_webhook(YamlSection& section, std::vector<WebhookConfig>& webhooks, std::set<std::string>& names) {
    WebhookConfig webhook;
    read_name(section, webhook.name, names);
    read_choice(section, "format", kFormats, webhook.format);
    read_where(section, webhook);
    read_optional_source(section, "routing_key", webhook.routing_key);
    if ((webhook.format == delivery::Format::pagerduty) != webhook.routing_key.has_value()) {
        section.error("'routing_key' belongs to 'format: pagerduty', which wants it");
    }
    section.sections("secrets", [&](YamlSection& source) { webhook.secrets.push_back(read_source(source)); });
    if (webhook.secrets.size() > kMostSecrets) {
        section.error_at("secrets", "at most two secrets: the old one and the new one");
    }
    section.sections("headers", [&](YamlSection& header) { webhook.headers.push_back(read_header(header)); });
    section.duration("timeout", webhook.timeout);
    section.boolean("allow_private", webhook.allow_private);
    section.text("ca_file", webhook.ca_file);
    section.text("cert_file", webhook.cert_file);
    section.text("key_file", webhook.key_file);
    if (webhook.cert_file.empty() != webhook.key_file.empty()) {
        section.error("'cert_file' and 'key_file' are given together");
    }
    section.durations("retry", webhook.retry.delays);
    section.fraction("jitter", webhook.retry.jitter);
    section.section("breaker", [&](YamlSection& breaker) { read_breaker(breaker, webhook.breaker); });
    read_choice(section, "order", kOrders, webhook.order);
    section.number("concurrency", webhook.concurrency, 1, kMostConcurrency);
    webhooks.push_back(std::move(webhook));
}

// ---- Files and syslog

void read_file(YamlSection& section, std::vector<FileConfig>& files, std::set<std::string>& names) {
    FileConfig file;
    read_name(section, file.name, names);
    section.text("path", file.path);
    if (file.path.empty()) {
        section.error("a file wants 'path'");
    }
    section.bytes("max_size", file.rotation.max_size, kLeastFileSize);
    section.number("keep", file.rotation.keep, 1, 1000);
    if (section.has("keep") && file.rotation.max_size == 0) {
        section.error_at("keep", "'keep' wants 'max_size'");
    }
    files.push_back(std::move(file));
}

void read_syslog(YamlSection& section, std::vector<SyslogConfig>& syslogs, std::set<std::string>& names) {
    SyslogConfig syslog;
    read_name(section, syslog.name, names);
    section.text("socket", syslog.options.socket);
    if (syslog.options.socket.empty() || syslog.options.socket.size() > kMostSocketPath) {
        section.error(fmt::format("'socket' wants a path of at most {} bytes", kMostSocketPath));
    }
    read_choice(section, "facility", kFacilities, syslog.options.facility);
    section.text("app_name", syslog.options.app_name);
    const std::string& app = syslog.options.app_name;
    if (app.empty() || app.size() > 48 || !std::all_of(app.begin(), app.end(), [](char c) { return c > ' ' && c <= '~'; })) {
        section.error("'app_name' wants 1 to 48 printable characters of ASCII without blanks");
    }
    section.bytes("max_message", syslog.options.max_message, kLeastMessage);
    syslogs.push_back(std::move(syslog));
}

// ---- Showing them

std::string without_secrets(const std::string& url) {
    std::string shown = url;
    if (const std::size_t query = shown.find('?'); query != std::string::npos) {
        shown.replace(query + 1, std::string::npos, "***");
    }
    const std::size_t host = shown.find("://") + 3;
    const std::size_t end = std::min(shown.find('/', host), shown.size());
    if (const std::size_t at = shown.rfind('@', end); at != std::string::npos && at >= host && at < end) {
        shown.replace(host, at - host, "***");
    }
    return shown;
}

std::vector<std::string> durations_of(const std::vector<delivery::Millis>& waits) {
    std::vector<std::string> out;
    std::transform(waits.begin(), waits.end(), std::back_inserter(out),
                   [](delivery::Millis wait) { return format_duration(wait); });
    return out;
}

std::vector<std::string> sources_of(const std::vector<SecretSource>& sources) {
    std::vector<std::string> out;
    std::transform(sources.begin(), sources.end(), std::back_inserter(out),
                   [](const SecretSource& source) { return shown(source); });
    return out;
}

std::string shown(const HeaderConfig& header) {
    return header.secret ? fmt::format("{{name: {}, prefix: {}, secret: {}}}", yaml_text(header.name), yaml_text(header.prefix),
                                       shown(*header.secret))
                         : fmt::format("{{name: {}, text: {}}}", yaml_text(header.name), yaml_text(header.text));
}

std::string shown(const WebhookConfig& webhook) {
    std::vector<std::string> headers;
    std::transform(webhook.headers.begin(), webhook.headers.end(), std::back_inserter(headers),
                   [](const HeaderConfig& header) { return shown(header); });
    const std::string where = webhook.url_from ? fmt::format("url_from: {}", shown(*webhook.url_from))
                                               : fmt::format("url: {}", yaml_text(without_secrets(webhook.url)));
    const std::string routing_key =
        webhook.routing_key ? fmt::format("    routing_key: {}\n", shown(*webhook.routing_key)) : "";
    return fmt::format("  - name: {}\n    {}\n    format: {}\n{}    secrets: {}\n    headers: {}\n", webhook.name, where,
                       name_of(kFormats, webhook.format), routing_key, list_of(sources_of(webhook.secrets)), list_of(headers)) +
           fmt::format(
               "    timeout: {}\n    allow_private: {}\n    ca_file: {}\n    cert_file: {}\n    key_file: {}\n    retry: {}\n  "
               "  jitter: {}\n",
               format_duration(webhook.timeout), webhook.allow_private, yaml_text(webhook.ca_file),
               yaml_text(webhook.cert_file), yaml_text(webhook.key_file), list_of(durations_of(webhook.retry.delays)),
               webhook.retry.jitter) +
           fmt::format("    breaker: {{failures: {}, pause: {}, max_pause: {}}}\n    order: {}\n    concurrency: {}\n",
                       webhook.breaker.failures, format_duration(webhook.breaker.pause),
                       format_duration(webhook.breaker.longest_pause), name_of(kOrders, webhook.order), webhook.concurrency);
}

std::string shown(const FileConfig& file) {
    const std::string rotation = file.rotation.max_size == 0 ? ""
                                                             : fmt::format("    max_size: {}\n    keep: {}\n",
                                                                           file.rotation.max_size, file.rotation.keep);
    return fmt::format("  - name: {}\n    path: {}\n{}", file.name, yaml_text(file.path), rotation);
}

std::string shown(const SyslogConfig& syslog) {
    return fmt::format("  - name: {}\n    socket: {}\n    facility: {}\n    app_name: {}\n    max_message: {}\n", syslog.name,
                       yaml_text(syslog.options.socket), name_of(kFacilities, syslog.options.facility),
                       yaml_text(syslog.options.app_name), syslog.options.max_message);
}

}  // namespace

void read_endpoints(YamlSection& section, Config& config) {
    std::set<std::string> names{"stdout"};
    section.sections("webhooks", [&](YamlSection& webhook) { read_webhook(webhook, config.webhooks, names); });
    section.sections("files", [&](YamlSection& file) { read_file(file, config.files, names); });
    section.sections("syslog", [&](YamlSection& syslog) { read_syslog(syslog, config.syslogs, names); });
}

void each_endpoint_path(Config& config, const std::function<void(std::string&)>& visit) {
    const auto visit_source = [&](std::optional<SecretSource>& source) {
        if (source && source->kind == SecretSource::Kind::file) {
            visit(source->name);
        }
    };
    for (WebhookConfig& webhook : config.webhooks) {
        visit_source(webhook.url_from);
        visit_source(webhook.routing_key);
        for (std::string* const path : {&webhook.ca_file, &webhook.cert_file, &webhook.key_file}) {
            visit(*path);
        }
        for (SecretSource& source : webhook.secrets) {
            if (source.kind == SecretSource::Kind::file) {
                visit(source.name);
            }
        }
        for (HeaderConfig& header : webhook.headers) {
            visit_source(header.secret);
        }
    }
    for (FileConfig& file : config.files) {
        visit(file.path);
    }
    for (SyslogConfig& syslog : config.syslogs) {
        visit(syslog.options.socket);
    }
}

std::string show_endpoints(const Config& config) {
    return shown_list("webhooks", config.webhooks, [](const WebhookConfig& webhook) { return shown(webhook); }) +
           shown_list("files", config.files, [](const FileConfig& file) { return shown(file); }) +
           shown_list("syslog", config.syslogs, [](const SyslogConfig& syslog) { return shown(syslog); });
}

}  // namespace tocsin::service
