#pragma once

#include <memory>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/streams/input.hpp>

#include "exit_code.hpp"

namespace tocsin::cli {

/// What is asked of a recording, already checked.
struct AdvisePlan {
    std::vector<streams::InputSpec> inputs;
    std::vector<Duration> slacks;  ///< of which is told how many events they leave too late
    bool json{false};
    bool strict{false};  ///< the first unreadable record ends the run
    Limits limits{};
};

/// Reads the inputs once, merged as a replay does, and tells on standard output which slack its streams would need. The
/// streams are those of the program; without one all records are one stream, and the field of their time is inferred from
/// the first records of each input.
[[nodiscard]] ExitCode advise(const AdvisePlan& plan, const std::shared_ptr<const plan::Program>& program);

}  // namespace tocsin::cli
