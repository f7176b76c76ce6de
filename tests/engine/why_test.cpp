// Why a rule alerted for a key, or did not: each way in which a partial match can end.
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/matcher/key.hpp>
#include <tocsin/matcher/why.hpp>

#include "compiler/compiled.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using matcher::Ending;
using matcher::Why;

namespace {

const std::string kStreams =
    "stream A(u: string, x: int, ts: time)\n  time ts\n  slack 0s\n"
    "stream B(u: string, x: int, ts: time)\n  time ts\n  slack 0s\n";

std::string record(const std::string& stream, int second, int x) {
    return "{\"$stream\":\"" + stream + "\",\"u\":\"k\",\"x\":" + std::to_string(x) +
           ",\"ts\":" + std::to_string(second * 1000) + "}\n";
}

/// An engine that watched the last rule of the text over the records, for the key "k".
engine::Engine watched(const std::string& rule, const std::string& records, const Limits& limits = {}) {
    const Compiled made = compiled(kStreams + rule);
    INFO(made.found);
    REQUIRE(made.program != nullptr);
    const auto program = std::make_shared<const plan::Program>(matcher::keeping_all_columns(*made.program));
    const plan::RuleId id{static_cast<std::uint32_t>(program->rules.size() - 1)};
    std::string key;
    const event::Value part = event::Value::of_string("k");
    matcher::encode_key(key, std::span(&part, 1));
    engine::Options options;
    options.inputs.push_back({"in", event::Format::ndjson});
    options.limits = limits;
    options.watch = engine::Watch{id, key, std::nullopt};
    auto engine = engine::Engine::create(program, options);
    REQUIRE(engine.has_value());
    event::Decoder decoder(event::Format::ndjson, program->projection, {});
    const auto batch = engine->prepare(decoder.decode(event::InputId{0}, event::make_block(records, 1)));
    std::vector<alerts::Output> output;
    engine->push(batch, 0, batch.rows(), output);
    engine->finish(output);
    return std::move(*engine);
}

/// Of inputs that go on for another key until second 60.
Why ask(const std::string& rule, const std::string& records) {
    auto why = watched(rule, records + R"({"$stream":"A","u":"later","x":0,"ts":60000})"
                                       "\n")
                   .why();
    REQUIRE(why.has_value());
    return std::move(*why);
}

std::size_t taken(const Why& why) { return why.attempts.at(0).taken.size(); }
const Ending& ending(const Why& why) { return why.attempts.at(0).ending; }
EventTime at(int second) { return EventTime::from_millis(second * 1000); }

}  // namespace

TEST_CASE("a partial match that time ended names its deadline and what it passed over") {
    const Why why =
        ask("rule r when a: A[x = 1] -> b: A[x = 2 and x > 0] by u within 10s\n", record("A", 1, 1) + record("A", 2, 3));
    CHECK(why.matches == 0);
    REQUIRE(taken(why) == 1);
    CHECK(ending(why).kind == Ending::Kind::time);
    CHECK(ending(why).time == at(11));
    CHECK(ending(why).clause == "within 10s");
    const auto& passed = why.attempts[0].passed_over;
    REQUIRE(passed.size() == 1);
    REQUIRE(passed[0].misfits.at(0).failures.size() == 1);
    CHECK(passed[0].misfits[0].failures[0].text == "x = 2");
    CHECK(passed[0].misfits[0].failures[0].values.at(0).value == plan::Constant{std::int64_t{3}});
}

TEST_CASE("the limit between two events ends a partial match before within does") {
    const Why why =
        ask("rule r when a: A[x = 1] -> b: A[x = 2] in 3s by u within 10s\n", record("A", 1, 1) + record("A", 9, 2));
    CHECK(ending(why).kind == Ending::Kind::time);
    CHECK(ending(why).time == at(4));
    CHECK(ending(why).clause == "in 3s");
}

TEST_CASE("an event that had to be absent is named where it came") {
    const Why why = ask("rule r when a: A[x = 1] -> not B[x = 7] -> b: A[x = 2] by u within 10s\n",
                        record("A", 1, 1) + record("B", 2, 7) + record("A", 3, 2));
    REQUIRE(ending(why).kind == Ending::Kind::event);
    CHECK(ending(why).clause == "not B[x = 7]");
    CHECK(ending(why).event->offset == 2);
    CHECK(ending(why).time == at(2));
}

TEST_CASE("an event between two that must follow at once ends the partial match") {
    const Why why = ask("rule r when a: A[x = 1] => b: A[x = 2] by u within 10s\n", record("A", 1, 1) + record("A", 2, 3));
    REQUIRE(ending(why).kind == Ending::Kind::event);
    CHECK(ending(why).clause == "=> b");
    CHECK(ending(why).event->offset == 2);
    REQUIRE(why.attempts[0].passed_over.size() == 1);
    CHECK(why.attempts[0].passed_over[0].misfits.at(0).failures.at(0).text == "x = 2");
}

TEST_CASE("a condition on the run shows what the run remembered") {
    const Why why = ask("rule r when a: A[x > 0] -> b: B[x > a.x] by u within 10s\n", record("A", 1, 5) + record("B", 2, 4));
    const auto& failure = why.attempts.at(0).passed_over.at(0).misfits.at(0).failures.at(0);
    CHECK(failure.text == "x > a.x");
    REQUIRE(failure.values.size() == 2);
    CHECK(failure.values[0].value == plan::Constant{std::int64_t{4}});
    CHECK(failure.values[1].value == plan::Constant{std::int64_t{5}});
}

TEST_CASE("a value that was null is shown as that") {
    const Why why = ask("rule r when a: A[x = 1] -> b: B[x = 2] by u within 10s\n",
                        record("A", 1, 1) + R"({"$stream":"B","u":"k","ts":2000})" + "\n");
    CHECK(why.attempts.at(0).passed_over.at(0).misfits.at(0).failures.at(0).values.at(0).value == plan::Constant{});
}

TEST_CASE("a complete match that where refuses shows the part that failed") {
    const Why why = ask("rule r when a: A[x > 0] -> b: B by u within 10s where b.x > 0 and a.x > 3\n",
                        record("A", 1, 1) + record("B", 2, 2));
    REQUIRE(ending(why).kind == Ending::Kind::where);
    CHECK(taken(why) == 2);
    REQUIRE(ending(why).failures.size() == 1);
    CHECK(ending(why).failures[0].text == "a.x > 3");
}

TEST_CASE("a partial match whose deadline lies behind the inputs still waits") {
    const Why why = ask("rule r when a: A[x = 1] -> b: A[x = 2] in 1h by u within 1h\n", record("A", 1, 1));
    CHECK(ending(why).kind == Ending::Kind::open);
    CHECK(why.attempts[0].awaited.at(0).deadline == at(3601));
}

TEST_CASE("an until ends the turns of a loop, and the partial match with them") {
    const Why why = ask("rule r when (a: A[x = 1] -> b: A[x = 2]){2} until B by u within 10s\n",
                        record("A", 1, 1) + record("A", 2, 2) + record("B", 3, 0) + record("A", 4, 1));
    REQUIRE(ending(why).kind == Ending::Kind::event);
    CHECK(ending(why).clause == "until B");
    CHECK(taken(why) == 2);
}

TEST_CASE("a match that overlap none leaves out is told as not chosen") {
    const Why why = ask(
        "rule r when a: A[x = 1] -> b: A[x = 2] -> c: A[x = 3] by u within 10s overlap none\n",
        record("A", 1, 1) + record("A", 2, 2) + record("A", 3, 1) + record("A", 4, 3) + record("A", 5, 2) + record("A", 6, 3));
    CHECK(why.matches == 1);
    REQUIRE(ending(why).kind == Ending::Kind::not_chosen);
    CHECK(why.attempts[0].taken.at(0).event.offset == 3);
}

TEST_CASE("a partial match that began inside an alert is given up with it where alerts do not overlap") {
    const Why why = ask("rule r when a: A[x = 1] -> b: A[x = 2] -> c: A[x = 3] by u within 10s overlap none\n",
                        record("A", 1, 1) + record("A", 2, 2) + record("A", 3, 1) + record("A", 4, 3) + record("A", 5, 4));
    CHECK(why.matches == 1);
    REQUIRE(why.attempts.size() == 1);
    CHECK(why.attempts[0].taken.at(0).event.offset == 3);
    CHECK(ending(why).kind == Ending::Kind::given_up);
    CHECK(ending(why).event->offset == 4);
}

TEST_CASE("of partial matches that share an event and end alike the longest is told") {
    const Why why = ask("rule r when a: A[x = 1]{3} -> b: A[x = 2] in 5s by u within 20s\n",
                        record("A", 1, 1) + record("A", 2, 1) + record("A", 3, 1) + record("A", 4, 1));
    REQUIRE(why.attempts.size() == 1);
    CHECK(taken(why) == 3);
    CHECK(why.attempts[0].taken.at(0).event.offset == 2);
}

TEST_CASE("where no event fits the condition of a window, the nearest are told") {
    const Why why = ask("rule r window 10s on A[x = 1] by u let n = count() where n >= 3\n", record("A", 1, 2));
    CHECK(why.fitting == 0);
    CHECK(why.nearest.at(0).misfits.at(0).failures.at(0).text == "x = 1");
}

TEST_CASE("where no event begins a match, the nearest to the first step is told") {
    const Why why =
        ask("rule r when a: A[x = 1 and x != 5] -> b: A[x = 2] by u within 10s\n", record("A", 1, 5) + record("A", 2, 4));
    CHECK(why.attempts.empty());
    REQUIRE(why.nearest.size() == 2);
    CHECK(why.nearest[0].misfits.at(0).failures.size() == 2);
    CHECK(why.nearest[1].misfits.at(0).failures.size() == 1);
}

TEST_CASE("an alert is told with its events, and what lies in it is not told again") {
    const Why why = ask("rule r when a: A[x = 1]{2,} -> b: A[x = 2] by u within 10s\n",
                        record("A", 1, 1) + record("A", 2, 1) + record("A", 3, 2));
    CHECK(why.matches == 1);
    CHECK(why.latest.at(0).taken.size() == 3);
    CHECK(why.attempts.empty());
}

TEST_CASE("events are told in the order of events, however they came") {
    const Why why =
        ask("rule r when a: A[x = 1] -> b: A[x = 2] by u within 10s lateness 1m\n", record("A", 5, 2) + record("A", 1, 1));
    CHECK(why.matches == 1);
    CHECK(why.events == 2);
}

TEST_CASE("the window nearest to firing is told with its values") {
    const Why why = ask("rule r window 10s on A by u let n = count() where n >= 3\n",
                        record("A", 1, 1) + record("A", 11, 1) + record("A", 12, 1));
    CHECK(why.matches == 0);
    CHECK(why.windows_refused == 2);
    REQUIRE(why.windows.size() == 2);
    CHECK(why.windows[0].start == at(10));
    CHECK(why.windows[0].lets.at(0).value == plan::Constant{std::int64_t{2}});
    CHECK(why.windows[0].failures.at(0).text == "n >= 3");
}

TEST_CASE("an event that could begin a match, but for what came before it, is told with that") {
    const Why why = ask("rule r when not B[x = 7] in 5s -> a: A[x = 1] -> b: A[x = 2] by u within 10s\n",
                        record("B", 1, 7) + record("A", 2, 1));
    CHECK(why.attempts.empty());
    REQUIRE(why.nearest.size() == 1);
    CHECK(why.nearest[0].misfits.at(0).failures.empty());
    CHECK(why.nearest[0].misfits.at(0).blocked == "not B[x = 7]");
}

TEST_CASE("a table is looked into as of the event, though it has changed since") {
    const std::string row = R"({"$stream":"T","u":"k","tier":"gold","ts":1000})"
                            "\n"
                            R"({"$stream":"T","u":"k","tier":"basic","ts":3000})"
                            "\n";
    const Why why =
        ask("table T(u: string, tier: string, ts: time) key u\n  time ts\n"
            "rule r lookup T as c on c.u = u when a: A[c.tier = \"gold\"] -> b: A[c.tier = \"silver\"] by u within 10s\n",
            row + record("A", 2, 1) + record("A", 4, 1));
    REQUIRE(taken(why) == 1);
    CHECK(why.attempts[0].taken[0].event.time == at(2));
    const auto& failure = why.attempts[0].passed_over.at(0).misfits.at(0).failures.at(0);
    CHECK(failure.values.at(0).value == plan::Constant{std::string("basic")});
}

TEST_CASE("more events than are kept are an answer, not half an explanation") {
    Limits limits;
    limits.explained_events = 2;
    const std::string rule = "rule r when a: A[x = 1] -> b: A[x = 2] by u within 10s\n";
    const auto at_limit = watched(rule, record("A", 1, 1) + record("A", 2, 1), limits).why();
    CHECK(at_limit.has_value());
    const auto beyond = watched(rule, record("A", 1, 1) + record("A", 2, 1) + record("A", 3, 1), limits).why();
    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error().code == Errc::limit);
}
