#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/delivery/schedule.hpp>
#include <tocsin/delivery/webhook.hpp>

/// `tocsin serve`: records in over HTTP, alerts out to endpoints, nothing lost between.
namespace tocsin::service {

/// Where a secret stands. The secret itself is never part of a Config.
struct SecretSource {
    enum class Kind : std::uint8_t { file, env } kind{Kind::file};
    std::string name;  ///< a path, or the name of a variable

    /// Its text without the white space around it.
    [[nodiscard]] Result<std::string> read() const;
};

struct TokenConfig {
    std::string name;
    SecretSource token;
    bool may_ingest{false};
    bool may_read{false};
    bool may_deploy{false};
};

/// A header of each call, with a text that stands in the config, or `prefix` and what is read from `secret`.
struct HeaderConfig {
    std::string name;
    std::string text;
    std::string prefix;
    std::optional<SecretSource> secret;
};

struct WebhookConfig {
    std::string name;
    std::string url;
    std::optional<SecretSource> url_from;  ///< in place of `url`, where the URL is itself a secret
    delivery::Format format{delivery::Format::tocsin};
    std::optional<SecretSource> routing_key;  ///< of PagerDuty
    std::vector<SecretSource> secrets;  ///< at most two
    std::vector<HeaderConfig> headers;
    delivery::Millis timeout{std::chrono::seconds(15)};
    bool allow_private{false};
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
    delivery::RetrySchedule retry;
    delivery::BreakerOptions breaker;
    delivery::Order order{delivery::Order::alert};
    unsigned concurrency{4};
};

struct FileConfig {
    std::string name;
    std::string path;
    delivery::FileRotation rotation;
};

struct SyslogConfig {
    std::string name;
    delivery::SyslogOptions options;
};

struct HttpConfig {
    std::string listen{"127.0.0.1:8787"};  ///< address and port; port 0: any that is free
    unsigned threads{2};
    std::uint64_t max_body{16U << 20};
    std::uint64_t max_connections{1000};
    delivery::Millis idle_timeout{std::chrono::seconds(30)};  ///< until the next request's head has come
    delivery::Millis read_timeout{std::chrono::seconds(30)};  ///< for a request's body, and for an answer to be taken
    std::uint64_t queue{64U << 20};  ///< bytes of records that wait for the engine
    bool allow_anonymous{false};  ///< listening beyond loopback without tokens
};

/// What docs/serve.md lists, with its defaults.
struct Config {
    std::vector<std::string> rules;
    std::string data{"tocsin-data"};
    std::uint64_t min_free{512U << 20};
    delivery::Millis checkpoint_every{std::chrono::minutes(1)};
    unsigned threads{1};
    bool standard_output{false};
    HttpConfig http;
    std::vector<TokenConfig> tokens;
    std::vector<WebhookConfig> webhooks;
    std::vector<FileConfig> files;
    std::vector<SyslogConfig> syslogs;
};

/// Reads a config file's text. The error has all that is wrong with it, a line each, as `path:line:column: what`. Relative paths
/// in it are made relative to its folder.
[[nodiscard]] Result<Config> parse_config(std::string_view text, const std::string& path);
[[nodiscard]] Result<Config> load_config(const std::string& path);

/// As YAML that parse_config reads, with every key. What can be a secret in a URL (user, query) is `***`.
[[nodiscard]] std::string show_config(const Config& config);

}  // namespace tocsin::service
