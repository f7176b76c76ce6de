#include <algorithm>

#include <tocsin/plan/print.hpp>

#include "compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

const std::string kStreams =
    "stream A(k: string, x: int, y: float, ts: time) time ts\n"
    "stream B(k: string, x: int, y: float, ts: time) time ts\n";

std::shared_ptr<const plan::Program> program(const std::string& rules) {
    const Compiled result = compiled(kStreams + rules);
    INFO(result.found);
    REQUIRE(result.program != nullptr);
    return result.program;
}

std::size_t index(auto id) { return static_cast<std::size_t>(id); }

TEST_CASE("all files of a load are one program") {
    const Compiled result = compiled(std::vector<std::string>{"rule r when A[small]", kStreams, "define small = x < 5"});
    CHECK(result.program != nullptr);
}

TEST_CASE("equal predicates of different rules are one") {
    const auto made = program("rule r when A[x > 1 and y < 2]\nrule s when A[y < 2 and 1 < x] -> B within 1m");
    CHECK(made->rules[0].conditions[0].predicate == made->rules[1].conditions[0].predicate);
}

TEST_CASE("equal conditions of one rule are one") {
    const auto made = program("rule r when A[x > 1] -> B -> A[x > 1] within 1m");
    CHECK(made->rules[0].conditions.size() == 2);
    CHECK(made->rules[0].steps[0].condition == made->rules[0].steps[2].condition);
}

TEST_CASE("what only the event decides is in the predicate, the rest is residual") {
    const auto made = program("rule r when a: A -> b: B[x > 1 and y > a.y and k = \"z\"] within 1m");
    const plan::Condition& condition = made->rules[0].conditions[1];
    CHECK(plan::print_expr(*made, nullptr, *(*made)[condition.predicate].expr) == "k = \"z\" and x > 1");
    CHECK(plan::print_expr(*made, &made->rules[0], *condition.residual) == "y > a.y");
    CHECK(condition.text == "B[x > 1 and y > a.y and k = \"z\"]");
}

TEST_CASE("a rule that is off leaves nothing behind in the program") {
    const auto made = program("rule r mode off when A[x > 77 and k matches \"q\" and y in (1, 2)]\nrule s when B");
    CHECK(made->rules.size() == 1);
    CHECK(made->predicates.size() == 1);
    CHECK(made->pool.exprs.empty());
    CHECK(made->pool.lists.empty());
    CHECK(made->pool.regexes.empty());
    CHECK(made->projection.size() == 1);
}

TEST_CASE("only what rules read is extracted, and only what is read later is kept") {
    const auto made = program("rule r when a: A[x > 1] -> B[y > a.y] by k within 1m");
    std::vector<std::string> columns;
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < made->projection.size(); ++i) {
        columns.push_back(made->projection[i].path[0]);
        if (made->kept_slot[i] != plan::Program::kNotKept) {
            kept.push_back(made->projection[i].path[0]);
        }
    }
    std::ranges::sort(columns);
    CHECK(columns == std::vector<std::string>{"k", "ts", "x", "y"});
    CHECK(kept == std::vector<std::string>{"y"});
    CHECK(made->kept_count == 1);
}

TEST_CASE("the parts of an expression come before it") {
    const auto made =
        program("rule r when a: A[not (x + 1 > 2 and y in (1, 2)) or k matches \"q\"] -> B[abs(x - a.x) > 2] within 1m");
    for (std::size_t i = 0; i < made->pool.exprs.size(); ++i) {
        if (const auto* apply = std::get_if<plan::Apply>(&made->pool.exprs[i].node)) {
            CHECK(std::ranges::all_of(apply->arguments, [&](plan::ExprId part) { return index(part) < i; }));
        }
    }
}

TEST_CASE("where the next event counts, every stream has a condition that all its events fit") {
    const auto made = program("rule r when A[x = 1] => not B[x = 2] -> A[x = 3] within 1m");
    const plan::RulePlan& rule = made->rules[0];
    CHECK(rule.needs_every_event);
    for (const plan::SourcePlan& source : rule.sources) {
        CHECK(std::ranges::any_of(rule.conditions,
                                  [&](const auto& one) { return one.predicate == source.seen && !one.residual; }));
    }
}

TEST_CASE("a not before the first event is listed") {
    const auto made = program("rule r when not A[x = 1] -> B within 1m");
    const plan::RulePlan& rule = made->rules[0];
    REQUIRE(rule.leading_absent.size() == 1);
    CHECK(rule.conditions[index(rule.leading_absent[0])].text == "A[x = 1]");
}

TEST_CASE("each stream has its own columns for the key") {
    const Compiled result = compiled(
        "stream A(user: string, ts: time) time ts\nstream B(owner.id: string, ts: time) time ts\n"
        "rule r when A -> B by user = B.owner.id within 1m");
    REQUIRE(result.program != nullptr);
    const plan::RulePlan& rule = result.program->rules[0];
    CHECK(rule.key[0].name == "user");
    CHECK(result.program->projection[index(rule.sources[1].key[0])].path == std::vector<std::string>{"owner", "id"});
}

TEST_CASE("the event time is a column of type time, whatever the field's type") {
    const Compiled result =
        compiled("stream A(at: int, ts: time) time at us\nrule r when A[at > 5 and ts > \"2026-11-23T10:00:00Z\"]");
    REQUIRE(result.program != nullptr);
    const plan::StreamPlan& stream = result.program->streams[0];
    CHECK(result.program->projection[index(stream.time)] == event::ColumnSpec{{"at"}, event::Type::time, TimeUnit::us});
    CHECK(result.program->projection.size() == 3);
}

TEST_CASE("an alert's text may use lets and the values of return") {
    const auto made = program("rule r when a: A by k let d = a.x * 2 return e = d + 1 alert \"{k} {d} {e}\"");
    const plan::RulePlan& rule = made->rules[0];
    CHECK(plan::print_expr(*made, &rule, std::get<plan::ExprId>(rule.text[0]), true) == "k");
    CHECK(plan::print_expr(*made, &rule, std::get<plan::ExprId>(rule.text[2]), true) == "d");
    CHECK(plan::print_expr(*made, &rule, std::get<plan::ExprId>(rule.text[4]), true) == "d + 1");
}

TEST_CASE("constants are computed once, and conditions that say nothing go") {
    const auto made = program("rule r when A[x > 2 * 3 + 1 and true and not false]");
    CHECK(plan::print_expr(*made, nullptr, *made->predicates[index(made->rules[0].conditions[0].predicate)].expr) == "x > 7");
}

TEST_CASE("a second step without a name is numbered") {
    const auto made = program("rule r when A -> B -> A -> a: A -> A within 1m");
    CHECK(made->rules[0].step_names == std::vector<std::string>{"A", "B", "A_2", "a", "A_3"});
}

}  // namespace
}  // namespace tocsin::test
