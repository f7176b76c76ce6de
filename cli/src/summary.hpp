#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tocsin/engine/engine.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::cli {

struct InputSummary {
    std::string name;
    std::uint64_t records{0};  ///< that could be read
    std::uint64_t unparsable{0};
    std::string error;  ///< why reading it ended early, or empty
};

class JsonWriter;
/// As an object with the counters, and `error` if there is one.
void write_input(JsonWriter& json, const InputSummary& input);

/// What a replay did.
struct Summary {
    double seconds{0};
    std::uint64_t bytes{0};  ///< read from the inputs, packed as they are
    bool interrupted{false};
    std::vector<InputSummary> inputs;
    engine::Counters counters;
};

/// The sums that a person asks for first.
struct Totals {
    std::uint64_t alerts{0};
    std::uint64_t retracts{0};
    std::uint64_t corrects{0};
    std::uint64_t late_accepted{0};
    std::uint64_t too_late{0};
    std::uint64_t duplicate{0};
    std::uint64_t without_time{0};
    std::uint64_t null_key{0};
    std::uint64_t runs_refused{0};
    std::uint64_t unparsable{0};
};
[[nodiscard]] Totals totals(const Summary& summary);

/// A few lines for the end of a run.
[[nodiscard]] std::string summary_text(const Summary& summary, const plan::Program& program);

/// All counters; the members are listed in docs/cli.md.
[[nodiscard]] std::string summary_json(const Summary& summary, const plan::Program& program);

}  // namespace tocsin::cli
