// The reference matcher: what a set of rules means for a list of records, slowly and obviously.
//
// Written from the language's design sentence by sentence; it shares no code with the engine. It knows the whole of `when`
// and `window` rules, streams, tables with `lookup`, lists and definitions; not views, derived streams, `throttle`, tests.
// Thread-compatible; no state between calls but a cache of regular expressions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace reference {

template <class T>
using Result = tl::expected<T, std::string>;  // the error: what a reader of a failed test needs

struct ProgramTree;

class Program {
   public:
    explicit Program(std::shared_ptr<const ProgramTree> tree) : tree_(std::move(tree)) {}
    const ProgramTree& tree() const { return *tree_; }

   private:
    std::shared_ptr<const ProgramTree> tree_;
};

Result<Program> parse(std::string_view rules);

// One line of an input, in arrival order. Which streams it belongs to is the program's affair.
struct Record {
    std::string json;
    std::string input = "input";  // names order as they first appear among the records
    std::int64_t line = 0;        // its offset, unless "$offset" says otherwise
};

// The lines of an NDJSON text; the first line has number 1. Empty lines count, and give no record.
std::vector<Record> read_ndjson(std::string_view text, const std::string& input_name);

struct EventId {
    std::string input;
    std::string partition;
    std::int64_t offset = 0;
    std::size_t record = 0;  // position among the records given

    bool operator==(const EventId&) const = default;
};

enum class Op { kRetract, kAlert, kCorrect };  // in the order in which one record's ops are written

struct Alert {
    std::string rule;
    Op op = Op::kAlert;
    std::vector<std::string> key;  // in `by` order, each as JSON
    std::int64_t time_us = 0;      // decision time
    std::vector<std::pair<std::string, EventId>> steps;  // step and event, in the order of events
    bool is_window = false;
    std::int64_t window_start_us = 0;  // a session: first and last event
    std::int64_t window_end_us = 0;
    EventId window_event;              // a sliding window: the event it is judged at
    std::vector<std::pair<std::string, std::string>> values;  // of `let`, then `return`, each as JSON
    std::size_t step = 0;              // position of the record that caused it; number of records: the end of the input
};

struct Late {
    EventId event;
    std::string stream;
    std::int64_t behind_us = 0;       // the largest distance
    std::vector<std::string> rules;   // that would have read it
    std::size_t step = 0;
};

struct Counters {
    std::int64_t received = 0, on_time = 0, late_accepted = 0, too_late = 0, duplicate = 0;
    std::int64_t null_key = 0;  // among those accepted: not seen
    std::int64_t alerts = 0, retracts = 0, corrects = 0;
};

struct Output {
    std::vector<Alert> alerts;  // rule by rule in the order of the program, each in the order of its output
    std::vector<Late> late;     // in order of arrival
    std::map<std::string, Counters> counters;  // by rule
    bool too_big = false;       // more runs than RunOptions allows: the rest is not to be used
};

struct RunOptions {
    std::size_t max_runs = 20'000;  // of one start, at once
};

Output run(const Program& program, std::span<const Record> records, const RunOptions& options = {});

// Alerts minus retractions with the last values of each, in the order of output.
std::vector<Alert> net(const std::vector<Alert>& alerts);

// One line of JSON each: {"rule","op","key":[…],"time_us","steps":{"a":[[input,partition,offset],…]}}.
std::string to_json_line(const Alert& alert);
std::string to_json_line(const Late& late);

}  // namespace reference
