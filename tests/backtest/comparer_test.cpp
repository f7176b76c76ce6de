// Which alerts of two sets of rules are one, and what is said of the others.
#include <algorithm>

#include <fmt/format.h>

#include "backtest/comparing.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

const std::string kStream = "stream Login(user: string, ok: bool, ts: time)\n  time ts\n";

std::string login(const std::string& user, bool ok, const std::string& time) {
    return fmt::format("{{\"user\":\"{}\",\"ok\":{},\"ts\":\"2026-01-05T{}Z\"}}\n", user, ok, time);
}

/// ann fails three times and is let in, bob twice.
const std::string kEvents = login("ann", false, "10:00:00") + login("ann", false, "10:00:01") +
                            login("ann", false, "10:00:02") + login("ann", true, "10:00:03") + login("bob", false, "11:00:00") +
                            login("bob", false, "11:00:01") + login("bob", true, "11:00:02");

std::string guessed(const std::string& times, const std::string& clauses = "", const std::string& name = "guessed") {
    return "rule " + name + "\n  when f: Login[ok = false]{" + times + "} -> s: Login[ok = true]\n  by user\n  within 5m\n" +
           clauses;
}

std::vector<std::string> names(const std::vector<backtest::PartChange>& changes) {
    std::vector<std::string> found;
    std::ranges::transform(changes, std::back_inserter(found), &backtest::PartChange::name);
    return found;
}

}  // namespace

TEST_CASE("a rule that asks for more loses the alerts that have less, and the others stay the same") {
    const Comparison result = compared(kStream + guessed("2,"), kStream + guessed("3,"), kEvents);
    CHECK(result.total() == Counts{.before = 2, .after = 1, .added = 0, .removed = 1, .changed = 0, .unchanged = 1});
    REQUIRE(result.removed.size() == 1);
    CHECK(result.removed[0].before->key[0].second == "\"bob\"");
    CHECK(result.removed[0].after == nullptr);
    const Comparison back = compared(kStream + guessed("3,"), kStream + guessed("2,"), kEvents);
    CHECK(back.total() == Counts{.before = 1, .after = 2, .added = 1, .removed = 0, .changed = 0, .unchanged = 1});
}

TEST_CASE("an alert of the same events with another severity, label, value or text is changed, and all parts are named") {
    const std::string before =
        kStream + guessed("2,", "  severity low\n  label team = \"a\"\n  return n = count(f), gone = 1\n  alert \"one\"\n");
    const std::string after =
        kStream +
        guessed("2,", "  severity high\n  label team = \"b\"\n  return n = count(f) + 1, fresh = 2\n  alert \"two\"\n");
    const Comparison result = compared(before, after, kEvents);
    CHECK(result.total() == Counts{.before = 2, .after = 2, .added = 0, .removed = 0, .changed = 2, .unchanged = 0});
    REQUIRE(result.changed.size() == 2);
    const auto& changes = result.changed[0].changes;
    CHECK(names(changes) ==
          std::vector<std::string>{"severity", "labels.team", "values.n", "values.gone", "text", "values.fresh"});
    CHECK(changes[2] == backtest::PartChange{"values.n", "3", "4"});
    CHECK(changes[3] == backtest::PartChange{"values.gone", "1", ""});
    CHECK(changes[5] == backtest::PartChange{"values.fresh", "", "2"});
}

TEST_CASE("another name of a step is a change of the alert, not another alert; another order of clauses is nothing") {
    const std::string before = kStream + guessed("2,", "  return a = 1, b = 2\n");
    const std::string renamed =
        kStream +
        "rule guessed\n  when x: Login[ok = false]{2,} -> s: Login[ok = true]\n  by user\n  within 5m\n  return a = 1, b = 2\n";
    const Comparison step = compared(before, renamed, kEvents);
    CHECK(step.total() == Counts{.before = 2, .after = 2, .added = 0, .removed = 0, .changed = 2, .unchanged = 0});
    CHECK(names(step.changed[0].changes) == std::vector<std::string>{"events.f", "events.x"});
    const Comparison order = compared(before, kStream + guessed("2,", "  return b = 2, a = 1\n"), kEvents);
    CHECK(order.total() == Counts{.before = 2, .after = 2, .added = 0, .removed = 0, .changed = 0, .unchanged = 2});
}

TEST_CASE("another version of a rule, another rule beside it and a field more in its stream change no alert") {
    const std::string wider = "stream Login(user: string, ok: bool, note: string, ts: time)\n  time ts\n";
    const Comparison result =
        compared(kStream + guessed("2,"), wider + guessed("2,4") + "rule other\n  when a: Login[user = \"eve\"]\n", kEvents);
    CHECK(result.total() == Counts{.before = 2, .after = 2, .added = 0, .removed = 0, .changed = 0, .unchanged = 2});
    REQUIRE(result.rules.size() == 2);
    CHECK(result.rules[0].version[Side::before] != result.rules[0].version[Side::after]);
    CHECK(result.rules[1].name == "other");
    CHECK_FALSE(result.rules[1].version[Side::before]);
}

TEST_CASE("the same events under another key are another alert") {
    const std::string rule = "rule r\n  when a: Login[ok = true]\n";
    const Comparison result = compared(kStream + rule, kStream + rule + "  by user\n", kEvents);
    CHECK(result.total() == Counts{.before = 2, .after = 2, .added = 2, .removed = 2, .changed = 0, .unchanged = 0});
}

TEST_CASE("a renamed rule is gone and new, unless it is said") {
    const std::string before = kStream + guessed("2,");
    const std::string after = kStream + guessed("2,", "", "broken_in");
    CHECK(compared(before, after, kEvents).total() ==
          Counts{.before = 2, .after = 2, .added = 2, .removed = 2, .changed = 0, .unchanged = 0});
    const Comparison result = compared(before, after, kEvents, {{"guessed", "broken_in"}});
    CHECK(result.total() == Counts{.before = 2, .after = 2, .added = 0, .removed = 0, .changed = 0, .unchanged = 2});
    REQUIRE(result.rules.size() == 1);
    CHECK(result.rules[0].name == "broken_in");
    CHECK(result.rules[0].renamed_from == "guessed");
}

TEST_CASE("a rename of what is not there, onto what is there, or of two into one is refused") {
    const auto one = compile(kStream + guessed("2,", "", "a") + guessed("3,", "", "b"));
    const auto refused = [&](backtest::Renames renames) {
        const auto made = backtest::Comparer::create({one, one, std::move(renames)}, nullptr);
        REQUIRE_FALSE(made);
        return made.error().message;
    };
    CHECK(refused({{"x", "a"}}) == "--rename x=a: the old rules have no rule x");
    CHECK(refused({{"a", "x"}}) == "--rename a=x: the new rules have no rule x");
    CHECK(refused({{"a", "b"}}) == "--rename a=b: the old rules have a rule b too");
    CHECK(refused({{"a", "b"}, {"b", "b"}}) == "--rename: two rules cannot both be b");
    // Two that change places are fine.
    CHECK(backtest::Comparer::create({one, one, {{"a", "b"}, {"b", "a"}}}, nullptr));
}

TEST_CASE("windows are one by their bounds, sliding ones by their event") {
    const auto rule = [](const std::string& window, int least) {
        return kStream + "rule many\n  window " + window +
               " on Login\n  by user\n  let n = count()\n  where n >= " + std::to_string(least) + "\n";
    };
    const Comparison fixed = compared(rule("5m", 3), rule("5m", 4), kEvents);
    CHECK(fixed.total() == Counts{.before = 2, .after = 1, .added = 0, .removed = 1, .changed = 0, .unchanged = 1});
    const Comparison other = compared(rule("5m", 3), rule("10m", 3), kEvents);
    CHECK(other.total() == Counts{.before = 2, .after = 2, .added = 2, .removed = 2, .changed = 0, .unchanged = 0});
    const Comparison sliding = compared(rule("sliding 5m", 2), rule("sliding 5m", 3), kEvents);
    CHECK(sliding.total().removed + sliding.total().unchanged == sliding.total().before);
    CHECK(sliding.total().added == 0);
    CHECK(sliding.total().removed > 0);
}

TEST_CASE("a rule over another's alerts is not touched by a new version of that, and knows it under a new name") {
    const std::string over = "rule twice\n  when a: guessed{2}\n  within 2h\n";
    const std::string before = kStream + guessed("2,", "  return n = count(f)\n") + over;
    const std::string after = kStream + guessed("2,", "  severity high\n  return n = count(f)\n") + over;
    const Comparison result = compared(before, after, kEvents);
    REQUIRE(result.rules.size() == 2);
    CHECK(result.rules[1].name == "twice");
    CHECK(result.rules[1].counts == Counts{.before = 1, .after = 1, .added = 0, .removed = 0, .changed = 0, .unchanged = 1});
    const std::string renamed =
        kStream + guessed("2,", "  return n = count(f)\n", "broken_in") + "rule twice\n  when a: broken_in{2}\n  within 2h\n";
    const Comparison other = compared(before, renamed, kEvents, {{"guessed", "broken_in"}});
    CHECK(other.total() == Counts{.before = 3, .after = 3, .added = 0, .removed = 0, .changed = 0, .unchanged = 3});
}

TEST_CASE("what was taken back is no alert, what was corrected is the last of it, and both are counted") {
    // A success that comes late ends the run of failures earlier.
    const std::string rules =
        kStream + "rule silent\n  when a: Login[ok = false] -> not Login[ok = true]\n  by user\n  within 10s\n  lateness 1h\n";
    const std::string events = login("ann", false, "10:00:00") + login("eve", false, "10:00:00") +
                               login("zoe", true, "10:30:00") + login("ann", true, "10:00:05") + login("zoe", true, "12:30:00");
    const Comparison result = compared(rules, rules, events);
    CHECK(result.total() == Counts{.before = 1, .after = 1, .added = 0, .removed = 0, .changed = 0, .unchanged = 1});
    CHECK(result.revisions()[Side::before] == backtest::Revisions{.retracts = 1, .corrects = 0});
    CHECK(result.revisions()[Side::after] == backtest::Revisions{.retracts = 1, .corrects = 0});
}

TEST_CASE("alerts are counted on the day of their decision, and before 1970 too") {
    CHECK(backtest::day_text(backtest::day_of(EventTime(-1))) == "1969-12-31");
    CHECK(backtest::day_text(backtest::day_of(EventTime(0))) == "1970-01-01");
    const Comparison result = compared(kStream + guessed("2,"), kStream + guessed("3,"), kEvents);
    const auto& days = result.rules.front().days;
    REQUIRE(days.size() == 1);
    CHECK(backtest::day_text(days.begin()->first) == "2026-01-05");
    CHECK(days.begin()->second == result.total());
}

TEST_CASE("nothing in gives nothing out") {
    const Comparison result = compared(kStream + guessed("2,"), kStream + guessed("3,"), "");
    CHECK(result.total() == Counts{});
    CHECK(result.rules.size() == 1);
}

TEST_CASE("an alert that both sides have for good is given back at once") {
    const auto program = compile(kStream + guessed("2,"));
    auto comparer = backtest::Comparer::create({program, program, {}}, nullptr);
    REQUIRE(comparer);
    Replayed before = replay_text(program, kEvents);
    Replayed after = replay_text(program, kEvents);
    comparer->take(Side::before, before.output);
    CHECK(comparer->held_alerts() == 2);
    comparer->take(Side::after, after.output);
    CHECK(comparer->held_alerts() == 0);
    CHECK(std::move(*comparer).finish().total().unchanged == 2);
}
