// What registers hold of the events that a step took.

#include "registers.hpp"

#include "matcher/evaluated.hpp"

namespace tocsin::test {
namespace {

/// The value that `expression` of a match has where step a took events with the given fields, and step b one event.
std::string over_turns(const std::string& expression, const std::vector<std::string>& turns) {
    const Compiled made =
        compiled(kFields + "rule r when a: E[i != null]* -> b: E[i = null] within 1h return v = " + expression + "\n");
    INFO(expression << "\n" << made.found);
    REQUIRE(made.program != nullptr);
    const plan::Program& program = *made.program;
    const plan::RulePlan& rule = program.rules.front();

    const auto evaluator = matcher::Evaluator::create(made.program);
    REQUIRE(evaluator.has_value());
    matcher::Evaluator::Session session(*evaluator);
    event::Decoder decoder(event::Format::ndjson, program.projection, {});
    matcher::EventPool events;
    std::vector<matcher::PastPool::Taken> past;
    const auto take = [&](const std::string& record, std::uint32_t step) {
        const event::Batch batch = decoder.decode(event::InputId{0}, event::make_block(record + "\n", 1));
        REQUIRE(batch.rows() == 1);
        std::vector<event::Value> kept(program.kept_count);
        for (std::size_t c = 0; c < program.kept_slot.size(); ++c) {
            if (program.kept_slot[c] != plan::Program::kNotKept) {
                kept[program.kept_slot[c]] = batch.column(event::ColumnId{static_cast<std::uint32_t>(c)}).value(0);
            }
        }
        past.push_back({events.add({}, record, kept), nfa::StepId{step}});
    };
    for (const std::string& turn : turns) {
        take(turn, 0);
    }
    take(R"({"x":1000,"s":"end"})", 1);

    const matcher::Registers registers(program, rule, rule.match_registers, nullptr);
    const std::vector<event::Value> values = registers.compute_all(past, events, session);
    matcher::Scope scope;
    scope.registers = values;
    std::string json;
    event::append_json(json, session.value(rule.returns.front().value, scope));
    return json;
}

std::vector<std::string> of(const std::string& field, const std::vector<std::string>& values) {
    std::vector<std::string> turns;
    for (const std::string& value : values) {
        turns.push_back("{\"" + field + "\":" + value + "}");
    }
    return turns;
}

TEST_CASE("sum and count of nothing are 0") {
    CHECK(over_turns("sum(a.i)", {}) == "0");
    CHECK(over_turns("sum(a.x)", {}) == "0");
    CHECK(over_turns("count(a)", {}) == "0");
}

TEST_CASE("the other aggregates of nothing are null") {
    for (const char* aggregate : {"avg(a.x)", "min(a.x)", "max(a.x)", "stddev(a.x)", "distinct(a.x)", "quantile(a.x, 0.5)"}) {
        CHECK(over_turns(aggregate, {}) == "null");
    }
}

TEST_CASE("the fields of a step that took nothing are null") {
    CHECK(over_turns("a.i", {}) == "null");
    CHECK(over_turns("first(a).i", {}) == "null");
    CHECK(over_turns("last(a).i", {}) == "null");
}

TEST_CASE("aggregates see the events of their step alone") {
    CHECK(over_turns("sum(a.x)", of("x", {"1", "2"})) == "3");
    CHECK(over_turns("max(a.x)", of("x", {"1", "2"})) == "2");
    CHECK(over_turns("count(a)", of("x", {"1", "2"})) == "2");
}

TEST_CASE("aggregates leave null values out") {
    const auto turns = of("x", {"1", "null", "4"});
    CHECK(over_turns("sum(a.x)", turns) == "5");
    CHECK(over_turns("avg(a.x)", turns) == "2.5");
    CHECK(over_turns("min(a.x)", turns) == "1");
    CHECK(over_turns("distinct(a.x)", turns) == "2");
}

TEST_CASE("count of a step counts its events, whatever they hold") {
    CHECK(over_turns("count(a)", of("x", {"null", "null"})) == "2");
}

TEST_CASE("first and last take the first and last event, null or not") {
    const auto turns = of("i", {"null", "5", "6", "null"});
    CHECK(over_turns("first(a).i", turns) == "null");
    CHECK(over_turns("last(a).i", turns) == "null");
    CHECK(over_turns("first(a).i", of("i", {"5", "6"})) == "5");
}

TEST_CASE("a field of a repeated step is its last turn's") { CHECK(over_turns("a.i", of("i", {"5", "6", "7"})) == "7"); }

TEST_CASE("a sum of floats is exact") { CHECK(over_turns("sum(a.x)", of("x", {"1e100", "1", "-1e100"})) == "1"); }

TEST_CASE("a sum of integers that overflows is null") {
    CHECK(over_turns("sum(a.i)", of("i", {"9223372036854775807", "1"})) == "null");
    CHECK(over_turns("sum(a.i)", of("i", {"9223372036854775807", "-1"})) == "9223372036854775806");
}

TEST_CASE("an average of integers is a float") { CHECK(over_turns("avg(a.i)", of("i", {"1", "2"})) == "1.5"); }

TEST_CASE("the deviation is that of the whole population") {
    CHECK(over_turns("stddev(a.x)", of("x", {"2", "4", "4", "4", "5", "5", "7", "9"})) == "2");
    CHECK(over_turns("stddev(a.x)", of("x", {"3"})) == "0");
}

TEST_CASE("distinct counts values, numbers and strings") {
    CHECK(over_turns("distinct(a.i)", of("i", {"1", "2", "1", "1"})) == "2");
    CHECK(over_turns("distinct(a.s)", of("s", {"\"x\"", "\"y\"", "\"x\""})) == "2");
}

TEST_CASE("a quantile is the value of the nearest rank") {
    const auto turns = of("i", {"40", "15", "50", "20", "35"});
    CHECK(over_turns("quantile(a.i, 0.05)", turns) == "15");
    CHECK(over_turns("quantile(a.i, 0.3)", turns) == "20");
    CHECK(over_turns("quantile(a.i, 0.4)", turns) == "20");
    CHECK(over_turns("quantile(a.i, 0.5)", turns) == "35");
    CHECK(over_turns("quantile(a.i, 1)", turns) == "50");
}

TEST_CASE("min and max compare strings by bytes") {
    const auto turns = of("s", {"\"b\"", "\"Z\"", "\"é\""});
    CHECK(over_turns("min(a.s)", turns) == "\"Z\"");
    CHECK(over_turns("max(a.s)", turns) == "\"é\"");
}

TEST_CASE("min and max of strings made on the way live as long as the match") {
    CHECK(over_turns("max(lower(a.s))", of("s", {"\"B\"", "\"C\"", "\"A\""})) == "\"c\"");
}

TEST_CASE("durations add up to a duration") { CHECK(over_turns("sum(a.d) / 1s", of("d", {"1500", "500"})) == "2"); }

}  // namespace
}  // namespace tocsin::test
