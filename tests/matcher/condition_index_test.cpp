// The index against asking every condition.

#include <tocsin/matcher/predicate_index.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidcheck.h>

#include "matcher/evaluated.hpp"

namespace tocsin::test {
namespace {

using matcher::ConditionIndex;

/// Conditions over i, j, s; few values, so that they often hold.
std::string any_condition(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 10 : 7)) {
        case 0: return fmt::format("i = {}", *rc::gen::inRange(0, 4));
        case 1: return fmt::format("{} = j", *rc::gen::inRange(0, 4));
        case 2: return fmt::format("s = \"{}\"", *rc::gen::element('a', 'b', 'c'));
        case 3: return fmt::format("i in ({}, {})", *rc::gen::inRange(0, 4), *rc::gen::inRange(0, 4));
        case 4: return fmt::format("s not in (\"a\", \"{}\")", *rc::gen::element('a', 'b', 'c'));
        case 5: return fmt::format("j > {}", *rc::gen::inRange(0, 4));
        case 6: return *rc::gen::element<std::string>("i = j", "i != null", "s = null", "x = 1", "x = 1.5");
        case 7: return fmt::format("({} or {})", any_condition(depth - 1), any_condition(depth - 1));
        case 8: return fmt::format("not ({})", any_condition(depth - 1));
        default: return fmt::format("({} and {})", any_condition(depth - 1), any_condition(depth - 1));
    }
}

std::string any_record() {
    std::vector<std::string> fields;
    const auto maybe = [&](const std::string& field, const std::string& value) {
        if (*rc::gen::inRange(0, 4) > 0) {
            fields.push_back(fmt::format("\"{}\":{}", field, value));
        }
    };
    maybe("i", fmt::format("{}", *rc::gen::inRange(0, 4)));
    maybe("j", fmt::format("{}", *rc::gen::inRange(0, 4)));
    maybe("x", *rc::gen::element<std::string>("1", "1.0", "1.5"));
    maybe("s", fmt::format("\"{}\"", *rc::gen::element('a', 'b', 'c', 'd')));
    return fmt::format("{{{}}}", fmt::join(fields, ","));
}

/// A program with one rule a condition.
Compiled program_of(const std::vector<std::string>& conditions) {
    std::string rules = kFields;
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        rules += fmt::format("rule r{} when E[{}]\n", i, conditions[i]);
    }
    return compiled(rules);
}

/// The program's predicates, by their number.
std::vector<ConditionIndex::Entry> entries_of(const plan::Program& program) {
    std::vector<ConditionIndex::Entry> entries;
    for (const plan::Predicate& predicate : program.predicates) {
        entries.push_back({static_cast<std::uint32_t>(entries.size()), predicate.expr});
    }
    return entries;
}

event::Batch batch_of(const plan::Program& program, const std::vector<std::string>& records) {
    event::Decoder decoder(event::Format::ndjson, program.projection, {});
    return decoder.decode(event::InputId{0}, event::make_block(fmt::format("{}\n", fmt::join(records, "\n")), 1));
}

std::string access_of(const std::string& condition) {
    const Compiled made = program_of({condition});
    REQUIRE(made.program != nullptr);
    const plan::Program& program = *made.program;
    const plan::RulePlan& rule = program.rules.front();
    const auto predicate = rule.conditions[static_cast<std::size_t>(rule.steps[0].condition)].predicate;
    return ConditionIndex(program, entries_of(program)).access(static_cast<std::size_t>(predicate), program);
}

TEST_CASE("the index finds what asking every condition finds") {
    CHECK(rc::check("index equals brute force", [] {
        std::vector<std::string> conditions;
        for (int left = *rc::gen::inRange(1, 12); left > 0; --left) {
            conditions.push_back(any_condition(2));
        }
        std::vector<std::string> records;
        for (int left = 10; left > 0; --left) {
            records.push_back(any_record());
        }
        RC_LOG(fmt::format("{}\n{}", fmt::join(conditions, "\n"), fmt::join(records, "\n")));
        const Compiled made = program_of(conditions);
        if (made.program == nullptr) {
            RC_FAIL(made.found);
        }
        const event::Batch batch = batch_of(*made.program, records);
        const auto evaluator = matcher::Evaluator::create(made.program);
        matcher::Evaluator::Session session(*evaluator);
        const auto entries = entries_of(*made.program);
        const ConditionIndex index(*made.program, entries);
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            matcher::Scope scope;
            scope.batch = &batch;
            scope.row = row;
            std::vector<std::uint32_t> expected;
            for (const auto& entry : entries) {
                if (!entry.expr || session.condition(*entry.expr, scope)) {
                    expected.push_back(entry.id);
                }
            }
            std::vector<std::uint32_t> found;
            index.find(batch, row, session, found);
            std::sort(found.begin(), found.end());
            RC_ASSERT(found == expected);
        }
    }));
}

TEST_CASE("what is found is appended to what is there") {
    const Compiled made = program_of({"i = 1"});
    REQUIRE(made.program != nullptr);
    const event::Batch batch = batch_of(*made.program, {R"({"i":1})"});
    matcher::Evaluator::Session session(*matcher::Evaluator::create(made.program));
    std::vector<std::uint32_t> found{99};
    ConditionIndex(*made.program, entries_of(*made.program)).find(batch, 0, session, found);
    CHECK(found.size() > 1);
    CHECK(found.front() == 99);
}

TEST_CASE("an index without conditions finds nothing") {
    const Compiled made = program_of({"i = 1"});
    REQUIRE(made.program != nullptr);
    const event::Batch batch = batch_of(*made.program, {R"({"i":1})"});
    matcher::Evaluator::Session session(*matcher::Evaluator::create(made.program));
    std::vector<std::uint32_t> found;
    ConditionIndex(*made.program, {}).find(batch, 0, session, found);
    CHECK(found.empty());
}

TEST_CASE("an equality alone is found by the field's value") {
    CHECK(access_of("i = 1") == "found by the value of i");
    CHECK(access_of("\"ann\" = s") == "found by the value of s");
    CHECK(access_of("s in Staff") == "found by the value of s");
}

TEST_CASE("a conjunction is found by its equality, and the rest evaluated") {
    CHECK(access_of("j > 1 and i = 1") == "found by the value of i, the rest evaluated on a hit");
}

TEST_CASE("of two equalities the one with fewer constants leads the way") {
    CHECK(access_of("i in (1, 2, 3) and s = \"a\"") == "found by the value of s, the rest evaluated on a hit");
}

TEST_CASE("a condition without an equality is evaluated for each event") {
    CHECK(access_of("i > 1") == "evaluated for each event of the stream");
    CHECK(access_of("i = 1 or j = 1") == "evaluated for each event of the stream");
    CHECK(access_of("i not in (1, 2)") == "evaluated for each event of the stream");
    CHECK(access_of("a in \"10.0.0.0/8\"") == "evaluated for each event of the stream");
}

}  // namespace
}  // namespace tocsin::test
