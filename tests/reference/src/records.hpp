// From records to events of streams, and the watermarks that they move.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "eval.hpp"
#include "reference/reference.hpp"

namespace reference {

inline constexpr std::int64_t kMinTime = INT64_MIN;
inline constexpr std::int64_t kMaxTime = INT64_MAX;

struct Arrival {
    enum class Kind { kEvent, kWatermark, kIdle, kOther };
    Kind kind = Kind::kOther;
    Event event;                   // kEvent; `as` names its streams
    std::map<int, std::int64_t> times;  // kEvent: by stream
    int stream = -1;               // kWatermark, kIdle
    std::string partition;
    std::int64_t watermark = 0;
    int input = 0;
};

std::vector<Arrival> read_arrivals(const ProgramTree& program, std::span<const Record> records);

// The partitions of all streams and what they say about time.
class Clocks {
   public:
    explicit Clocks(const ProgramTree& program) : program_(program), streams_(program.streams.size()) {}

    void hear(const Arrival& arrival);

    // The rule's W as its streams stand; nothing when all of them are idle.
    std::optional<std::int64_t> watermark(const Rule& rule, bool without_slack) const;

   private:
    struct Partition {
        std::int64_t largest = kMinTime;
        std::int64_t heartbeat = kMinTime;
        bool idle = false;
    };
    using Partitions = std::map<std::pair<int, std::string>, Partition>;  // by input and name

    const ProgramTree& program_;
    std::vector<Partitions> streams_;
};

// The key that a rule sees of an event; nothing when a part is null, or two of the rule's streams disagree.
std::optional<std::vector<Value>> key_of(const ProgramTree& program, const Rule& rule, const Event& event);

}  // namespace reference
