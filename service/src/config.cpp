#include <tocsin/service/config.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>

#include "config_parts.hpp"
#include "endpoint_config.hpp"
#include "yaml_section.hpp"

namespace tocsin::service {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLeastFree = 128U << 20;
constexpr std::uint64_t kLeastBody = 1024;

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

void read_all(YamlSection& section, Config& config) {
    std::set<std::string> tokens;
    section.texts("rules", config.rules);
    section.text("data", config.data);
    section.bytes("min_free", config.min_free, kLeastFree);
    section.duration("checkpoint_every", config.checkpoint_every);
    section.number("threads", config.threads, 1, 1024);
    section.boolean("stdout", config.standard_output);
    section.section("http", [&](YamlSection& http) { read_http(http, config.http); });
    section.sections("tokens", [&](YamlSection& token) { read_token(token, config.tokens, tokens); });
    read_endpoints(section, config);
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
    each_endpoint_path(config, move);
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
    return fmt::format("rules: {}\ndata: {}\nmin_free: {}\ncheckpoint_every: {}\nthreads: {}\nstdout: {}\n", list_of(rules),
                       yaml_text(config.data), config.min_free, format_duration(config.checkpoint_every), config.threads,
                       config.standard_output) +
           fmt::format(
               "http:\n  listen: {}\n  threads: {}\n  max_body: {}\n  max_connections: {}\n  queue: {}\n  idle_timeout: {}\n"
               "  read_timeout: {}\n  allow_anonymous: {}\n",
               yaml_text(http.listen), http.threads, http.max_body, http.max_connections, http.queue,
               format_duration(http.idle_timeout), format_duration(http.read_timeout), http.allow_anonymous) +
           shown_list("tokens", config.tokens, [](const TokenConfig& token) { return shown(token); }) + show_endpoints(config);
}

}  // namespace tocsin::service
