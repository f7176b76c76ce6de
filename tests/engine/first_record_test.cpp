// Rules that do not see the log from its start.
#include <algorithm>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

using Lines = std::vector<std::string>;

const std::string kEvent = "stream Event(kind: string, user: string, ts: time) time ts s\n";
const std::string kTwo = kEvent +
                         "rule old when a: Event[kind = \"A\"] -> b: Event[kind = \"B\"] by user within 1h alert \"old\"\n" +
                         "rule young when a: Event[kind = \"A\"] -> b: Event[kind = \"B\"] by user within 1h alert \"young\"\n";

std::string event(const std::string& kind, int ts) {
    return fmt::format(R"({{"$stream":"Event","kind":"{}","user":"ann","ts":{}}})", kind, ts);
}

engine::Options from(std::vector<std::uint64_t> first_records, unsigned threads = 1) {
    engine::Options options;
    options.first_records = std::move(first_records);
    options.threads = threads;
    return options;
}

TEST_CASE("a rule sees no record before its first, for any batch and number of threads; others see all") {
    const Lines lines{event("A", 0), event("B", 1), event("A", 2), event("B", 3), event("A", 4), event("B", 5), event("-", 9)};
    for (const unsigned threads : {1U, 3U}) {
        for (const std::size_t batch : {1U, 2U, 7U}) {
            INFO(threads << " threads, batches of " << batch);
            Driver driver(kTwo, {"input"}, from({1, 4}, threads));
            for (std::size_t at = 0; at < lines.size(); at += batch) {
                driver.push(Lines(lines.begin() + static_cast<std::ptrdiff_t>(at),
                                  lines.begin() + static_cast<std::ptrdiff_t>(std::min(at + batch, lines.size()))));
            }
            // The third record starts a run of `old` alone.
            CHECK(told(driver.output) == Lines{"old at 1", "old at 3", "old at 5", "young at 5"});
        }
    }
}

TEST_CASE("a rule that is started later sees the records from then on") {
    Driver driver(kTwo, {"input"}, from({1, UINT64_MAX}));
    driver.push({event("A", 0), event("B", 1), event("A", 2)});
    driver.engine().start_rule(plan::RuleId{1}, 4);
    driver.push({event("B", 3), event("A", 4), event("B", 5), event("-", 9)});
    CHECK(told(driver.output) == Lines{"old at 1", "old at 3", "old at 5", "young at 5"});
}

TEST_CASE("clocks see every record: what is too late for the others is too late for a young rule") {
    Driver driver(kTwo, {"input"}, from({1, 2}));
    driver.push({event("-", 100), event("A", 50), event("B", 60), event("-", 200)});
    CHECK(told(driver.output).empty());
    CHECK(driver.engine().counters().rules[1].too_late == 2);
}

TEST_CASE("tables see every record: a young rule finds rows from before it") {
    const std::string rules =
        kEvent + "table Person(id: string, team: string, ts: time) key id time ts s\n" +
        "rule found lookup Person as p on p.id = user when e: Event[p.team = \"x\"] by user alert \"{p.team}\"\n";
    Driver driver(rules, {"input"}, from({3}));
    driver.push({R"({"$stream":"Person","id":"ann","team":"x","ts":0})", event("A", 1), event("B", 2), event("-", 9),
                 event("-", 30), R"({"$stream":"Person","id":"bob","team":"y","ts":30})"});
    CHECK(told(driver.output) == Lines{"x at 2", "x at 9"});
}

// `inner` shows at once; an X between takes its alert back.
const std::string kInner =
    "stream Event(kind: string, user: string, ts: time) time ts s slack 100s\n"
    "rule inner when a: Event[kind = \"A\"] => b: Event[kind = \"B\"] by user within 1h emit early alert \"inner\"\n";

TEST_CASE("an alert is seen by the rules that see the record it came of, and so is what takes it back") {
    const std::string rules = kInner + "rule outer when x: inner -> y: inner by user within 1h emit early alert \"outer\"\n";
    {
        Driver driver(rules, {"input"}, from({1, 3}));
        driver.push({event("A", 0), event("B", 10), event("A", 20), event("B", 30), event("A", 40), event("B", 50)});
        CHECK(told(driver.output) == Lines{"inner at 10", "inner at 30", "inner at 50", "outer at 50"});
        driver.output.clear();
        // The alert that `outer` never saw goes, then one that it did.
        driver.push({event("X", 5)});
        CHECK(told(driver.output) == Lines{"retract inner at 10"});
        driver.output.clear();
        driver.push({event("X", 25)});
        CHECK(told(driver.output) == Lines{"retract inner at 30", "retract outer at 50"});
    }
}

TEST_CASE("an alert that is corrected after a rule's start is still one from before it") {
    const std::string rules = kEvent +
                              "rule inner window 1m on Event[kind = \"A\"] by user where count() >= 1 lateness 200s return n = "
                              "count() alert \"inner {count()}\"\n"
                              "rule outer when x: inner by user emit early lateness 200s alert \"outer {x.n}\"\n"
                              "rule final when x: inner by user alert \"final {x.n}\"\n";
    for (const std::uint64_t first : {std::uint64_t{1}, std::uint64_t{3}}) {
        INFO(fmt::format("first {}", first));
        Driver driver(rules, {"input"}, from({1, first, first}));
        driver.push({event("A", 0)});
        driver.push({event("-", 100)});
        driver.push({event("A", 30)});
        driver.push({event("A", 1000)});
        driver.finish();
        Lines of_inner;
        Lines of_others;
        for (const std::string& line : told(driver.output)) {
            (line.find("inner") != std::string::npos ? of_inner : of_others).push_back(line);
        }
        CHECK(of_inner == Lines{"inner 1 at 59", "correct inner 2 at 59", "inner 1 at 1019"});
        CHECK(of_others == (first == 1 ? Lines{"outer 1 at 59", "final 1 at 59", "correct outer 2 at 59", "outer 1 at 1019",
                                               "final 1 at 1019"}
                                       : Lines{"outer 1 at 1019", "final 1 at 1019"}));
    }
}

TEST_CASE("changes of a table are seen by the rules that see the row, in whatever order rows come") {
    const std::string rules =
        "table Person(id: string, team: string, ts: time) key id time ts s slack 100s\n"
        "rule moved when c: Person[op = \"update\"] by id = Person.after.id emit early alert \"{c.before.team} "
        "{c.after.team}\"\n";
    const auto person = [](const std::string& team, int ts) {
        return fmt::format(R"({{"$stream":"Person","id":"ann","team":"{}","ts":{}}})", team, ts);
    };
    Driver all(rules, {"input"}, from({1}));
    Driver young(rules, {"input"}, from({3}));
    for (Driver* driver : {&all, &young}) {
        driver->push({person("a", 0), person("b", 10)});
        driver->push({person("c", 20)});
        driver->push({person("d", 5)});  // the update at 10 is another one now: from d, not from a
    }
    CHECK(told(young.output).size() < told(all.output).size());
    CHECK(told(young.output) == Lines{"b c at 20", "a d at 5"});
}

TEST_CASE("an engine that goes on from a saved state lets no rule see more or less") {
    const std::string rules = kInner + "rule outer when x: inner -> y: inner by user within 1h emit early alert \"outer\"\n";
    const Lines before{event("A", 0), event("B", 10), event("A", 20), event("B", 30)};
    const Lines after{event("A", 40), event("B", 50), event("X", 5), event("X", 25)};
    Driver whole(rules, {"input"}, from({1, 3}));
    whole.push(before);
    const std::string state = whole.engine().save();
    whole.output.clear();
    whole.push(after);

    Driver again(rules);
    engine::Options options;
    options.inputs = {{"input", event::Format::ndjson}};
    auto restored = engine::Engine::restore(again.program(), options, state);
    REQUIRE(restored.has_value());
    again.engine() = std::move(*restored);
    again.skip(before.size());
    again.push(after);
    CHECK(told(again.output) == told(whole.output));
    CHECK(told(again.output) ==
          Lines{"inner at 50", "outer at 50", "retract inner at 10", "retract inner at 30", "retract outer at 50"});
}

}  // namespace
}  // namespace tocsin::test
