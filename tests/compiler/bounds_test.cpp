#include <tocsin/compiler/bounds.hpp>

#include "compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

compiler::Bounds bounds_of(const std::string& clauses) {
    const Compiled result =
        compiled("stream A(x: int, ts: time) time ts\nstream B(x: int, ts: time) time ts\nrule r\n" + clauses);
    INFO(result.found);
    REQUIRE(result.program != nullptr);
    return compiler::bounds(result.program->rules.at(0));
}

TEST_CASE("a run of a one-event pattern does not live") {
    CHECK(bounds_of("when A").life == Duration(0));
    CHECK(bounds_of("when A[x = 1] or B").life == Duration(0));
}

TEST_CASE("without within, a run lives as long as its in limits add up to") {
    using std::chrono::minutes;
    CHECK(bounds_of("when A -> B in 5m").life == minutes(5));
    CHECK(bounds_of("when A -> B in 5m -> A in 10m").life == minutes(15));
    CHECK(bounds_of("when A -> B{1,3} in 5m").life == minutes(15));
    CHECK(bounds_of("when A{3} in 5m").life == minutes(10));
    CHECK(bounds_of("when (A -> B in 1m) or (B -> A in 7m)").life == minutes(7));
    CHECK(bounds_of("when A? -> B in 5m").life == minutes(5));
}

TEST_CASE("within bounds a run that could wait longer") {
    CHECK(bounds_of("when A -> B{1,3} in 5m within 12m").life == std::chrono::minutes(12));
    CHECK(bounds_of("when A+ -> B within 1h").life == std::chrono::hours(1));
}

TEST_CASE("a rule that could wait for ever is refused, whatever it waits for") {
    for (const std::string when :
         {"A -> B", "A => B", "A{2}", "A+ in 1m -> B in 1m", "A -> B in 1m -> A", "A and B", "A -> B?"}) {
        INFO(when);
        CHECK(compiled("stream A(x: int, ts: time) time ts\nstream B(x: int, ts: time) time ts\nrule r when " + when).codes ==
              std::vector<std::string>{"E0404"});
    }
}

TEST_CASE("the bound is told in words") {
    const Compiled result =
        compiled("stream A(k: int, x: int, ts: time) time ts\nrule r when a: A[x = 1] -> A[x > a.x] by k within 5m");
    REQUIRE(result.program != nullptr);
    CHECK(compiler::print_bounds(result.program->rules.at(0)) ==
          "3 states, 3 edges; a run carries 1 value\n"
          "a run lives at most 5m\n"
          "open runs a key: those that began with an event A[x = 1] in the last 5m\n");
}

}  // namespace
}  // namespace tocsin::test
