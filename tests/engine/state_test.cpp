// What is held, after a million keys.

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>

#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr std::size_t kKeys = 1'000'000;
constexpr std::size_t kBatch = 20'000;

TEST_CASE("state returns to nothing after a million keys, whatever kind of rule held it") {
    const auto program = compile(
        "stream L(user: int, ok: bool, ts: time) time ts slack 1s\n"
        "rule plain when a: L[not ok] -> b: L[ok] by user within 10s\n"
        "rule early when a: L[not ok] -> not L[ok] by user within 10s emit early lateness 2s\n"
        "rule window window 10s on L let n = count() where n > 5 by user lateness 2s\n");
    engine::Options options;
    options.inputs = {{"input", event::Format::ndjson}};
    auto made = engine::Engine::create(program, options);
    REQUIRE(made.has_value());
    event::Decoder decoder(event::Format::ndjson, program->projection, Limits{});
    std::vector<alerts::Output> output;
    std::size_t most = 0;
    for (std::size_t first = 0; first < kKeys; first += kBatch) {
        std::string text;
        for (std::size_t key = first; key < first + kBatch; ++key) {
            fmt::format_to(std::back_inserter(text), "{{\"user\":{},\"ok\":false,\"ts\":{}}}\n", key, key);
        }
        const auto batch = made->prepare(decoder.decode(event::InputId{0}, event::make_block(std::move(text), first + 1)));
        made->push(batch, 0, batch.rows(), output);
        output.clear();
        most = std::max(most, made->state_size().keys);
    }
    // A key a millisecond, held for not much more than 10 s by each rule.
    CHECK(most > 10'000);
    CHECK(most < 3 * (10'000 + 10'000 + 2 * kBatch));
    made->end_input(event::InputId{0}, output);
    made->finish(output);
    const engine::Engine::StateSize left = made->state_size();
    CHECK(left.keys == 0);
    CHECK(left.runs == 0);
    CHECK(left.events == 0);
    CHECK(made->counters().rules[1].alerts == kKeys);
}

}  // namespace
}  // namespace tocsin::test
