#pragma once

#include <memory>
#include <string>
#include <utility>

#include <tocsin/backtest/comparer.hpp>

#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {

using backtest::Comparison;
using backtest::Counts;
using backtest::Side;

/// What two texts of rules give over one NDJSON input.
inline Comparison compared(const std::string& before, const std::string& after, const std::string& events,
                           backtest::Renames renames = {}, const backtest::Labels* labels = nullptr) {
    const auto old_program = compile(before);
    const auto new_program = compile(after);
    auto comparer = backtest::Comparer::create({old_program, new_program, std::move(renames)}, labels);
    INFO((comparer ? "" : comparer.error().message));
    REQUIRE(comparer);
    Replayed old_run = replay_text(old_program, events);
    Replayed new_run = replay_text(new_program, events);
    comparer->take(Side::before, old_run.output);
    comparer->take(Side::after, new_run.output);
    return std::move(*comparer).finish();
}

}  // namespace tocsin::test
