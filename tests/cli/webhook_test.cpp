// `tocsin webhook` and `tocsin dlq`, as a user runs them.
#include <tocsin/state/store.hpp>

#include "cli/process.hpp"
#include "service/http_client.hpp"
#include "service/receiver.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kSecret = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
constexpr const char* kSignature = "v1,HXuX2N6govCDN6kGXp+mcTecbXpx+akKyaeNSTbXTSk=";

Finished verify(const std::string& body, const std::string& secret, const std::string& signature = kSignature) {
    RunOptions options;
    options.input = body;
    options.environment = {std::string("HOOK_SECRET=") + kSecret};
    return run_tocsin({"webhook", "verify", "--secret", secret, "--id", "5f3a0000000000c1.alert", "--timestamp", "1767225600",
                       "--signature", signature},
                      options);
}

TEST_CASE("webhook verify says whether a signature fits, with secrets of any origin") {
    const TemporaryFolder folder;
    const std::string body = R"({"id":"5f3a0000000000c1"})";
    for (const std::string& secret :
         {std::string(kSecret), std::string("env:HOOK_SECRET"), "file:" + folder.write("secret", kSecret)}) {
        const Finished fits = verify(body, secret);
        CHECK(fits.exit_code == 0);
        CHECK_THAT(fits.out, Catch::StartsWith("fits"));
    }
    CHECK(verify(body + "\n", kSecret).exit_code == 1);
    CHECK(verify(body, kSecret, "v2,abc").exit_code == 1);
    const Finished bad = verify(body, "whsec_short");
    CHECK(bad.exit_code == 3);
    CHECK_THAT(bad.err, !Catch::Contains("short"));
    CHECK(verify(body, "env:NOT_SET").exit_code == 3);
}

TEST_CASE("webhook test calls the one that is named, and its exit code says whether it was taken") {
    const TemporaryFolder folder;
    int status = 200;
    const Receiver receiver([&](const Receiver::Call&) {
        Receiver::Reply reply(status);
        reply.body = "said \x1b[31mred";
        return reply;
    });
    const std::string config =
        folder.write("tocsin.yaml", "webhooks: [{name: on-call, allow_private: true, url: '" + receiver.url() + "'}]\n");
    const Finished taken = run_tocsin({"webhook", "test", "--config", config, "--retract", "on-call"});
    CHECK(taken.exit_code == 0);
    CHECK_THAT(taken.out,
               Catch::Contains(".alert: status 200") && Catch::Contains(".retract: status 200") && Catch::Contains("\\u{1b}"));
    CHECK(receiver.count() == 2);
    status = 500;
    CHECK(run_tocsin({"webhook", "test", "--config", config, "on-call"}).exit_code == 1);
    const Finished unknown = run_tocsin({"webhook", "test", "--config", config, "other"});
    CHECK(unknown.exit_code == 3);
    CHECK_THAT(unknown.err, Catch::Contains("has no webhook 'other'"));
    CHECK(receiver.count() == 3);
}

TEST_CASE("webhook listen prints calls, says whether they are signed, and answers as asked") {
    const TemporaryFolder folder;
    const std::string out = folder.path("out");
    Running listening({"webhook", "listen", "--listen", "127.0.0.1:0", "--secret", kSecret, "--status", "503", "--count", "3"},
                      folder.path("err"), out);
    const auto port = static_cast<std::uint16_t>(std::stoul(listening.await("listening on port ")));
    const std::string body = R"({"id":"5f3a0000000000c1"})";
    const std::vector<std::string> headers{"webhook-id: 5f3a0000000000c1.alert", "Webhook-Timestamp: 1767225600"};
    std::vector<std::string> as_signed = headers;
    as_signed.push_back(std::string("webhook-signature: ") + kSignature);
    CHECK(http(port, "POST", "/hook", body, as_signed).status == 503);
    CHECK(http(port, "POST", "/hook", body + " ", as_signed).status == 503);
    CHECK(http(port, "POST", "/hook", body, headers).status == 503);
    CHECK(listening.wait() == 0);
    const std::string printed = read_file(out);
    CHECK_THAT(printed, Catch::Contains(" POST /hook\nwebhook-id: 5f3a0000000000c1.alert\nsignature: fits, made "));
    CHECK_THAT(printed, Catch::Contains("signature: wrong\n" + body + " \n"));
    CHECK_THAT(printed, Catch::Contains("signature: none\n" + body + "\n"));
}

/// A store with three alerts, the first of which is dead for both endpoints and the second for one.
void make_store(const std::string& path) {
    auto store = state::open_store(path, state::Access::write);
    REQUIRE(store.has_value());
    state::Commit commit;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        commit.rows.push_back({n, n * 16, "alert", 1, "guessed", "{\"n\":" + std::to_string(n) + "}", false});
    }
    commit.endpoints = {"hook", "other"};
    commit.position.rows = 3;
    REQUIRE((*store)->commit(commit).has_value());
    REQUIRE((*store)->give_up({"hook", 1, 10, 1'767'225'600'000, "status 500"}).has_value());
    REQUIRE((*store)->give_up({"other", 1, 10, 1'767'225'600'000, "status 404"}).has_value());
    REQUIRE((*store)->give_up({"hook", 2, 10, 1'767'225'600'000, "status 500"}).has_value());
}

std::size_t dead(const std::string& data) {
    auto store = state::open_store(data, state::Access::read);
    REQUIRE(store.has_value());
    return (*store)->dead_letters().value().size();
}

TEST_CASE("dlq list and show print dead letters, all or some") {
    const TemporaryFolder folder;
    const std::string data = folder.path("data");
    make_store(data);
    CHECK(run_tocsin({"dlq", "list", "--data", data}).out ==
          "ENDPOINT  ALERT                   RULE     TRIES  GIVEN UP                  REASON\n"
          "hook      0000000000000010.alert  guessed  10     2026-01-01T00:00:00.000Z  status 500\n"
          "hook      0000000000000020.alert  guessed  10     2026-01-01T00:00:00.000Z  status 500\n"
          "other     0000000000000010.alert  guessed  10     2026-01-01T00:00:00.000Z  status 404\n");
    const Finished both = run_tocsin({"dlq", "show", "--data", data, "0000000000000010.alert"});
    CHECK(both.out ==
          "alert:    0000000000000010.alert\nendpoint: hook\nrule:     guessed\ntries:    10\ngiven up: "
          "2026-01-01T00:00:00.000Z\nreason:   status 500\n{\"n\":1}\n"
          "\nalert:    0000000000000010.alert\nendpoint: other\nrule:     guessed\ntries:    10\ngiven up: "
          "2026-01-01T00:00:00.000Z\nreason:   status 404\n{\"n\":1}\n");
    CHECK_THAT(run_tocsin({"dlq", "show", "--data", data, "--endpoint", "other", "0000000000000010.alert"}).out,
               !Catch::Contains("hook"));
    const Finished none = run_tocsin({"dlq", "show", "--data", data, "0000000000000030.alert"});
    CHECK(none.exit_code == 3);
    CHECK_THAT(none.err, Catch::Contains("no dead letter of 0000000000000030.alert"));
}

TEST_CASE("dlq redrive takes ids, an endpoint or all, never all by mistake, and nothing where an id is wrong") {
    const TemporaryFolder folder;
    const std::string data = folder.path("data");
    make_store(data);
    CHECK(run_tocsin({"dlq", "redrive", "--data", data}).exit_code == 3);
    CHECK(run_tocsin({"dlq", "redrive", "--data", data, "0000000000000020.alert", "nonsense"}).exit_code == 3);
    CHECK(dead(data) == 3);
    CHECK(run_tocsin({"dlq", "redrive", "--data", data, "0000000000000020.alert"}).out ==
          "1 alert will be delivered again at the next start\n");
    CHECK(dead(data) == 2);
    CHECK(run_tocsin({"dlq", "redrive", "--data", data, "--endpoint", "other"}).out ==
          "1 alert will be delivered again at the next start\n");
    CHECK(dead(data) == 1);
    CHECK(run_tocsin({"dlq", "redrive", "--data", data, "--all"}).exit_code == 0);
    CHECK(dead(data) == 0);
}

}  // namespace
}  // namespace tocsin::test
