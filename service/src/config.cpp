#include <tocsin/service/config.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>

#include "yaml_section.hpp"

namespace tocsin::service {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLeastFree = 128U << 20;
constexpr std::uint64_t kLeastBody = 1024;
constexpr std::size_t kMostSecrets = 2;

/// Reads `{file: PATH}` or `{env: NAME}`; a secret itself must not stand in the config.
SecretSource read_source(YamlSection& section) {
    SecretSource source;
    std::string file;
    std::string env;
    section.text("file", file);
    section.text("env", env);
    if (file.empty() == env.empty()) {
        section.error("a secret is {file: PATH} or {env: NAME}");
    }
    return env.empty() ? SecretSource{SecretSource::Kind::file, file} : SecretSource{SecretSource::Kind::env, env};
}

void read_name(YamlSection& section, std::string& name, std::set<std::string>& names) {
    section.text("name", name);
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
    if (!plain) {
        section.error("'name' wants letters, digits and _ - .");
    } else if (!names.insert(name).second) {
        section.error_at("name", fmt::format("there are two with the name '{}'", name));
    }
}

void read_http(YamlSection& section, HttpConfig& http) {
    section.text("listen", http.listen);
    section.number("threads", http.threads, 1, 256);
    section.bytes("max_body", http.max_body, kLeastBody);
    section.bytes("max_connections", http.max_connections, 1);
    section.bytes("queue", http.queue, kLeastBody);
    section.duration("idle_timeout", http.idle_timeout);
    section.duration("read_timeout", http.read_timeout);
    section.boolean("allow_anonymous", http.allow_anonymous);
}

void read_token(YamlSection& section, std::vector<TokenConfig>& tokens, std::set<std::string>& names) {
    TokenConfig token;
    read_name(section, token.name, names);
    if (!section.has("token")) {
        section.error("a token wants 'token': {file: PATH} or {env: NAME}");
    }
    section.section("token", [&](YamlSection& source) { token.token = read_source(source); });
    std::vector<std::string> scopes;
    section.texts("scopes", scopes);
    for (const std::string& scope : scopes) {
        token.may_ingest = token.may_ingest || scope == "ingest";
        token.may_read = token.may_read || scope == "read";
        token.may_deploy = token.may_deploy || scope == "deploy";
        if (scope != "ingest" && scope != "read" && scope != "deploy") {
            section.error_at("scopes", fmt::format("no scope '{}': there are ingest, read and deploy", scope));
        }
    }
    if (scopes.empty()) {
        section.error("a token wants 'scopes': one or more of ingest, read and deploy");
    }
    tokens.push_back(std::move(token));
}

void read_webhook(YamlSection& section, std::vector<WebhookConfig>& webhooks, std::set<std::string>& names) {
    WebhookConfig webhook;
    read_name(section, webhook.name, names);
    section.text("url", webhook.url);
    if (!webhook.url.starts_with("https://") && !webhook.url.starts_with("http://")) {
        section.error("'url' wants an address with https:// or http://");
    }
    section.sections("secrets", [&](YamlSection& source) { webhook.secrets.push_back(read_source(source)); });
    if (webhook.secrets.size() > kMostSecrets) {
        section.error_at("secrets", "at most two secrets: the old one and the new one");
    }
    section.duration("timeout", webhook.timeout);
    section.boolean("allow_private", webhook.allow_private);
    section.text("ca_file", webhook.ca_file);
    section.durations("retry", webhook.retry.delays);
    section.fraction("jitter", webhook.retry.jitter);
    webhooks.push_back(std::move(webhook));
}

void read_file(YamlSection& section, std::vector<FileConfig>& files, std::set<std::string>& names) {
    FileConfig file;
    read_name(section, file.name, names);
    section.text("path", file.path);
    if (file.path.empty()) {
        section.error("a file wants 'path'");
    }
    files.push_back(std::move(file));
}

void read_all(YamlSection& section, Config& config) {
    std::set<std::string> endpoints{"stdout"};
    std::set<std::string> tokens;
    section.texts("rules", config.rules);
    section.text("data", config.data);
    section.bytes("min_free", config.min_free, kLeastFree);
    section.number("threads", config.threads, 1, 1024);
    section.boolean("stdout", config.standard_output);
    section.section("http", [&](YamlSection& http) { read_http(http, config.http); });
    section.sections("tokens", [&](YamlSection& token) { read_token(token, config.tokens, tokens); });
    section.sections("webhooks", [&](YamlSection& webhook) { read_webhook(webhook, config.webhooks, endpoints); });
    section.sections("files", [&](YamlSection& file) { read_file(file, config.files, endpoints); });
    section.finish();
}

void make_relative_to(const fs::path& folder, Config& config) {
    const auto move = [&](std::string& path) {
        if (!path.empty() && !folder.empty() && fs::path(path).is_relative()) {
            path = (folder / path).lexically_normal().string();
        }
    };
    const auto move_source = [&](SecretSource& source) {
        if (source.kind == SecretSource::Kind::file) {
            move(source.name);
        }
    };
    std::for_each(config.rules.begin(), config.rules.end(), move);
    move(config.data);
    for (TokenConfig& token : config.tokens) {
        move_source(token.token);
    }
    for (WebhookConfig& webhook : config.webhooks) {
        move(webhook.ca_file);
        std::for_each(webhook.secrets.begin(), webhook.secrets.end(), move_source);
    }
    for (FileConfig& file : config.files) {
        move(file.path);
    }
}

std::string yaml_text(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c;
        out += c == '\'' ? "'" : "";
    }
    return out + "'";
}

std::string shown(const SecretSource& source) {
    return fmt::format("{{{}: {}}}", source.kind == SecretSource::Kind::file ? "file" : "env", yaml_text(source.name));
}

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

std::string list_of(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) {
        out += (out.empty() ? "" : ", ") + item;
    }
    return "[" + out + "]";
}

std::vector<std::string> durations_of(const std::vector<delivery::Millis>& waits) {
    std::vector<std::string> out;
    std::transform(waits.begin(), waits.end(), std::back_inserter(out), [](delivery::Millis wait) { return format_duration(wait); });
    return out;
}

std::string shown(const WebhookConfig& webhook) {
    std::vector<std::string> secrets;
    std::transform(webhook.secrets.begin(), webhook.secrets.end(), std::back_inserter(secrets),
                   [](const SecretSource& source) { return shown(source); });
    return fmt::format("  - name: {}\n    url: {}\n    secrets: {}\n    timeout: {}\n    allow_private: {}\n    ca_file: {}\n    retry: {}\n"
                       "    jitter: {}\n",
                       webhook.name, yaml_text(without_secrets(webhook.url)), list_of(secrets), format_duration(webhook.timeout),
                       webhook.allow_private, yaml_text(webhook.ca_file), list_of(durations_of(webhook.retry.delays)), webhook.retry.jitter);
}

std::string shown(const TokenConfig& token) {
    std::vector<std::string> scopes;
    if (token.may_ingest) {
        scopes.emplace_back("ingest");
    }
    if (token.may_read) {
        scopes.emplace_back("read");
    }
    if (token.may_deploy) {
        scopes.emplace_back("deploy");
    }
    return fmt::format("  - name: {}\n    token: {}\n    scopes: {}\n", token.name, shown(token.token), list_of(scopes));
}

std::string shown(const FileConfig& file) { return fmt::format("  - name: {}\n    path: {}\n", file.name, yaml_text(file.path)); }

template <class Item>
std::string shown_list(const char* key, const std::vector<Item>& items) {
    std::string out = fmt::format("{}:{}\n", key, items.empty() ? " []" : "");
    for (const Item& item : items) {
        out += shown(item);
    }
    return out;
}

Result<std::string> read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) {
        return fail(Errc::io, fmt::format("cannot read {}", path));
    }
    return text;
}

}  // namespace

Result<std::string> SecretSource::read() const {
    std::string text;
    if (kind == Kind::env) {
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) {
            return fail(Errc::invalid, fmt::format("the variable {} is not set", name));
        }
        text = value;
    } else {
        auto read = read_text(name);
        if (!read) {
            return read;
        }
        text = std::move(*read);
    }
    constexpr const char* kSpace = " \t\r\n";
    text.erase(text.find_last_not_of(kSpace) + 1);
    text.erase(0, text.find_first_not_of(kSpace));
    if (text.empty()) {
        return fail(Errc::invalid, fmt::format("{} is empty", name));
    }
    return text;
}

Result<Config> parse_config(std::string_view text, const std::string& path) {
    YamlErrors errors(path);
    Config config;
    try {
        YamlSection section(YAML::Load(std::string(text)), "", errors);
        read_all(section, config);
    } catch (const YAML::Exception& error) {
        errors.add(error.mark, error.msg);
    }
    if (!errors.empty()) {
        return fail(Errc::invalid, errors.text());
    }
    make_relative_to(fs::path(path).parent_path(), config);
    return config;
}

Result<Config> load_config(const std::string& path) {
    return read_text(path).and_then([&](const std::string& text) { return parse_config(text, path); });
}

std::string show_config(const Config& config) {
    std::vector<std::string> rules;
    std::transform(config.rules.begin(), config.rules.end(), std::back_inserter(rules), yaml_text);
    const HttpConfig& http = config.http;
    return fmt::format("rules: {}\ndata: {}\nmin_free: {}\nthreads: {}\nstdout: {}\n", list_of(rules), yaml_text(config.data), config.min_free,
                       config.threads, config.standard_output) +
           fmt::format("http:\n  listen: {}\n  threads: {}\n  max_body: {}\n  max_connections: {}\n  queue: {}\n  idle_timeout: {}\n"
                       "  read_timeout: {}\n  allow_anonymous: {}\n",
                       yaml_text(http.listen), http.threads, http.max_body, http.max_connections, http.queue,
                       format_duration(http.idle_timeout), format_duration(http.read_timeout), http.allow_anonymous) +
           shown_list("tokens", config.tokens) + shown_list("webhooks", config.webhooks) + shown_list("files", config.files);
}

}  // namespace tocsin::service
