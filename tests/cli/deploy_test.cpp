// `tocsin deploy`, `rollback` and `rules` against a service that runs.
#include <chrono>
#include <csignal>
#include <thread>

#include "cli/process.hpp"
#include "service/http_client.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kStream = "stream Login(user: string, ok: bool, ts: time)\n  time  ts\n";
constexpr const char* kGuessed =
    "rule guessed \"Guessed\"\n  when     f: Login[ok = false]{2} -> s: Login[ok = true]\n  by       user\n  within   5m\n"
    "  alert    \"{user}\"\n";
constexpr const char* kSeen = "rule seen\n  when a: Login[ok = true]\n  by user\n";

/// A service over `rules.tocsin` in a folder of its own.
struct Served {
    Served()
        : service({"serve", "--rules", rules, "--data", folder.path("data"), "--listen", "127.0.0.1:0"}, folder.path("err")) {
        port = static_cast<std::uint16_t>(std::stoul(service.await("listening on port ")));
    }
    void write(const std::string& name, const std::string& text) const { static_cast<void>(folder.write(name, text)); }
    /// With `--to`.
    [[nodiscard]] Finished run(std::vector<std::string> arguments, const RunOptions& options = {}) const {
        arguments.insert(arguments.end(), {"--to", "http://127.0.0.1:" + std::to_string(port)});
        return run_tocsin(arguments, options);
    }

    TemporaryFolder folder;
    std::string rules{folder.write("rules.tocsin", std::string(kStream) + kGuessed)};
    Running service;
    std::uint16_t port{0};
};

TEST_CASE("deploy says what became of each rule, and the other commands show it") {
    Served served;
    REQUIRE(
        http(served.port, "POST", "/v1/events", "{\"user\":\"ann\",\"ok\":false,\"ts\":\"2026-01-01T00:00:00Z\"}\n").status ==
        200);
    served.write("rules.tocsin", std::string(kStream) + kGuessed + kSeen);
    const Finished planned = served.run({"deploy", served.rules, "--dry-run"});
    CHECK(planned.exit_code == 0);
    CHECK_THAT(planned.out,
               Catch::Contains("deployment 2 would do this; nothing was changed\n") && Catch::Contains("starts fresh (new)\n"));
    const Finished deployed = served.run({"deploy", served.rules, "--note", "more"});
    CHECK(deployed.exit_code == 0);
    CHECK_THAT(deployed.out, Catch::StartsWith("deployment 2 is in force from record 2 on, after a pause of "));
    CHECK_THAT(deployed.out, Catch::Contains("guessed  ") && Catch::Contains("  unchanged\n") &&
                                 Catch::Contains("  started fresh at record 2 (new)\n"));
    CHECK(served.run({"deploy", served.rules}).out == "nothing new: deployment 2 has these rules\n");
    CHECK_THAT(served.run({"deploy", served.rules, "--json"}).out, Catch::StartsWith("{\"outcome\":\"nothing new\","));

    CHECK_THAT(served.run({"rules", "list"}).out,
               Catch::Contains("SINCE RECORD") && Catch::Contains("\nseen ") && Catch::Contains("\nguessed "));
    CHECK_THAT(served.run({"rules", "show", "guessed"}).out,
               Catch::Contains("rules.tocsin:3, mode live, version ") && Catch::Contains("\nrule guessed \"Guessed\"\n"));
    CHECK_THAT(served.run({"rules", "history"}).out, Catch::Contains("1 unchanged, 1 fresh  more\n"));
    CHECK_THAT(served.run({"rules", "history", "seen"}).out, Catch::Contains("\n2 ") && !Catch::Contains("\n1 "));
    CHECK_THAT(served.run({"rules", "diff"}).out, Catch::Contains("\n+rule seen\n") && !Catch::Contains("\n-"));
    CHECK_THAT(served.run({"rules", "diff", "2", "1"}).out, Catch::Contains("\n-rule seen\n"));
    CHECK(served.run({"rules", "show", "nothing"}).exit_code == 3);

    CHECK_THAT(served.run({"rollback"}).out, Catch::Contains("\nseen ") && Catch::Contains(" removed\n"));
    CHECK_THAT(served.run({"rules", "history"}).out, Catch::Contains("rollback to 1\n"));
    CHECK_THAT(served.run({"rules", "suspend", "guessed"}).out,
               Catch::Contains("deployment 4: guessed suspended from record 2 on\n"));
    CHECK_THAT(served.run({"rules", "list"}).out, Catch::Contains("suspended"));
    CHECK_THAT(served.run({"rules", "resume", "guessed"}).out, Catch::Contains("guessed resumed from record 2 on\n"));
}

TEST_CASE("rules with errors end deploy with 2 and their places, and a service that is not there with 3") {
    Served served;
    served.write("rules.tocsin", std::string(kStream) + "rule broken\n  when a: Logn\n");
    const Finished refused = served.run({"deploy", served.rules});
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    CHECK_THAT(refused.err, Catch::Contains("rules.tocsin:4:11: error[E0202]: ") &&
                                Catch::Contains("hint: did you mean `Login`?") && Catch::Contains("those in force stay"));
    CHECK(served.run({"deploy", served.folder.path("none")}).exit_code == 3);
    const Finished nobody = run_tocsin({"deploy", served.rules, "--to", "http://127.0.0.1:1"});
    CHECK(nobody.exit_code == 3);
    CHECK_THAT(nobody.err, Catch::Contains("http://127.0.0.1:1: "));
}

TEST_CASE("the files of lists go along, from the folder of the rules that name them") {
    Served served;
    served.write("users.txt", "ann\n");
    served.write("rules.tocsin",
                 std::string(kStream) + "list users from \"users.txt\"\nrule listed\n  when a: Login[user in users]\n");
    CHECK(served.run({"deploy", served.rules}).exit_code == 0);
    served.write("users.txt", "ann\nbob\n");
    CHECK_THAT(served.run({"deploy", served.rules}).out, Catch::Contains("(changed)\n"));
    CHECK_THAT(served.run({"rules", "diff"}).out, Catch::Contains("\n ann\n+bob\n"));
}

TEST_CASE("SIGHUP has the files read again, and wrong ones change nothing") {
    Served served;
    served.write("rules.tocsin", std::string(kStream) + kGuessed + kSeen);
    served.service.signal(SIGHUP);
    CHECK_THAT(served.service.await("deployment 2 by "), Catch::StartsWith("SIGHUP: 1 fresh, 1 unchanged"));
    served.write("rules.tocsin", "rule");
    served.service.signal(SIGHUP);
    CHECK_THAT(served.service.await("reload: "), Catch::StartsWith("the rules in force stay"));
    CHECK_THAT(served.run({"rules", "list"}).out, Catch::Contains("seen"));
    served.service.signal(SIGTERM);
    CHECK(served.service.wait() == 0);
}

TEST_CASE("a token comes from a file or from TOCSIN_TOKEN") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("rules.tocsin", std::string(kStream) + kGuessed);
    const std::string token = folder.write("token", "0123456789abcdef\n");
    const std::string config = folder.write(
        "tocsin.yaml", "rules: [rules.tocsin]\ndata: data\ntokens:\n  - {name: ann, token: {file: token}, scopes: [read]}\n");
    Running service({"serve", "--config", config, "--listen", "127.0.0.1:0"}, folder.path("err"));
    const std::string to = "http://127.0.0.1:" + service.await("listening on port ");
    CHECK_THAT(run_tocsin({"rules", "list", "--to", to}).err, Catch::Contains("this wants a token"));
    CHECK(run_tocsin({"rules", "list", "--to", to, "--token", token}).exit_code == 0);
    RunOptions with_token;
    with_token.environment = {"TOCSIN_TOKEN=0123456789abcdef"};
    CHECK(run_tocsin({"rules", "list", "--to", to}, with_token).exit_code == 0);
    const Finished refused = run_tocsin({"deploy", rules, "--to", to, "--token", token});
    CHECK(refused.exit_code == 3);
    CHECK_THAT(refused.err, Catch::Contains("this token has no scope deploy"));
}

}  // namespace
}  // namespace tocsin::test
