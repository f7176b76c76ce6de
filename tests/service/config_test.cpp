#include <cstdlib>

#include <tocsin/service/config.hpp>

#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::service {
namespace {

constexpr const char* kFull = R"(rules: [rules/a.tocsin, /etc/tocsin/b]
data: state
min_free: 1GiB
checkpoint_every: 30s
threads: 4
stdout: true
http:
  listen: '[::1]:9000'
  threads: 3
  max_body: 1MiB
  max_connections: 5
  queue: 2MiB
  idle_timeout: 5s
  read_timeout: 1m
  allow_anonymous: true
tokens:
  - name: collector
    token: {env: COLLECTOR}
    scopes: [ingest, read, deploy]
webhooks:
  - name: team
    url: https://ann:secret@example.org/hook?key=secret
    secrets: [{file: secrets/new}, {file: /run/old}]
    timeout: 3s
    allow_private: true
    ca_file: ca.pem
    retry: [1s, 10s]
    jitter: 0.5
files:
  - name: archive
    path: alerts.ndjson
)";

TEST_CASE("every key is read, and paths are relative to the config's folder") {
    const auto config = parse_config(kFull, "/etc/tocsin/tocsin.yaml");
    INFO((config ? "" : config.error().message));
    REQUIRE(config.has_value());
    CHECK(config->rules == std::vector<std::string>{"/etc/tocsin/rules/a.tocsin", "/etc/tocsin/b"});
    CHECK(config->data == "/etc/tocsin/state");
    CHECK(config->min_free == 1U << 30);
    CHECK(config->checkpoint_every == std::chrono::seconds(30));
    CHECK(config->threads == 4);
    CHECK(config->standard_output);
    CHECK(config->http.listen == "[::1]:9000");
    CHECK(config->http.threads == 3);
    CHECK(config->http.max_body == 1U << 20);
    CHECK(config->http.max_connections == 5);
    CHECK(config->http.queue == 2U << 20);
    CHECK(config->http.idle_timeout == std::chrono::seconds(5));
    CHECK(config->http.read_timeout == std::chrono::minutes(1));
    CHECK(config->http.allow_anonymous);
    REQUIRE(config->tokens.size() == 1);
    CHECK(config->tokens[0].may_deploy);
    CHECK(config->tokens[0].may_ingest);
    CHECK(config->tokens[0].may_read);
    CHECK(config->tokens[0].token.name == "COLLECTOR");
    REQUIRE(config->webhooks.size() == 1);
    const WebhookConfig& hook = config->webhooks[0];
    REQUIRE(hook.secrets.size() == 2);
    CHECK(hook.secrets[0].name == "/etc/tocsin/secrets/new");
    CHECK(hook.timeout == std::chrono::seconds(3));
    CHECK(hook.allow_private);
    CHECK(hook.ca_file == "/etc/tocsin/ca.pem");
    CHECK(hook.retry.delays == std::vector<delivery::Millis>{std::chrono::seconds(1), std::chrono::seconds(10)});
    CHECK(hook.retry.jitter == 0.5);
    REQUIRE(config->files.size() == 1);
    CHECK(config->files[0].path == "/etc/tocsin/alerts.ndjson");
}

TEST_CASE("what is shown can be read, says the same, and holds no secret") {
    const auto config = parse_config(kFull, "/etc/tocsin/tocsin.yaml");
    REQUIRE(config.has_value());
    const std::string shown = show_config(*config);
    CHECK_THAT(shown, !Catch::Contains("secret@"));
    CHECK_THAT(shown, !Catch::Contains("key=secret"));
    CHECK_THAT(shown, Catch::Contains("https://***@example.org/hook?***"));
    const auto again = parse_config(shown, "");
    INFO((again ? "" : again.error().message));
    REQUIRE(again.has_value());
    CHECK(show_config(*again) == shown);
}

TEST_CASE("an empty config is all defaults") {
    const auto config = parse_config("", "");
    REQUIRE(config.has_value());
    CHECK(show_config(*config) == show_config(Config{}));
}

TEST_CASE("all that is wrong is said at once, each with its place") {
    const auto config = parse_config(
        "thread: 2\n"
        "threads: 0\n"
        "http: {max_body: 3 bytes, read_timeout: 5, listn: x}\n"
        "min_free: 1\n"
        "webhooks:\n"
        "  - {name: a, url: 'ftp://x', jitter: 2, secrets: [plain]}\n"
        "  - {name: a, url: 'http://x', secrets: [{file: x, env: y}]}\n"
        "tokens: [{name: 'a b', scopes: [all]}]\n"
        "files: {}\n",
        "t.yaml");
    REQUIRE_FALSE(config.has_value());
    for (const char* const said :
         {"t.yaml:1:1: no key 'thread'; did you mean 'threads'?\nt.yaml:2:10: 'threads' wants a whole number from 1 to 1024",
          "'http.max_body' wants a number of bytes", "'http.read_timeout' wants a time with its unit",
          "no key 'http.listn'; did you mean 'listen'?", "'min_free' wants a number of bytes",
          "t.yaml:6:5: 'url' wants an address", "wants a number from 0 to 1", "there are two with the name 'a'",
          "t.yaml:6:52: a secret is {file: PATH} or {env: NAME}", "'name' wants letters, digits and _ - .", "no scope 'all'",
          "a token wants 'token'", "'files' wants a list"}) {
        INFO(config.error().message);
        CHECK_THAT(config.error().message, Catch::Contains(said));
    }
    CHECK_FALSE(parse_config("a: [", "t.yaml").has_value());
    CHECK_FALSE(parse_config("just text", "t.yaml").has_value());
    CHECK_FALSE(load_config("/nowhere/tocsin.yaml").has_value());
}

TEST_CASE("a secret comes from a file or a variable, without white space around it, and is never empty") {
    const test::TemporaryFolder folder;
    CHECK(SecretSource{SecretSource::Kind::file, folder.write("s", " abc \n")}.read().value() == "abc");
    CHECK_FALSE(SecretSource{SecretSource::Kind::file, folder.write("e", " \n")}.read().has_value());
    CHECK_FALSE(SecretSource{SecretSource::Kind::file, folder.path("none")}.read().has_value());
    ::setenv("TOCSIN_TEST_SECRET", "xyz", 1);
    CHECK(SecretSource{SecretSource::Kind::env, "TOCSIN_TEST_SECRET"}.read().value() == "xyz");
    ::unsetenv("TOCSIN_TEST_SECRET");
    CHECK_FALSE(SecretSource{SecretSource::Kind::env, "TOCSIN_TEST_SECRET"}.read().has_value());
}

}  // namespace
}  // namespace tocsin::service
