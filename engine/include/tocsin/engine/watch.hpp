#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/plan/program.hpp>

/// Watching one key of one rule, so that it can be told why the rule alerted for it, or did not.
namespace tocsin::engine {

/// What to watch. Of the two at least one.
struct Watch {
    struct Record {
        event::InputId input{};
        std::uint64_t offset{0};
    };
    plan::RuleId rule{};
    std::optional<std::string> key;     ///< as matcher::encode_key makes it: its events are noted down
    std::optional<Record> record;       ///< what becomes of it is noted down
};

/// A record as alerts name it.
struct Place {
    std::string input;
    std::string partition;
    std::uint64_t offset{0};
    EventTime time;
};

/// What became of the watched record, for the watched rule.
struct WatchedRecord {
    enum class Fate : std::uint8_t {
        absent,                         ///< it did not come, or could not be read
        other_stream,                   ///< it is of no stream that the rule sees
        without_time,
        outside_range,                  ///< of Options::from and to
        duplicate,
        too_late,
        null_key,
        seen,
    } fate{Fate::absent};
    std::vector<plan::StreamId> streams;
    std::vector<std::string> null_parts;        ///< of the key, by name
    Duration behind{0};                 ///< the watermark, where it was too late
    std::string key;                    ///< as matcher::encode_key makes it, where it was seen
};

/// An event of the watched key that the rule did not see.
struct TooLate {
    Place place;
    Duration behind{0};                 ///< the watermark
    Duration lateness{0};               ///< what the rule allows
};

}  // namespace tocsin::engine
