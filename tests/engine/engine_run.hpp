#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/engine/engine.hpp>

namespace tocsin::test {

struct EngineRun {
    std::string problems;                       ///< diagnostics, if the rules did not compile
    std::vector<alerts::Output> output;
    std::vector<std::size_t> pushed;            ///< by output: how many records had gone in before the batch that gave it
    engine::Counters counters;
    engine::Engine::StateSize left;             ///< what is held after the end
    std::vector<std::string> rule_names;
};

/// Between batches: the engine goes on, or is saved, and another goes on where it stood. That one has to be saved as the same bytes.
enum class Between { goes_on, restored };

/// Compiles the rules and replays the records of one NDJSON input through them.
[[nodiscard]] EngineRun run_engine(const std::string& rules, const std::vector<std::string>& lines, unsigned threads,
                                   std::size_t batch, const Limits& limits = {}, Between between = Between::goes_on);

/// A pattern with `overlap all` can have more matches than there is time for: a random case with more than 300 runs a key is left out.
[[nodiscard]] bool explodes(const std::string& rules, const std::vector<std::string>& lines);

/// An alert or late record on one line, all that the language fixes: rule, key, decision time, window, values, the events of each step.
[[nodiscard]] std::string describe(const alerts::Output& output);

}  // namespace tocsin::test
