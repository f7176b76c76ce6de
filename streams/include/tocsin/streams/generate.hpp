#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>
#include <tocsin/base/time.hpp>

namespace tocsin::streams {

/// What to make. The same values give the same bytes, on every platform.
struct GenerateSpec {
    std::string scenario;  ///< one of scenarios()
    std::uint64_t seed{1};
    std::uint64_t events{10'000};  ///< exactly so many records; at least kLeastEvents
    /// How far a record may come after one that is later in event time. The streams of the rule packs have a slack of 5s.
    Duration disorder{0};
};
inline constexpr std::uint64_t kLeastEvents = 1'000;

struct GenerateReport {
    std::uint64_t events{0};
    std::uint64_t bytes{0};
    std::uint64_t incidents{0};  ///< of them the truth tells
    EventTime first;  ///< least and largest event time
    EventTime last;
};

/// Takes some more bytes; an error ends the generation and is handed on.
using TextSink = std::function<Result<void>(std::string_view)>;

/// `fraud`, `monitoring` and `security`, each for the rule pack of that name, and `stock`: trades for benchmarks.
[[nodiscard]] std::span<const std::string_view> scenarios();

/// Writes a stream as NDJSON: everyday noise with near misses (one failure too few, a millisecond too late, the right order
/// but another user) and incidents planted in it. An entity that takes part in an episode makes no noise while a rule could
/// still look at it, so the incidents of the truth are all that the scenario's rule pack finds, and it finds all of them.
///
/// The truth is one JSON object: scenario, seed, `incidents`, events. An incident has the rule, the key and the decision time
/// of its alert, and the offsets (line numbers from 1) of the events of the match, in order of event time. A stock stream
/// has none.
///
/// Memory does not grow with the number of events. Fails with Errc::invalid for an unknown scenario or too few events.
[[nodiscard]] Result<GenerateReport> generate(const GenerateSpec& spec, const TextSink& events, const TextSink& truth);

}  // namespace tocsin::streams
