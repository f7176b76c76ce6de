#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/streams/input.hpp>

#include "exit_code.hpp"

namespace tocsin::cli {

/// What `explain --why` is asked, as it stands on the command line.
struct WhyQuestion {
    std::vector<streams::InputSpec> inputs;
    std::string key;  ///< `user=ann`; empty: not given
    std::string event;  ///< `[INPUT:]OFFSET`; empty: not given
    std::optional<EventTime> from;
    std::optional<EventTime> to;
    bool json{false};
    Limits limits{};
};

/// Runs the rule, and those whose alerts it sees, over the inputs and writes why it alerted for the key or did not.
[[nodiscard]] ExitCode explain_why(const plan::Program& program, const plan::RulePlan& rule, const WhyQuestion& question);

}  // namespace tocsin::cli
