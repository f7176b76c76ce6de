// Rules over HTTP: who may deploy them, what is answered, what is refused.
#include <tocsin/event/value.hpp>

#include "service/random_rules.hpp"
#include "service/serving.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kStream = "stream Event(kind: string, user: string, ts: time)\n  time  ts\n";

std::string quoted(const std::string& text) {
    std::string out;
    event::append_json_string(out, text);
    return out;
}

std::string body_of(const std::string& rules, const std::string& more = "") {
    return fmt::format("{{\"files\":[{{\"name\":\"a.tocsin\",\"text\":{}}}]{}}}", quoted(rules), more);
}

HttpAnswer post(const Serving& serving, const std::string& path, const std::string& body,
                const std::vector<std::string>& headers = {}) {
    return http(serving.port(), "POST", path, body, headers);
}

bool holds(const HttpAnswer& answer, const std::string& text) { return answer.body.find(text) != std::string::npos; }

TEST_CASE("what becomes of each rule is answered, and can be asked for later") {
    const TemporaryFolder folder;
    Serving serving(folder, kStream + pair_rule("kept", "A", "B") + pair_rule("gone", "A", "B"));
    CHECK(serving.post(record("A", "ann", 0)).status == 200);
    const HttpAnswer deployed =
        post(serving, "/v1/rules",
             body_of(kStream + pair_rule("kept", "A", "B") + pair_rule("more", "A", "B"), ",\"note\":\"why\""));
    INFO(deployed.body);
    REQUIRE(deployed.status == 200);
    CHECK(holds(deployed, "{\"outcome\":\"deployed\",\"pause_ms\":"));
    CHECK(holds(deployed, "\"deployment\":2,"));
    CHECK(holds(deployed, "\"record\":2,\"by\":\"anonymous\",\"note\":\"why\",\"origin\":\"request\""));
    CHECK(holds(deployed, "\"outcome\":\"unchanged\",\"first\":1}"));
    CHECK(holds(deployed, "\"outcome\":\"fresh\",\"first\":2,\"reason\":\"new\"}"));
    CHECK(holds(deployed, "\"outcome\":\"removed\"}]"));
    CHECK(holds(serving.get("/v1/rules"), "{\"deployment\":2,\"rules\":[{\"rule\":\"kept\","));
    const HttpAnswer rule = serving.get("/v1/rules/more");
    CHECK(holds(rule, "\"mode\":\"live\""));
    CHECK(holds(rule, "\"file\":\"a.tocsin\",\"line\":8,\"text\":\"rule more\\n"));
    CHECK(serving.get("/v1/rules/gone").status == 404);
    CHECK(holds(serving.get("/v1/rules/gone/history"), "\"history\":[{\"deployment\":1,"));
    CHECK(holds(serving.get("/v1/rules/gone/history"), "{\"deployment\":2,"));
    CHECK_FALSE(holds(serving.get("/v1/rules/kept/history"), "{\"deployment\":2,"));
    const HttpAnswer all = serving.get("/v1/deployments");
    CHECK(holds(all, "{\"deployment\":2,\"deployments\":[{\"deployment\":1,"));
    CHECK(holds(serving.get("/v1/deployments/1"), "\"files\":[{\"name\":\"rules.tocsin\",\"text\":"));
    CHECK(serving.get("/v1/deployments/3").status == 404);
    CHECK(serving.get("/v1/deployments/x").status == 404);
    CHECK(serving.metric("tocsin_swaps_total") == "1");
    CHECK(serving.metric("tocsin_rule_alerts_total{rule=\"more\"}") == "0");
    CHECK(serving.metric("tocsin_rule_alerts_total{rule=\"gone\"}").empty());
}

TEST_CASE("rules with errors are answered with 422, each error with file, line, column, message and hint") {
    const TemporaryFolder folder;
    const Serving serving(folder, kStream + pair_rule("kept", "A", "B"));
    const HttpAnswer answer = post(serving, "/v1/rules", body_of(std::string(kStream) + "rule broken\n  when a: Evnt\n"));
    CHECK(answer.status == 422);
    CHECK_THAT(
        answer.body,
        Catch::StartsWith(
            "{\"error\":\"the rules have errors; those in force stay\",\"diagnostics\":[{\"file\":\"a.tocsin\",\"line\":4,"
            "\"column\":11,\"severity\":\"error\",\"code\":\"E0202\",\"message\":"));
    CHECK(holds(answer, "\"hint\":\"did you mean `Event`?\""));
    CHECK(holds(serving.get("/v1/rules"), "\"deployment\":1,"));
}

TEST_CASE("the file of a list comes with the rules, and is never read from the service's disk") {
    const TemporaryFolder folder;
    const Serving serving(folder, kStream + pair_rule("kept", "A", "B"));
    const std::string file = folder.write("users.txt", "ann\n");
    const std::string rules =
        fmt::format("{}list users from \"{}\"\nrule listed\n  when a: Event[user in users]\n", kStream, file);
    const HttpAnswer refused = post(serving, "/v1/rules", body_of(rules));
    CHECK(refused.status == 422);
    CHECK(holds(refused, "\"code\":\"E0212\""));
    const std::string with_list =
        fmt::format("{{\"files\":[{{\"name\":\"a.tocsin\",\"text\":{}}},{{\"name\":{},\"text\":\"bob\\n\",\"list\":true}}]}}",
                    quoted(rules), quoted(file));
    CHECK(post(serving, "/v1/rules", with_list).status == 200);
    CHECK(serving.post(record("A", "ann", 0) + record("A", "bob", 1) + record("A", "ann", 2)).status == 200);
    CHECK(serving.metric("tocsin_rule_alerts_total{rule=\"listed\"}") == "1");
}

TEST_CASE("a request that cannot be understood changes nothing and says what is wrong with it") {
    const TemporaryFolder folder;
    const Serving serving(folder, kStream + pair_rule("kept", "A", "B"));
    const auto refused = [&](const std::string& path, const std::string& body) {
        const HttpAnswer answer = post(serving, path, body);
        return fmt::format("{} {}", answer.status, answer.body);
    };
    const std::string rules = kStream + pair_rule("kept", "A", "C");
    CHECK_THAT(refused("/v1/rules", ""), Catch::StartsWith("400 {\"error\":\"the body is no JSON"));
    CHECK_THAT(refused("/v1/rules", "[]"), Catch::StartsWith("400 {\"error\":\"the body wants to be an object"));
    CHECK_THAT(refused("/v1/rules", "{}"), Catch::StartsWith("400 {\"error\":\"'files' wants one at least"));
    CHECK_THAT(refused("/v1/rules", "{\"files\":[{}]}"), Catch::StartsWith("400 {\"error\":\"a file wants 'name' and 'text'"));
    CHECK_THAT(refused("/v1/rules", body_of(rules, ",\"dry_run\":1")),
               Catch::StartsWith("400 {\"error\":\"'dry_run' is true or false"));
    CHECK_THAT(refused("/v1/rules", body_of(rules, ",\"backfill\":\"soon\"")),
               Catch::StartsWith("400 {\"error\":\"'backfill' is"));
    CHECK_THAT(refused("/v1/rules", body_of(rules, ",\"backfil\":\"all\"")),
               Catch::StartsWith("400 {\"error\":\"no member 'backfil'"));
    CHECK_THAT(refused("/v1/rules", body_of(rules, ",\"to\":1")), Catch::StartsWith("400 {\"error\":\"no member 'to'"));
    CHECK_THAT(refused("/v1/rules", "{\"files\":[{\"name\":\"a\",\"text\":\"\"},{\"name\":\"a\",\"text\":\"\"}]}"),
               Catch::StartsWith("400 {\"error\":\"there are two files with the name 'a'"));
    CHECK_THAT(refused("/v1/rollback", ""), Catch::StartsWith("404 {\"error\":\"there is no earlier deployment"));
    CHECK_THAT(refused("/v1/rollback", "{\"to\":7}"), Catch::StartsWith("404 {\"error\":\"no deployment 7"));
    CHECK_THAT(refused("/v1/rollback", "{\"to\":\"1\"}"), Catch::StartsWith("400 {\"error\":\"'to' is the number"));
    CHECK_THAT(refused("/v1/rules/nothing/suspend", ""), Catch::StartsWith("404 {\"error\":\"no rule 'nothing'"));
    CHECK_THAT(refused("/v1/rules/kept", ""), Catch::StartsWith("405"));
    CHECK_THAT(refused("/v1/rules/kept/other", ""), Catch::StartsWith("404"));
    CHECK(holds(serving.get("/v1/deployments"), "{\"deployment\":1,\"deployments\":[{\"deployment\":1,"));
}

TEST_CASE("a rollback puts an earlier deployment's rules in force, as a deployment with a number of its own") {
    const TemporaryFolder folder;
    const std::string first = kStream + pair_rule("kept", "A", "B");
    const Serving serving(folder, first);
    REQUIRE(post(serving, "/v1/rules", body_of(kStream + pair_rule("kept", "A", "C"))).status == 200);
    const HttpAnswer back = post(serving, "/v1/rollback", "{\"note\":\"too many\"}");
    REQUIRE(back.status == 200);
    CHECK(holds(back, "\"deployment\":3,"));
    CHECK(holds(back, "\"origin\":\"rollback\",\"of\":1,"));
    CHECK(holds(serving.get("/v1/deployments/3"), quoted(first)));
    CHECK(post(serving, "/v1/rollback", "{\"to\":2}").status == 200);
    CHECK(holds(serving.get("/v1/rules/kept"), "\\\"C\\\""));
}

TEST_CASE("a reload reads the config's files again") {
    const TemporaryFolder folder;
    Serving serving(folder, kStream + pair_rule("kept", "A", "B"));
    CHECK(holds(post(serving, "/-/reload", ""), "{\"outcome\":\"nothing new\",\"deployment\":1,"));
    serving.set_file(kStream + pair_rule("kept", "A", "C"));
    CHECK(holds(post(serving, "/-/reload", ""), "\"origin\":\"files\""));
    serving.set_file("rule");
    CHECK(post(serving, "/-/reload", "").status == 422);
    CHECK(holds(serving.get("/v1/rules"), "\"deployment\":2,"));
}

TEST_CASE("a rule is suspended and resumed by its name") {
    const TemporaryFolder folder;
    const Serving serving(folder, kStream + pair_rule("kept", "A", "B") + pair_rule("bad", "A", "B"));
    CHECK(post(serving, "/v1/rules/bad/suspend", "").status == 200);
    CHECK(holds(serving.get("/v1/rules"), "{\"rule\":\"bad\",\"mode\":\"suspended\"}"));
    CHECK(holds(serving.get("/v1/rules/bad"), "\"mode\":\"suspended\""));
    CHECK(holds(post(serving, "/v1/rules/bad/suspend", ""), "nothing new"));
    CHECK(holds(post(serving, "/v1/rules/bad/resume", ""), "\"outcome\":\"fresh\""));
    CHECK_FALSE(holds(serving.get("/v1/rules"), "suspended"));
}

TEST_CASE("only tokens with the scope deploy may change rules, and who did is kept; reading them wants the scope read") {
    const TemporaryFolder folder;
    const auto token = [&](const std::string& name, const std::string& scope) {
        return fmt::format("  - name: {}\n    token: {{file: {}}}\n    scopes: [{}]\n", name,
                           folder.write(name, name + "-0123456789abcdef"), scope);
    };
    const Serving serving(folder, kStream + pair_rule("kept", "A", "B"),
                          "tokens:\n" + token("reader", "read") + token("writer", "ingest") + token("ann", "deploy"));
    const auto as = [](const std::string& name) {
        return std::vector<std::string>{"Authorization: Bearer " + name + "-0123456789abcdef"};
    };
    const std::string body = body_of(kStream + pair_rule("kept", "A", "C"));
    for (const std::string path :
         {"/v1/rules", "/v1/rollback", "/-/reload", "/v1/rules/kept/suspend", "/v1/rules/kept/resume"}) {
        INFO(path);
        CHECK(post(serving, path, body).status == 401);
        CHECK(post(serving, path, body, as("reader")).status == 403);
        CHECK(post(serving, path, body, as("writer")).status == 403);
        CHECK(post(serving, path, body, as("nobody")).status == 401);
    }
    for (const std::string path :
         {"/v1/rules", "/v1/rules/kept", "/v1/rules/kept/history", "/v1/deployments", "/v1/deployments/1"}) {
        INFO(path);
        CHECK(serving.get(path).status == 401);
        CHECK(serving.get(path, as("ann")).status == 403);
        CHECK(serving.get(path, as("reader")).status == 200);
    }
    CHECK(holds(serving.get("/v1/rules", as("reader")), "\"deployment\":1,"));
    CHECK(post(serving, "/v1/rules", body, as("ann")).status == 200);
    CHECK(holds(serving.get("/v1/deployments/2", as("reader")), "\"by\":\"ann\""));
}

}  // namespace
}  // namespace tocsin::test
