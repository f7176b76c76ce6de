#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/streams/lateness.hpp>

#include "summary.hpp"

namespace tocsin::cli {

/// Where the time of events is: `ts`, with the unit of a number; nothing: RFC 3339.
struct TimePlace {
    std::string path;
    std::optional<TimeUnit> unit;
};

struct StreamAdvice {
    std::string name;  ///< empty: all records, with no stream declared
    std::optional<Duration> declared;  ///< the slack that the rules have now
    TimePlace time;  ///< as declared
    std::uint64_t without_time{0};
    std::size_t partitions{0};
    streams::Lateness lateness;
};

/// What a recording says about slack.
struct Advice {
    struct Input {
        InputSummary counts;
        std::optional<TimePlace> time;  ///< as inferred, where no stream is declared
    };
    std::vector<Input> inputs;
    std::vector<StreamAdvice> streams;
    std::uint64_t control_records{0};
    std::uint64_t unassigned{0};
};

/// A share of the events, in thousandths, and how many of them may be too late then.
inline constexpr unsigned kCovered[] = {990, 999, 1000};
[[nodiscard]] constexpr std::uint64_t allowed_late(std::uint64_t events, unsigned covered) {
    return events / 1000 * (1000 - covered) + events % 1000 * (1000 - covered) / 1000;
}

[[nodiscard]] std::string advice_text(const Advice& advice);
/// The members are listed in docs/cli.md.
[[nodiscard]] std::string advice_json(const Advice& advice);

}  // namespace tocsin::cli
