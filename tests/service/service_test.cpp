// The service as a whole: over HTTP, with a store on disk, within the test's process.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "service/serving.hpp"
#include "support/golden.hpp"

namespace tocsin::test {
namespace {

Result<std::vector<state::RuleText>> login_rules() { return std::vector<state::RuleText>{{"rules.tocsin", kLoginRules}}; }

const std::string kFile = "files: [{name: out, path: OUT}]\n";

std::string file_config(const TemporaryFolder& folder) {
    std::string text = kFile;
    return text.replace(text.find("OUT"), 3, folder.path("alerts.ndjson"));
}

std::size_t lines_in(const TemporaryFolder& folder) {
    const std::string text = read_file(folder.path("alerts.ndjson"));
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_CASE("records that are posted become alerts, the same that a replay of them gives") {
    const TemporaryFolder folder;
    const std::string records = login("ann", false, 0) + login("ann", false, 1) + login("ann", true, 2) + login("end", true, 3);
    {
        const Serving serving(folder, kLoginRules, file_config(folder));
        const HttpAnswer answer = serving.post(records);
        CHECK(answer.status == 200);
        CHECK(answer.body == "{\"accepted\":4,\"first\":1,\"last\":4}\n");
        REQUIRE(eventually([&] { return lines_in(folder) == 1; }));
    }
    ReplayOptions options;
    options.input = "events";
    CHECK(read_file(folder.path("alerts.ndjson")) == replay_text(compile(kLoginRules), records, options).ndjson());
}

TEST_CASE("a match that began before a restart is completed after it, and what was delivered stays delivered once") {
    const TemporaryFolder folder;
    for (int part = 0; part < 4; ++part) {
        const Serving serving(folder, kLoginRules, file_config(folder));
        const HttpAnswer answer = serving.post(login("ann", part == 2, part));
        CHECK(answer.status == 200);
        CHECK(serving.metric("tocsin_records_total") == std::to_string(part + 1));
        if (part == 3) {
            REQUIRE(eventually([&] { return lines_in(folder) == 1; }));
        }
    }
    const Serving again(folder, kLoginRules, file_config(folder));
    CHECK(again.metric("tocsin_outbox_total") == "1");
    CHECK(again.metric("tocsin_endpoint_pending{endpoint=\"out\"}") == "0");
    CHECK(lines_in(folder) == 1);
}

TEST_CASE("a start goes on from the state that was saved at the end, and passes over one that is damaged or of other rules") {
    const TemporaryFolder folder;
    {
        const Serving serving(folder, kLoginRules, file_config(folder));
        CHECK(serving.post(login("ann", false, 0) + login("ann", false, 1)).status == 200);
    }
    const std::string saved = folder.path("data/checkpoints/00000000000000000002.state");
    REQUIRE(std::filesystem::exists(saved));
    const std::string bytes = read_file(saved);
    const auto started_at = [&](const std::string& rules) {
        const Serving serving(folder, rules, file_config(folder));
        CHECK(serving.metric("tocsin_live_keys") == "1");
        return serving.metric("tocsin_started_from_records");
    };
    CHECK(started_at(kLoginRules) == "2");
    std::ofstream(saved, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
    CHECK(started_at(kLoginRules) == "0");
    std::ofstream(saved, std::ios::binary) << bytes;
    std::string other = kLoginRules;
    other.replace(other.find("{2}"), 3, "{3}");
    {
        const Serving serving(folder, other, file_config(folder));
        CHECK(serving.metric("tocsin_started_from_records") == "0");
    }
    // The log says the same without any.
    std::filesystem::remove_all(folder.path("data/checkpoints"));
    const Serving serving(folder, kLoginRules, file_config(folder));
    CHECK(serving.metric("tocsin_records_total") == "2");
}

TEST_CASE("the state is saved while records come") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules, "checkpoint_every: 1ms\n");
    CHECK(serving.post(login("ann", false, 0)).status == 200);
    CHECK(eventually([&] {
        return serving.metric("tocsin_checkpoints_total") == "1" && serving.metric("tocsin_checkpoint_records") == "1";
    }));
    CHECK(serving.post(login("ann", false, 1)).status == 200);
    CHECK(eventually([&] { return serving.metric("tocsin_checkpoint_records") == "2"; }));
    CHECK(serving.metric("tocsin_checkpoint_failures_total") == "0");
}

TEST_CASE("a JSON array is taken like lines; blank lines are no records") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules);
    CHECK(serving.post("[" + login("ann", false, 0) + "," + login("bob", false, 0) + "]").body ==
          "{\"accepted\":2,\"first\":1,\"last\":2}\n");
    CHECK(serving.post("\n\n" + login("ann", false, 1) + "\n").body == "{\"accepted\":1,\"first\":3,\"last\":3}\n");
    CHECK(serving.post("").body == "{\"accepted\":0}\n");
    CHECK(serving.post("[]").body == "{\"accepted\":0}\n");
}

TEST_CASE("one bad record refuses all of a request, and says which it was; with on_error=skip the others are taken") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules);
    const std::string records = login("ann", false, 0) + "nonsense\n" + login("ann", false, 1) + "5\n";
    const HttpAnswer refused = serving.post(records);
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Catch::Contains("\"accepted\":0,\"rejected\":2,\"errors\":[{\"index\":1,"));
    CHECK_THAT(refused.body, Catch::Contains("{\"index\":3,\"reason\":\"not a JSON object\"}"));
    CHECK(serving.metric("tocsin_records_total") == "0");
    const HttpAnswer skipped = serving.post(records, "?on_error=skip");
    CHECK(skipped.status == 200);
    CHECK_THAT(skipped.body, Catch::StartsWith("{\"accepted\":2,\"first\":1,\"last\":2,\"rejected\":2,"));
    CHECK(serving.metric("tocsin_records_total") == "2");
}

TEST_CASE("what a request asks for and there is not is said") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules);
    CHECK(serving.get("/nowhere").status == 404);
    CHECK(serving.get("/v1/events").status == 405);
    CHECK(http(serving.port(), "POST", "/metrics").status == 405);
    CHECK(serving.post("{}", "?steam=Login").body ==
          "{\"error\":\"no parameter 'steam': there are stream, partition, input and on_error\"}\n");
    CHECK(serving.post("{}", "?stream=Logout").body == "{\"error\":\"the rules have no stream 'Logout'\"}\n");
    CHECK(serving.post("{}", "?input=logs").body == "{\"error\":\"no input 'logs': there are events\"}\n");
    CHECK(serving.post("{}", "?on_error=ignore").status == 400);
    CHECK(serving.post("{}", "", {"Content-Encoding: gzip"}).status == 415);
    CHECK(serving.post("[{}").status == 400);
    CHECK(serving.get("/-/healthy").body == "healthy\n");
    CHECK(serving.get("/-/ready").body == "ready\n");
}

TEST_CASE(
    "a record belongs to the stream and the partition that the request names, and to the input that a stream reads from") {
    const TemporaryFolder folder;
    const std::string rules = R"(stream Login(user: string, ts: time)
  time ts
  from "logins"
stream Reset(user: string, ts: time)
  time ts
  from "resets"
rule both
  when   r: Reset -> l: Login
  by     user
  within 5m
  alert  "{user}"
)";
    const auto record = [](int second) {
        return fmt::format("{{\"user\":\"ann\",\"ts\":\"2026-01-01T00:00:{:02}Z\"}}\n", second);
    };
    {
        const Serving serving(folder, rules, file_config(folder));
        CHECK(serving.post(record(0), "?input=resets").status == 200);
        CHECK(serving.post(record(1), "?input=logins").status == 200);
        CHECK(serving.post(record(5), "?input=resets&partition=0").status == 200);
        CHECK(serving.metric("tocsin_outbox_total") == "0");
        CHECK(serving.post(record(6), "?input=logins&stream=Login").status == 200);
        CHECK(serving.metric("tocsin_unassigned_total") == "0");
        REQUIRE(eventually([&] { return lines_in(folder) == 1; }));
    }
    // The same comes of the log when it is read again.
    const Serving again(folder, rules, file_config(folder));
    CHECK(again.metric("tocsin_rule_alerts_total{rule=\"both\"}") == "1");
    CHECK(again.metric("tocsin_outbox_total") == "1");
}

TEST_CASE("a stream that has nothing to read for its idle time holds no other stream back") {
    const TemporaryFolder folder;
    const std::string rules = R"(stream Login(user: string, ts: time)
  time ts
stream Reset(user: string, ts: time)
  time ts
  idle 50ms
rule both
  when   r: Reset -> l: Login
  by     user
  within 5m
  alert  "{user}"
)";
    const auto record = [](const char* stream, int second) {
        return fmt::format("{{\"$stream\":\"{}\",\"user\":\"ann\",\"ts\":\"2026-01-01T00:00:{:02}Z\"}}\n", stream, second);
    };
    {
        const Serving serving(folder, rules, file_config(folder));
        CHECK(serving.post(record("Reset", 0) + record("Login", 1) + record("Login", 9)).status == 200);
        REQUIRE(eventually([&] { return lines_in(folder) == 1; }));
        CHECK(serving.metric("tocsin_records_total") == "4");
    }
    const Serving again(folder, rules, file_config(folder));
    CHECK(again.metric("tocsin_rule_alerts_total{rule=\"both\"}") == "1");
}

TEST_CASE("rules that changed are filled from the log, and nothing is delivered a second time") {
    const TemporaryFolder folder;
    std::string rules = kLoginRules;
    {
        const Serving serving(folder, rules, file_config(folder));
        CHECK(serving.post(login("ann", false, 0) + login("ann", false, 1) + login("ann", true, 2) + login("bob", false, 3))
                  .status == 200);
        REQUIRE(eventually([&] { return lines_in(folder) == 1; }));
    }
    rules.replace(rules.find("{2}"), 3, "{1}");
    const Serving serving(folder, rules, file_config(folder));
    CHECK(serving.post(login("bob", true, 4) + login("end", true, 5)).status == 200);
    REQUIRE(eventually([&] { return lines_in(folder) == 2; }));
    CHECK_THAT(read_file(folder.path("alerts.ndjson")), Catch::Contains("\"text\":\"bob\""));
}

TEST_CASE("tokens: without one 401, without the scope 403") {
    const TemporaryFolder folder;
    const std::string tokens = fmt::format(
        "tokens:\n  - {{name: in, token: {{file: {}}}, scopes: [ingest]}}\n"
        "  - {{name: look, token: {{file: {}}}, scopes: [read]}}\n",
        folder.write("in", "a-token-for-ingesting\n"), folder.write("look", "a-token-for-reading"));
    const Serving serving(folder, kLoginRules, tokens);
    const std::string record = login("ann", false, 0);
    CHECK(serving.post(record).status == 401);
    CHECK(serving.post(record).headers.at("www-authenticate") == "Bearer");
    CHECK(serving.post(record, "", {"Authorization: Bearer a-token-for-ingesting "}).status != 401);
    CHECK(serving.post(record, "", {"Authorization: Bearer a-token-for-ingestin"}).status == 401);
    CHECK(serving.post(record, "", {"Authorization: Basic a-token-for-ingesting"}).status == 401);
    CHECK(serving.post(record, "", {"Authorization: Bearer a-token-for-reading"}).status == 403);
    CHECK(serving.post(record, "", {"Authorization: Bearer a-token-for-ingesting"}).status == 200);
    CHECK(serving.get("/metrics", {"Authorization: Bearer a-token-for-ingesting"}).status == 403);
    CHECK(serving.get("/metrics", {"Authorization: Bearer a-token-for-reading"}).status == 200);
    CHECK(serving.get("/-/ready").status == 200);
}

TEST_CASE("a service that other machines can reach wants tokens, or to be told that none are wanted") {
    const TemporaryFolder folder;
    const auto start = [&](const std::string& more) {
        const auto config =
            service::parse_config(fmt::format("data: {}\nhttp: {{listen: '0.0.0.0:0'{}}}\n", folder.path("data"), more), "");
        REQUIRE(config.has_value());
        return service::Service::start(*config, login_rules);
    };
    const auto refused = start("");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "0.0.0.0:0 can be reached from other machines: name tokens, or set http.allow_anonymous");
    CHECK(start(", allow_anonymous: true").has_value());
}

TEST_CASE("two services do not share a store") {
    const TemporaryFolder folder;
    const Serving first(folder, kLoginRules);
    const auto config =
        service::parse_config(fmt::format("data: {}\nhttp: {{listen: '127.0.0.1:0'}}\n", folder.path("data")), "");
    const auto second = service::Service::start(*config, login_rules);
    REQUIRE_FALSE(second.has_value());
    CHECK_THAT(second.error().message, Catch::EndsWith("is in use by another process"));
}

}  // namespace
}  // namespace tocsin::test
