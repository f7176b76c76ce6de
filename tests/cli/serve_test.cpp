// `tocsin serve` and what goes with it, as commands.
#include <atomic>
#include <csignal>

#include "cli/process.hpp"
#include "service/http_client.hpp"
#include "service/receiver.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kRules = R"(stream Login(user: string, ok: bool, ts: time)
  time  ts

rule guessed
  when     f: Login[ok = false]{2} -> s: Login[ok = true]
  by       user
  within   5m
  alert    "{user}"
)";

constexpr const char* kRecords = R"({"user":"ann","ok":false,"ts":"2026-01-01T00:00:00Z"}
{"user":"ann","ok":false,"ts":"2026-01-01T00:00:01Z"}
{"user":"ann","ok":true,"ts":"2026-01-01T00:00:02Z"}
{"user":"end","ok":true,"ts":"2026-01-01T00:00:03Z"}
)";

std::uint16_t port_of(Running& service) { return static_cast<std::uint16_t>(std::stoul(service.await("listening on port "))); }

TEST_CASE("serve ends with 0 at SIGTERM, and the log gives its records and alerts back") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("rules.tocsin", kRules);
    Running service({"serve", "--rules", rules, "--data", folder.path("data"), "--listen", "127.0.0.1:0"}, folder.path("err"));
    CHECK(http(port_of(service), "POST", "/v1/events", kRecords).status == 200);
    service.signal(SIGTERM);
    CHECK(service.wait() == 0);

    const Finished log = run_tocsin({"log", "--data", folder.path("data")});
    CHECK(log.exit_code == 0);
    CHECK(log.out == kRecords);
    CHECK(run_tocsin({"log", "--data", folder.path("data"), "--input", "other"}).out.empty());
    RunOptions replayed;
    replayed.input = log.out;
    const std::string alerts = run_tocsin({"log", "--data", folder.path("data"), "--alerts"}).out;
    CHECK_THAT(alerts, Catch::Contains("\"text\":\"ann\""));
    CHECK(run_tocsin({"replay", "--rules", rules, "-f", "ndjson", "-q", "events=-"}, replayed).out == alerts);
    CHECK(run_tocsin({"replay", "--rules", rules, "-f", "ndjson", "-q", "--data", folder.path("data")}).out == alerts);
}

TEST_CASE("what an endpoint never took is a dead letter, and is delivered when it is driven again") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("rules.tocsin", kRules);
    std::atomic<bool> takes{false};
    const Receiver receiver([&](const Receiver::Call&) { return takes ? 204 : 500; });
    const std::string config =
        folder.write("tocsin.yaml", "rules: [rules.tocsin]\ndata: data\nwebhooks:\n  - {name: hook, url: '" + receiver.url() +
                                        "', allow_private: true, retry: [1ms, 1ms]}\n");
    const std::vector<std::string> command{"serve", "--config", config, "--listen", "127.0.0.1:0"};
    {
        Running service(command, folder.path("err"));
        CHECK(http(port_of(service), "POST", "/v1/events", kRecords).status == 200);
        static_cast<void>(service.await("given up after 3 tries: status 500"));
        // The store can be looked at while the service runs.
        const std::string list = run_tocsin({"dlq", "list", "--data", folder.path("data")}).out;
        CHECK_THAT(list, Catch::StartsWith("ENDPOINT  ALERT"));
        CHECK_THAT(run_tocsin({"dlq", "redrive", "--data", folder.path("data"), "--all"}).err,
                   Catch::Contains("in use by another process"));
        service.signal(SIGTERM);
        CHECK(service.wait() == 0);
    }
    CHECK(receiver.calls().size() == 3);
    const Finished none = run_tocsin({"dlq", "redrive", "--data", folder.path("data"), "--endpoint", "other"});
    CHECK(none.out == "0 alerts will be delivered again at the next start\n");
    CHECK(run_tocsin({"dlq", "redrive", "--data", folder.path("data"), "--all"}).out ==
          "1 alert will be delivered again at the next start\n");
    takes = true;
    Running service(command, folder.path("err"));
    static_cast<void>(port_of(service));
    const std::vector<Receiver::Call> calls = receiver.wait_for(4);
    REQUIRE(calls.size() == 4);
    CHECK(calls[3].headers.at("webhook-id") == calls[0].headers.at("webhook-id"));
    CHECK(calls[3].body == calls[0].body);
}

TEST_CASE("serve does not start with what is wrong, and says why") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("rules.tocsin", kRules);
    const auto serve = [&](std::vector<std::string> more) {
        more.insert(more.begin(), "serve");
        return run_tocsin(more);
    };
    CHECK(serve({}).exit_code == 3);
    CHECK_THAT(serve({}).err, Catch::Contains("no rules: name them with --rules PATH"));
    CHECK(serve({"--rules", folder.path("none")}).exit_code == 3);
    CHECK(serve({"--rules", folder.write("bad.tocsin", "rule")}).exit_code == 2);
    const Finished config = serve({"--config", folder.write("bad.yaml", "rulse: []\nhttp: {listen: here}\n")});
    CHECK(config.exit_code == 3);
    CHECK_THAT(config.err, Catch::Contains("no key 'rulse'; did you mean 'rules'?"));
    const Finished listen = serve({"--rules", rules, "--data", folder.path("data"), "--listen", "here"});
    CHECK(listen.exit_code == 3);
    CHECK_THAT(listen.err, Catch::Contains("'here' is no address to listen on"));
    CHECK(run_tocsin({"log", "--data", folder.path("none")}).exit_code == 3);
}

TEST_CASE("config show prints what is in effect, options included") {
    const TemporaryFolder folder;
    const std::string config = folder.write("tocsin.yaml", "threads: 3\n");
    const Finished shown = run_tocsin({"config", "show", "--config", config, "--listen", "127.0.0.1:1"});
    CHECK(shown.exit_code == 0);
    CHECK_THAT(shown.out, Catch::Contains("threads: 3\n") && Catch::Contains("listen: '127.0.0.1:1'\n"));
}

}  // namespace
}  // namespace tocsin::test
