// explain --why.
#include "cli/process.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin::test;

namespace {

const std::string kRules = "tests/cli/fixtures/why.tocsin";
const std::string kEvents = "tests/cli/fixtures/why.ndjson";

Finished why(const std::string& rule, const std::vector<std::string>& options, const std::string& input = kEvents) {
    std::vector<std::string> arguments{"explain", rule, "--rules", kRules, "--why", input};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_tocsin(arguments);
}

/// What is said where the question has no answer.
std::string refusal(const std::string& rule, const std::vector<std::string>& options) {
    const Finished run = why(rule, options);
    CHECK(run.exit_code == 3);
    CHECK(run.out.empty());
    return run.err;
}

}  // namespace

TEST_CASE("explain --why tells how far a rule came for a key, as text and JSON") {
    check_golden("cli/why.txt", why("guessed_password", {"--key", "user=ann"}).out);
    check_golden("cli/why.json", why("guessed_password", {"--key", "user=ann", "-f", "json"}).out);
}

TEST_CASE("explain --why --event tells first what the event took part in") {
    check_golden("cli/why.event.txt", why("left_early", {"--event", "7"}).out);
    CHECK_THAT(why("guessed_password", {"--event", "why.ndjson:12"}).out,
               Catch::Contains(R"(for user="eve": 3 events seen, 1 alert)") &&
                   Catch::Contains("s  2026-11-23T10:20:02.000Z  why.ndjson:12"));
}

TEST_CASE("explain --why tells the window nearest to firing") {
    check_golden("cli/why.window.txt", why("many_failures", {"--key", "user=eve"}).out);
}

TEST_CASE("explain --why --event says why the rule did not see the event") {
    CHECK_THAT(refusal("guessed_password", {"--event", "6"}), Catch::Contains("user of its key is null"));
    CHECK_THAT(refusal("guessed_password", {"--event", "7"}), Catch::Contains("it is of Logout, and the rule sees Login"));
    CHECK_THAT(refusal("guessed_password", {"--event", "9"}),
               Catch::Contains("160s behind the watermark, and `lateness` allows 0s"));
    CHECK_THAT(refusal("guessed_password", {"--event", "99"}), Catch::Contains("there is no such record"));
    CHECK_THAT(refusal("guessed_password", {"--event", "1", "--from", "2026-11-23T10:00:10Z"}),
               Catch::Contains("outside of --from"));
    CHECK_THAT(refusal("guessed_password", {"--event", "other:1"}), Catch::Contains("no input is named 'other'"));
}

TEST_CASE("explain --why says what is wrong with a key") {
    CHECK_THAT(refusal("guessed_password", {}), Catch::Contains("--key user=…"));
    CHECK_THAT(refusal("guessed_password", {"--key", "usr=ann"}), Catch::Contains("did you mean 'user'?"));
    CHECK_THAT(refusal("guessed_password", {"--key", "ann"}), Catch::Contains("write --key user=…"));
    CHECK_THAT(refusal("same_place", {"--key", "user=ann,ip=here"}), Catch::Contains("'here' is no ip"));
    CHECK_THAT(refusal("same_place", {"--key", "user=ann"}), Catch::Contains("each part of the key"));
    CHECK_THAT(refusal("anyone", {"--key", "user=ann"}), Catch::Contains("anyone has no key"));
}

TEST_CASE("a key of several parts is given part by part, and a rule without one needs none") {
    CHECK_THAT(why("same_place", {"--key", "ip=10.0.0.7,user=ann"}).out,
               Catch::Contains(R"(user="ann", ip=10.0.0.7: 3 events seen)"));
    CHECK_THAT(why("anyone", {}).out, Catch::Contains("anyone: 10 events seen"));
}

TEST_CASE("a key without events is answered as that") {
    CHECK_THAT(why("guessed_password", {"--key", "user=zoe"}).out, Catch::Contains("no event of this key"));
}

TEST_CASE("standard input cannot be read twice to find an event, but it can be explained by key") {
    const std::string events = read_file(std::string(TOCSIN_SOURCE_DIR) + "/" + kEvents);
    const std::vector<std::string> base{"explain", "guessed_password", "--rules", kRules, "--why", "-"};
    std::vector<std::string> by_event = base;
    by_event.insert(by_event.end(), {"--event", "3"});
    CHECK_THAT(run_tocsin(by_event, {.input = events}).err, Catch::Contains("which standard input cannot be"));
    std::vector<std::string> by_key = base;
    by_key.insert(by_key.end(), {"--key", "user=ann"});
    CHECK_THAT(run_tocsin(by_key, {.input = events}).out, Catch::Contains("stdin:3"));
}
