// The settings of endpoints: what is read, what is refused, and what becomes of the secrets.
#include <cstdlib>
#include <iterator>
#include <regex>
#include <sstream>

#include <tocsin/service/config.hpp>
#include <tocsin/service/webhook_trial.hpp>

#include "endpoint_config.hpp"
#include "endpoints.hpp"
#include "service/receiver.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::service {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFull = R"(webhooks:
  - name: team
    url_from: {file: slack.url}
    format: slack
    headers:
      - {name: x-tenant, text: acme}
      - {name: Authorization, prefix: 'Bearer ', secret: {file: token}}
    cert_file: own.pem
    key_file: own.key
    breaker: {failures: 3, pause: 1s, max_pause: 1m}
    order: key
    concurrency: 9
  - name: pager
    format: pagerduty
    routing_key: {env: TOCSIN_TEST_ROUTING_KEY}
  - name: prometheus
    url: http://alertmanager:9093/api/v2/alerts
    format: alertmanager
files:
  - {name: archive, path: alerts.ndjson, max_size: 16MiB, keep: 9}
syslog:
  - {name: local, socket: run/log, facility: local3, app_name: rules, max_message: 2KiB}
)";

Config parsed(const std::string& text, const std::string& path = "") {
    auto config = parse_config(text, path);
    INFO((config ? "" : config.error().message));
    REQUIRE(config.has_value());
    return std::move(*config);
}

TEST_CASE("every key of an endpoint is read, and paths are relative to the config's folder") {
    const Config config = parsed(kFull, "/etc/tocsin/tocsin.yaml");
    REQUIRE(config.webhooks.size() == 3);
    const WebhookConfig& team = config.webhooks[0];
    CHECK(team.url.empty());
    CHECK(team.url_from->name == "/etc/tocsin/slack.url");
    CHECK(team.format == delivery::Format::slack);
    REQUIRE(team.headers.size() == 2);
    CHECK(team.headers[0].text == "acme");
    CHECK(team.headers[1].prefix == "Bearer ");
    CHECK(team.headers[1].secret->name == "/etc/tocsin/token");
    CHECK(team.cert_file == "/etc/tocsin/own.pem");
    CHECK(team.key_file == "/etc/tocsin/own.key");
    CHECK(team.breaker.failures == 3);
    CHECK(team.breaker.pause == 1s);
    CHECK(team.breaker.longest_pause == 1min);
    CHECK(team.order == delivery::Order::key);
    CHECK(team.concurrency == 9);
    CHECK(config.webhooks[1].url == "https://events.pagerduty.com/v2/enqueue");
    CHECK(config.webhooks[1].routing_key->name == "TOCSIN_TEST_ROUTING_KEY");
    CHECK(config.webhooks[2].format == delivery::Format::alertmanager);
    CHECK(config.webhooks[2].order == delivery::Order::alert);
    CHECK(config.files[0].rotation.max_size == 16U << 20);
    CHECK(config.files[0].rotation.keep == 9);
    REQUIRE(config.syslogs.size() == 1);
    CHECK(config.syslogs[0].options.socket == "/etc/tocsin/run/log");
    CHECK(config.syslogs[0].options.facility == 19);
    CHECK(config.syslogs[0].options.app_name == "rules");
    CHECK(config.syslogs[0].options.max_message == 2048);
}

TEST_CASE("what is shown of endpoints can be read, and says the same") {
    const Config config = parsed(kFull, "/etc/tocsin/tocsin.yaml");
    const std::string shown = show_config(config);
    CHECK(show_config(parsed(shown)) == shown);
    CHECK_THAT(shown, Catch::Contains("headers: [{name: 'x-tenant', text: 'acme'}, {name: 'Authorization', prefix: 'Bearer ', "
                                      "secret: {file: '/etc/tocsin/token'}}]"));
    CHECK_THAT(shown, Catch::Contains("order: key\n    concurrency: 9\n"));
}

TEST_CASE("settings that say nothing that can be meant are refused, each with why") {
    struct Case {
        const char* keys;
        const char* says;
    };
    for (const Case& wrong : {
             Case{"url: http://x, format: teams",
                  "no format 'teams': there are tocsin, cloudevents, alertmanager, slack, pagerduty"},
             Case{"url: http://x, order: time", "no order 'time': there are alert, key"},
             Case{"url: http://x, concurrency: 0", "'webhooks.concurrency' wants a whole number from 1 to 64"},
             Case{"url: http://x, concurrency: 65", "'webhooks.concurrency' wants a whole number from 1 to 64"},
             Case{"format: slack", "'url' wants an address"},
             Case{"url: http://x, url_from: {env: X}", "two words for one thing"},
             Case{"format: pagerduty", "'routing_key' belongs to 'format: pagerduty', which wants it"},
             Case{"url: http://x, routing_key: {env: X}", "'routing_key' belongs to 'format: pagerduty'"},
             Case{"url: http://x, cert_file: a", "'cert_file' and 'key_file' are given together"},
             Case{"url: http://x, key_file: a", "'cert_file' and 'key_file' are given together"},
             Case{"url: http://x, headers: [{name: 'a b', text: x}]", "a header wants 'name', as HTTP has them"},
             Case{"url: http://x, headers: [{name: Webhook-Id, text: x}]", "'Webhook-Id' is set by tocsin itself"},
             Case{"url: http://x, headers: [{name: host, text: x}]", "'host' is set by tocsin itself"},
             Case{"url: http://x, headers: [{name: a}]", "a header wants 'text', or 'secret'"},
             Case{"url: http://x, headers: [{name: a, text: x, prefix: y}]", "a header wants 'text', or 'secret'"},
             Case{"url: http://x, headers: [{name: a, text: \"x\\r\\nb: c\"}]", "a header is one line"},
             Case{"url: http://x, breaker: {pause: 1h}", "'max_pause' is not less than 'pause'"},
             Case{"url: http://x, breaker: {falures: 1}", "did you mean 'failures'?"},
             Case{"url: http://x, group_wait: 30s", "no key 'webhooks.group_wait'"},
         }) {
        INFO(wrong.keys);
        const auto config = parse_config(std::string("webhooks: [{name: a, ") + wrong.keys + "}]", "t.yaml");
        REQUIRE_FALSE(config.has_value());
        CHECK_THAT(config.error().message, Catch::Contains(wrong.says));
    }
    for (const Case& wrong :
         {Case{"files: [{name: a, path: x, keep: 3}]", "'keep' wants 'max_size'"},
          Case{"files: [{name: a, path: x, max_size: 1MiB}]", "'files.max_size' wants a number of bytes"},
          Case{"files: [{name: a, path: x, max_size: 4MiB, keep: 0}]", "'files.keep' wants a whole number from 1 to 1000"},
          Case{"syslog: [{name: a, facility: kern}]", "no facility 'kern'"},
          Case{"syslog: [{name: a, app_name: 'a b'}]", "'app_name' wants"},
          Case{"syslog: [{name: a, max_message: 10}]", "'syslog.max_message' wants a number of bytes"},
          Case{"syslog: [{name: stdout}]", "there are two with the name 'stdout'"}}) {
        INFO(wrong.keys);
        const auto config = parse_config(wrong.keys, "t.yaml");
        REQUIRE_FALSE(config.has_value());
        CHECK_THAT(config.error().message, Catch::Contains(wrong.says));
    }
}

TEST_CASE("every config on the page of webhooks can be read, and it names every key") {
    const std::string page = test::read_file(std::string(TOCSIN_SOURCE_DIR) + "/docs/webhooks.md");
    const std::regex block("```yaml\n([^`]*)```");
    const std::vector<std::string> blocks{std::sregex_token_iterator(page.begin(), page.end(), block, 1), {}};
    CHECK(blocks.size() == 2);
    for (const std::string& text : blocks) {
        static_cast<void>(parsed(text, "docs/webhooks.md"));
    }
    std::istringstream shown(show_endpoints(parsed(kFull)));
    for (std::string line; std::getline(shown, line);) {
        const std::size_t begin = line.find_first_not_of(" -");
        if (line.starts_with("    ") || line.starts_with("  - ")) {
            const std::string key = line.substr(begin, line.find(':') - begin);
            INFO(key);
            CHECK_THAT(page, Catch::Contains("`" + key + (key == "breaker" ? ".failures`" : "`")));
        }
    }
}

TEST_CASE("secrets become headers, keys and URLs") {
    const test::TemporaryFolder folder;
    static_cast<void>(folder.write("slack.url", "https://hooks.example.org/T0/B0/x\n"));
    static_cast<void>(folder.write("token", "t0ken\n"));
    ::setenv("TOCSIN_TEST_ROUTING_KEY", "R0UTING", 1);
    const Config config = parsed(kFull, folder.path("tocsin.yaml"));
    const auto team = webhook_options(config.webhooks[0]);
    REQUIRE(team.has_value());
    CHECK(team->url == "https://hooks.example.org/T0/B0/x");
    CHECK(team->headers == delivery::Headers{{"x-tenant", "acme"}, {"Authorization", "Bearer t0ken"}});
    CHECK(webhook_options(config.webhooks[1])->routing_key == "R0UTING");
    ::unsetenv("TOCSIN_TEST_ROUTING_KEY");
    const auto without = webhook_options(config.webhooks[1]);
    REQUIRE_FALSE(without.has_value());
    CHECK(without.error().message == "webhook pager: the variable TOCSIN_TEST_ROUTING_KEY is not set");
}

TEST_CASE("a secret of several lines cannot become a header, and no error shows a secret") {
    const test::TemporaryFolder folder;
    static_cast<void>(folder.write("slack.url", "s3cret\n"));
    static_cast<void>(folder.write("token", "s3cret\r\nx-admin: true"));
    const Config config = parsed(kFull, folder.path("tocsin.yaml"));
    const auto bad_url = webhook_options(config.webhooks[0]);
    REQUIRE_FALSE(bad_url.has_value());
    CHECK_THAT(bad_url.error().message, Catch::Contains("wants an address") && !Catch::Contains("s3cret"));
    static_cast<void>(folder.write("slack.url", "https://x"));
    const auto bad_header = webhook_options(config.webhooks[0]);
    REQUIRE_FALSE(bad_header.has_value());
    CHECK_THAT(bad_header.error().message, Catch::Contains("one line") && !Catch::Contains("s3cret"));
}

TEST_CASE("a webhook is tried with a sample that says that nothing has happened, and then taken back") {
    const test::Receiver receiver([](const test::Receiver::Call&) {
        test::Receiver::Reply reply(202);
        reply.body = "queued";
        return reply;
    });
    const Config config =
        parsed("webhooks: [{name: on-call, allow_private: true, format: alertmanager, url: '" + receiver.url() + "'}]");
    const SampleAlert sample{0xc1, delivery::WallTime(1'767'225'600s), false};
    const auto alert = try_webhook(config.webhooks[0], sample);
    const auto retract = try_webhook(config.webhooks[0], {sample.id, sample.time, true});
    REQUIRE(alert.has_value());
    REQUIRE(retract.has_value());
    CHECK(alert->answer.status == 202);
    CHECK(alert->answer.excerpt == "queued");
    REQUIRE(receiver.count() == 2);
    CHECK_THAT(receiver.calls()[0].body, Catch::Contains("A test of the webhook on-call: nothing has happened") &&
                                             Catch::Contains("2026-01-01T00:00:00.000Z"));
    CHECK(receiver.calls()[0].headers.at("webhook-id") == "00000000000000c1.alert");
    CHECK(receiver.calls()[1].headers.at("webhook-id") == "00000000000000c1.retract");
    CHECK_THAT(receiver.calls()[1].body, Catch::Contains("endsAt"));
}

}  // namespace
}  // namespace tocsin::service
