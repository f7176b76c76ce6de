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
/// Of a window, [start, end); of a session its first and last event; sliding: what it looked back over, up to its event.
struct AlertWindow {
    EventTime start;
    EventTime end;
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
    EventTime first;
    EventTime last;
    std::vector<AlertStep> steps;       ///< in order of the pattern's text; steps that took nothing are left out
    std::optional<AlertWindow> window;  ///< in place of steps
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
