#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/time.hpp>

#include "alert_writer.hpp"
#include "exit_code.hpp"
#include "rules.hpp"
#include "source.hpp"

namespace tocsin::cli {

/// What a replay is asked to do, already checked.
struct ReplayPlan {
    InputChoice inputs;
    AlertFormat format{AlertFormat::ndjson};
    std::optional<std::string> summary_file;
    std::optional<std::string> late_file;
    unsigned threads{1};
    std::size_t batch{4096};  ///< records that go to the engine at once, at most
    std::optional<EventTime> from;
    std::optional<EventTime> to;
    std::optional<double> speed;  ///< seconds of event time a second; nothing: as fast as it goes
    bool quiet{false};  ///< no summary, no progress
    bool progress{true};
    bool strict{false};  ///< the first unreadable record ends the run
    Limits limits{};
};

/// Runs the inputs through the rules. Alerts go to standard output, all else to standard error. Does not return when the
/// user interrupts it: then what was found so far is written and the process ends by the signal.
[[nodiscard]] ExitCode replay(const ReplayPlan& plan, const Rules& rules);

}  // namespace tocsin::cli
