#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <tocsin/base/time.hpp>

/// What leaves the engine. Values that own all they show: an alert can be kept after everything else is gone.
namespace tocsin::alerts {

enum class Op : std::uint8_t { retract, alert, correct };   ///< in the order in which they are written
enum class Severity : std::uint8_t { info, low, medium, high, critical };

/// A name and a value that is already JSON.
using NamedJson = std::pair<std::string, std::string>;

struct AlertEvent {
    std::string input;
    std::string partition;
    std::uint64_t offset{0};
    std::vector<NamedJson> fields;      ///< the stream's declared fields that the record has, in declared order
};
struct AlertStep {
    std::string name;
    std::vector<AlertEvent> events;     ///< in the order of events; the first and last half if there are too many
    std::uint64_t omitted{0};
};
/// Where an event of a sliding window stands; its fields are not shown.
struct AlertPlace {
    std::string input;
    std::string partition;
    std::uint64_t offset{0};
};
/// What an alert of a window has in place of steps.
struct AlertWindow {
    EventTime start;
    EventTime end;                      ///< exclusive; of a sliding window its event's time, of a session its last event's
    std::optional<AlertPlace> event;    ///< of a sliding window: the event at which it was judged
};
struct Alert {
    std::uint64_t id{0};                ///< written as 16 hex digits
    Op op{Op::alert};
    std::string rule;
    std::uint32_t version{0};           ///< written as 8 hex digits
    Severity severity{Severity::medium};
    std::vector<NamedJson> labels;
    std::vector<NamedJson> key;
    EventTime time;                     ///< decision time
    EventTime first;                    ///< of a window: its start
    EventTime last;                     ///< of a window: its end
    std::optional<AlertWindow> window;
    std::vector<AlertStep> steps;       ///< in order of the pattern's text; steps that took nothing are left out
    std::vector<NamedJson> values;
    std::string text;
    bool shadow{false};                 ///< of a rule in `mode shadow`
};

/// A record that came too late for some rules.
struct LateRecord {
    std::string stream;
    std::int64_t behind_ms{0};          ///< of the watermark, the largest over the rules
    std::vector<std::string> rules;
    AlertEvent event;
};

using Output = std::variant<LateRecord, Alert>;

}  // namespace tocsin::alerts
