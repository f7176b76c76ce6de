// Rules deployed over a store on disk, without HTTP.
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "service/live_rules.hpp"
#include "service/piecewise.hpp"
#include "service/random_rules.hpp"
#include "support/replay.hpp"

namespace tocsin::test {
namespace {

using service::Deployed;
using service::DeployRequest;
using state::DeployedRule;
using Outcome = DeployedRule::Outcome;
using Strings = std::vector<std::string>;

constexpr const char* kStream = R"(stream Event(kind: string, user: string, ts: time)
  time  ts
)";

const DeployedRule& rule_of(const Deployed& deployed, const std::string& name) {
    const auto& rules = deployed.deployment.rules;
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const DeployedRule& one) { return one.name == name; });
    REQUIRE(found != rules.end());
    return *found;
}

TEST_CASE("an unchanged rule keeps its partial matches, a new one sees nothing from before, a removed one is silent") {
    LiveRules live(kStream + pair_rule("kept", "A", "B") + pair_rule("gone", "A", "B"));
    live.send(record("A", "ann", 0));
    const Deployed deployed = live.deploy(kStream + pair_rule("fresh", "A", "B") + pair_rule("kept", "A", "B"));
    REQUIRE(deployed.outcome == Deployed::Outcome::deployed);
    CHECK(deployed.deployment.number == 2);
    CHECK(deployed.deployment.records == 1);
    CHECK(rule_of(deployed, "kept").outcome == Outcome::unchanged);
    CHECK(rule_of(deployed, "kept").first == 1);
    CHECK(rule_of(deployed, "fresh").outcome == Outcome::fresh);
    CHECK(rule_of(deployed, "fresh").first == 2);
    CHECK(rule_of(deployed, "gone").outcome == Outcome::removed);
    live.send(record("B", "ann", 10) + record("-", "end", 20));
    CHECK(live.shown() == Strings{"alert kept"});
    live.send(record("A", "bob", 30) + record("B", "bob", 40) + record("-", "end", 50));
    CHECK(live.shown() == Strings{"alert kept", "alert fresh", "alert kept"});
}

TEST_CASE("after a restart the rules deployed last run, and each from its own first record on") {
    const std::string files = kStream + pair_rule("kept", "A", "B");
    LiveRules live(files);
    live.send(record("A", "ann", 0));
    REQUIRE(live.deploy(kStream + pair_rule("fresh", "A", "B") + pair_rule("kept", "A", "B")).outcome ==
            Deployed::Outcome::deployed);
    live.stop();
    live.start(files);
    CHECK(live.deployments().size() == 2);
    live.send(record("B", "ann", 10) + record("-", "end", 20));
    CHECK(live.shown() == Strings{"alert kept"});
    live.stop();
    live.start("");  // whatever the config says of files
    CHECK(live.processor().in_force()->program->rules.size() == 2);
}

TEST_CASE("files that changed since they were deployed are deployed at the start, and filled from the log") {
    LiveRules live(kStream + pair_rule("kept", "A", "B"));
    live.send(record("A", "ann", 0) + record("A", "bob", 0) + record("B", "bob", 1) + record("-", "end", 2));
    REQUIRE(live.deploy(kStream + pair_rule("other", "A", "B")).outcome == Deployed::Outcome::deployed);
    live.stop();
    live.start(kStream + pair_rule("kept", "A", "B") + pair_rule("more", "A", "B"));
    const auto deployments = live.deployments();
    REQUIRE(deployments.size() == 3);
    CHECK(deployments[2].by == "start");
    CHECK(deployments[2].rules[1].outcome == Outcome::filled);
    live.send(record("B", "ann", 10) + record("-", "end", 20));
    // What bob did was before the start; rule kept said it then.
    CHECK(live.shown() == Strings{"alert kept", "alert kept", "alert more"});
}

TEST_CASE("a filled rule completes what began before it went live, and is silent about what was complete then") {
    LiveRules live(kStream + pair_rule("kept", "A", "B"));
    live.send(record("A", "ann", 0) + record("A", "bob", 1) + record("B", "bob", 2) + record("-", "end", 3));
    const Deployed deployed = live.deploy(kStream + pair_rule("kept", "A", "B") + pair_rule("filled", "A", "B"), "all");
    CHECK(rule_of(deployed, "filled").outcome == Outcome::filled);
    CHECK(rule_of(deployed, "filled").first == 1);
    CHECK(live.shown() == Strings{"alert kept"});
    live.send(record("B", "ann", 10) + record("-", "end", 20));
    CHECK(live.shown() == Strings{"alert kept", "alert kept", "alert filled"});
}

TEST_CASE("a backfill of a time sees the records that came within it, by the service's clock") {
    LiveRules live(kStream + pair_rule("kept", "A", "B"));
    live.send(record("A", "ann", 0));
    live.pass(std::chrono::hours(24 * 8));
    live.send(record("A", "bob", 1));
    live.send(record("A", "cat", 1));
    live.pass(std::chrono::hours(24 * 6));
    const Deployed deployed = live.deploy(kStream + pair_rule("kept", "A", "B") + pair_rule("filled", "A", "B"), "7d");
    CHECK(rule_of(deployed, "filled").first == 2);
    live.send(record("B", "ann", 10) + record("B", "bob", 10) + record("B", "cat", 10) + record("-", "end", 20));
    const Strings shown = live.shown();
    CHECK(std::count(shown.begin(), shown.end(), "alert kept") == 3);
    CHECK(std::count(shown.begin(), shown.end(), "alert filled") == 2);
    live.pass(std::chrono::hours(24 * 30));
    CHECK(rule_of(live.deploy(kStream + pair_rule("late", "A", "B"), "7d"), "late").first == 8);
}

TEST_CASE("rules with errors change nothing, and what is wrong is said with its place") {
    LiveRules live(kStream + pair_rule("kept", "A", "B"));
    live.send(record("A", "ann", 0));
    const Deployed deployed = live.deploy(kStream + pair_rule("kept", "A", "C") + "rule broken\n  when a: Nothing\n");
    CHECK(deployed.outcome == Deployed::Outcome::wrong);
    REQUIRE(deployed.rules->diagnostics.size() == 1);
    CHECK(deployed.rules->diagnostics[0].code == "E0202");
    live.send(record("B", "ann", 10) + record("-", "end", 20));
    CHECK(live.shown() == Strings{"alert kept"});
    CHECK(live.deployments().size() == 1);
}

TEST_CASE("the same rules again are no deployment; other comments are one, which swaps nothing") {
    const std::string rules = kStream + pair_rule("kept", "A", "B");
    LiveRules live(rules);
    const auto before = live.processor().in_force();
    CHECK(live.deploy(rules).outcome == Deployed::Outcome::nothing_new);
    const Deployed deployed = live.deploy("# said\n" + rules);
    CHECK(deployed.outcome == Deployed::Outcome::deployed);
    CHECK(live.deployments().size() == 2);
    CHECK(live.processor().in_force() == before);
}

TEST_CASE("a dry run says what would become of each rule and changes nothing") {
    LiveRules live(kStream + pair_rule("kept", "A", "B"));
    live.send(record("A", "ann", 0));
    DeployRequest request;
    request.texts = {{"rules.tocsin", kStream + pair_rule("kept", "A", "C")}};
    request.dry_run = true;
    const Deployed planned = live.deploy(request);
    CHECK(planned.outcome == Deployed::Outcome::planned);
    CHECK(rule_of(planned, "kept").outcome == Outcome::fresh);
    CHECK(live.deployments().size() == 1);
    live.send(record("B", "ann", 10) + record("-", "end", 20));
    CHECK(live.shown() == Strings{"alert kept"});
}

TEST_CASE("a rule that goes from shadow to live keeps its partial matches, and delivers from then on") {
    LiveRules live(kStream + pair_rule("kept", "A", "B", "  mode shadow\n"));
    live.send(record("A", "ann", 0) + record("A", "bob", 0) + record("B", "bob", 1) + record("-", "end", 2));
    const Deployed deployed = live.deploy(kStream + pair_rule("kept", "A", "B"));
    CHECK(rule_of(deployed, "kept").outcome == Outcome::unchanged);
    live.send(record("B", "ann", 10) + record("-", "end", 20));
    const auto rows = live.rows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].shadow);
    CHECK_FALSE(rows[1].shadow);
    const auto pending = live.store().pending("hook");
    REQUIRE(pending.has_value());
    REQUIRE(pending->size() == 1);
    CHECK(pending->front().sequence == 2);
}

TEST_CASE("what takes an alert back goes where the alert went, whatever the rule's mode is by now") {
    const std::string early = "  emit early\n  lateness 5m\n";
    // `=>`: what comes between takes the alert back.
    const auto rule = [&](const std::string& mode) {
        return fmt::format(
            "{}rule near\n  when a: Event[kind = \"A\"] => b: Event[kind = \"B\"]\n  by user\n  within 10m\n{}{}", kStream,
            mode, early);
    };
    LiveRules live(rule("  mode shadow\n"));
    live.send(record("A", "ann", 0) + record("B", "ann", 10));
    REQUIRE(live.shown() == Strings{"alert near"});
    CHECK(rule_of(live.deploy(rule("")), "near").outcome == Outcome::unchanged);
    live.send(record("A", "bob", 12) + record("B", "bob", 14));
    live.send(record("C", "ann", 5));
    CHECK(rule_of(live.deploy(rule("  mode shadow\n")), "near").outcome == Outcome::unchanged);
    live.send(record("C", "bob", 13));
    const auto rows = live.rows();
    REQUIRE(live.shown() == Strings{"alert near", "alert near", "retract near", "retract near"});
    CHECK(rows[0].shadow);
    CHECK_FALSE(rows[1].shadow);
    CHECK(rows[2].shadow);  // ann's, which nobody was told of
    CHECK_FALSE(rows[3].shadow);  // bob's
}

TEST_CASE("the alerts of a removed early rule stay as they were shown") {
    const std::string early =
        "rule near\n  when a: Event[kind = \"A\"] => b: Event[kind = \"B\"]\n  by user\n  within 10m\n  emit early\n  lateness "
        "5m\n";
    LiveRules live(kStream + early);
    live.send(record("A", "ann", 0) + record("B", "ann", 10));
    REQUIRE(live.deploy(kStream + pair_rule("other", "A", "B")).outcome == Deployed::Outcome::deployed);
    live.send(record("C", "ann", 5) + record("-", "end", 3000));
    CHECK(live.shown() == Strings{"alert near"});
    // Filled again, the rule takes back what it finds to be wrong; of what was not shown it says nothing.
    REQUIRE(live.deploy(kStream + early, "all").outcome == Deployed::Outcome::deployed);
    live.send(record("A", "bob", 3000) + record("B", "bob", 3010) + record("C", "bob", 3005));
    CHECK(live.shown() == Strings{"alert near", "alert near", "retract near"});
}

TEST_CASE("a filled rule neither takes back nor corrects what nobody was shown") {
    LiveRules live(kStream + pair_rule("other", "X", "Y"));
    live.send(record("A", "ann", 0) + record("B", "ann", 10));
    REQUIRE(live.deploy(std::string(kStream) + "rule near\n  when a: Event[kind = \"A\"] => b: Event[kind = \"B\"]\n  by "
                                               "user\n  within 10m\n  emit early\n  lateness 5m\n",
                        "all")
                .outcome == Deployed::Outcome::deployed);
    live.send(record("C", "ann", 5));
    CHECK(live.shown().empty());
    live.send(record("A", "bob", 20) + record("B", "bob", 30) + record("C", "bob", 25));
    CHECK(live.shown() == Strings{"alert near", "retract near"});
}

TEST_CASE("rules over other rules' alerts start with them, and see only the alerts that come from then on") {
    const std::string base = kStream + pair_rule("inner", "A", "B", "  emit early\n  lateness 5m\n");
    LiveRules live(base);
    live.send(record("A", "ann", 0) + record("B", "ann", 10));
    const std::string outer = "rule outer\n  when x: inner -> y: inner\n  by user\n  within 1h\n  emit early\n  lateness 5m\n";
    const Deployed deployed = live.deploy(base + outer);
    CHECK(rule_of(deployed, "inner").outcome == Outcome::unchanged);
    CHECK(rule_of(deployed, "outer").first == 3);
    live.send(record("A", "ann", 20) + record("B", "ann", 30));
    CHECK(live.shown() == Strings{"alert inner", "alert inner"});
    live.send(record("A", "ann", 40) + record("B", "ann", 50));
    const Strings shown = live.shown();
    CHECK(std::count(shown.begin(), shown.end(), "alert outer") == 1);
}

TEST_CASE("a field that only the new rules read is read of records that came before them") {
    const std::string rules = "stream Event(kind: string, user: string, host: string, ts: time)\n  time ts\n";
    LiveRules live(rules + pair_rule("kept", "A", "B"));
    const auto with_host = [](const std::string& kind, int second) {
        std::string text = record(kind, "ann", second);
        return text.insert(1, "\"host\":\"h1\",");
    };
    live.send(with_host("A", 0));
    REQUIRE(live.deploy(rules + pair_rule("kept", "A", "B") +
                            "rule hosts\n  when a: Event[kind = \"A\"] -> b: Event[kind = \"B\"]\n  by host\n  within 10m\n  "
                            "alert \"{host}\"\n",
                        "all")
                .outcome == Deployed::Outcome::deployed);
    live.send(with_host("B", 10) + record("-", "end", 20));
    CHECK(live.shown() == Strings{"alert kept", "alert hosts"});
}

TEST_CASE("records that were decoded for the old rules are decoded anew") {
    const std::string rules = "stream Event(kind: string, user: string, host: string, ts: time)\n  time ts\n";
    LiveRules live(rules + pair_rule("kept", "A", "B"));
    const auto old = live.processor().in_force();
    REQUIRE(live.deploy(rules + "rule hosts\n  when a: Event[host = \"h1\"]\n  by host\n").outcome ==
            Deployed::Outcome::deployed);
    std::string lines = record("A", "ann", 0);
    lines.insert(1, "\"host\":\"h1\",");
    lines += record("-", "end", 20);
    event::Decoder decoder(event::Format::ndjson, old->program->projection, {});
    std::promise<service::Taken> taken;
    REQUIRE(live.processor().submit({"events", decoder.decode(event::InputId{0}, event::make_block(lines, 1)), lines,
                                     [&](const service::Taken& one) { taken.set_value(one); }, old->program}));
    REQUIRE(taken.get_future().get().outcome == service::Taken::Outcome::taken);
    CHECK(live.shown() == Strings{"alert hosts"});
}

TEST_CASE("a suspended rule is out of force and comes back fresh; the others do not notice") {
    const std::string rules = kStream + pair_rule("kept", "A", "B") + pair_rule("bad", "A", "B");
    LiveRules live(rules);
    live.send(record("A", "ann", 0));
    DeployRequest request;
    request.texts = {{"rules.tocsin", rules}};
    request.suspended = Strings{"bad", "no_such_rule"};
    const Deployed suspended = live.deploy(request);
    CHECK(suspended.deployment.suspended == Strings{"bad"});
    CHECK(rule_of(suspended, "bad").outcome == Outcome::removed);
    CHECK(rule_of(suspended, "kept").outcome == Outcome::unchanged);
    live.stop();
    live.start(rules);
    live.send(record("B", "ann", 10) + record("A", "bob", 11) + record("-", "end", 20));
    CHECK(live.shown() == Strings{"alert kept"});
    // A deployment that says nothing of it leaves it so.
    CHECK(live.deploy(rules + "# more\n").deployment.suspended == Strings{"bad"});
    request.suspended = Strings{};
    CHECK(rule_of(live.deploy(request), "bad").outcome == Outcome::fresh);
    live.send(record("B", "bob", 21) + record("A", "cat", 22) + record("B", "cat", 23) + record("-", "end", 30));
    const Strings shown = live.shown();
    CHECK(std::count(shown.begin(), shown.end(), "alert bad") == 1);
    CHECK(std::count(shown.begin(), shown.end(), "alert kept") == 3);
}

TEST_CASE("an input that new rules name takes records from then on, behind those that are known") {
    LiveRules live(kStream + pair_rule("kept", "A", "B"));
    live.send(record("A", "ann", 0));
    REQUIRE(live.deploy(std::string(kStream) +
                        "stream Other(kind: string, ts: time)\n  time ts\n  from \"other\"\nrule seen\n  when a: Other\n")
                .outcome == Deployed::Outcome::deployed);
    CHECK(live.processor().in_force()->inputs == Strings{"events", "other"});
    live.stop();
    live.start(kStream + pair_rule("kept", "A", "B"));
    CHECK(live.processor().in_force()->inputs == Strings{"events", "other"});
}

TEST_CASE("each record is judged by the rules of one deployment, for any swaps, restarts and fills") {
    const std::uint64_t seed = std::random_device()();
    for (std::uint64_t round = 0; round < 6; ++round) {
        INFO("seed " << seed << ", round " << round);
        std::mt19937_64 random(seed + round);
        std::string rules = random_rules(random);
        LiveRules live(rules);
        Strings records;
        int clock = 0;
        for (int step = 0; step < 25; ++step) {
            std::string lines;
            for (std::uint64_t i = random() % 40; i > 0; --i) {
                clock += static_cast<int>(random() % 6);
                records.push_back(random_record(random, clock));
                lines += records.back();
            }
            if (!lines.empty()) {
                live.send(lines);
            }
            const std::uint64_t what = random() % 8;
            if (what == 0) {
                live.stop();
                live.start("");
            } else if (what < 5) {
                rules = random_rules(random);
                const Deployed deployed = live.deploy(rules, random() % 4 == 0 ? "all" : "");
                REQUIRE(
                    (deployed.outcome == Deployed::Outcome::deployed || deployed.outcome == Deployed::Outcome::nothing_new));
            }
        }
        Strings expected = piecewise_alerts(live.deployments(), records);
        Strings actual;
        for (const state::OutboxRow& row : live.rows()) {
            actual.push_back(without_mode(row.body));
        }
        std::transform(expected.begin(), expected.end(), expected.begin(), without_mode);
        std::sort(expected.begin(), expected.end());
        std::sort(actual.begin(), actual.end());
        const auto [missing, extra] = std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
        INFO("expected " << (missing == expected.end() ? "no more" : *missing) << "\nthere is "
                         << (extra == actual.end() ? "no more" : *extra));
        CHECK((missing == expected.end() && extra == actual.end()));
        CHECK(expected.size() > 10);
        // The engine that is rebuilt is the one that was at work, or the digest tells.
        const state::Position before = live.store().position().value();
        live.stop();
        live.start("");
        CHECK(live.store().position().value() == before);
    }
}

}  // namespace
}  // namespace tocsin::test
