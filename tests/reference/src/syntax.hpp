// The syntax tree of the rule language, as the reference matcher interprets it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "value.hpp"

namespace reference {

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
    enum class Kind { kLiteral, kPath, kNot, kNegate, kBinary, kCall, kMember, kIn, kNotIn };
    Kind kind = Kind::kLiteral;
    std::string text;                // the operator, the function, or the path with dots
    std::vector<std::string> path;   // kPath, kMember
    Value value;                     // kLiteral
    std::vector<ExprPtr> args;       // kIn: what is asked, then the members (one text may be a network, one path a list)
};

struct EventSpec {
    int stream = -1;
    std::string stream_name;
    ExprPtr condition;  // may be null: always
};

enum class Link { kNext, kStrict, kAny };  // ->  =>  ~>
enum class Mode { kGreedy, kLazy, kEach };

struct Node;
using NodePtr = std::shared_ptr<Node>;

// A pattern. Every step and every group is the body of a kLoop, if only of one turn, so that `in`, `until` and "a turn
// takes at least one event" have one place.
struct Node {
    enum class Kind { kStep, kSequence, kOr, kLoop, kNot };
    Kind kind = Kind::kStep;
    int id = 0;                    // unique in the rule
    EventSpec event;               // kStep, kNot
    int step = -1;                 // kStep: its number in the order in which step names are first written
    std::vector<NodePtr> parts;    // kSequence, kOr; kLoop: the body
    std::vector<Link> links;       // kSequence: links[i] stands before parts[i]; links[0] is not used
    std::int64_t min = 1;          // kLoop
    std::int64_t max = 1;          // kLoop; kUnbounded for none
    Link inner = Link::kNext;      // kLoop: between turns
    Mode mode = Mode::kGreedy;     // kLoop
    std::optional<EventSpec> until;          // kLoop
    std::optional<std::int64_t> in_us;       // kLoop, kNot
};
inline constexpr std::int64_t kUnbounded = INT64_MAX;

struct Stream {
    struct Field {
        std::string path;
        Type type = Type::kString;
    };
    std::string name;
    std::vector<Field> fields;
    std::string time;  // path of the event time
    TimeUnit unit = TimeUnit::kMillis;
    std::int64_t slack_us = 0;
    ExprPtr where;
    std::string from;
    bool table = false;
    std::string key;  // of a table
};

struct KeyPart {
    std::string name;                            // its first path
    std::map<std::string, std::string> by_stream;  // stream → path, where it differs
};

struct Lookup {
    std::string table, alias, key;
    ExprPtr value;
    int stream = -1;
};

enum class Choice { kEnds, kAll, kNone, kSkipPastLast, kSkipToNext, kSkipToFirst, kSkipToLast };

struct Window {
    enum class Kind { kTumbling, kSliding, kSession };
    Kind kind = Kind::kTumbling;
    std::int64_t size_us = 0;
    std::int64_t step_us = 0;                // `every`, else the size
    std::optional<std::int64_t> for_us;
    EventSpec event;
};

using Named = std::vector<std::pair<std::string, ExprPtr>>;

struct Rule {
    std::string name;
    NodePtr when;
    std::optional<Window> window;
    std::vector<std::string> steps;       // names, by step number
    std::vector<int> step_streams;
    std::vector<KeyPart> by;
    std::optional<std::int64_t> within_us;
    Named lets;
    Named returns;
    ExprPtr where;
    Choice choice = Choice::kEnds;
    int skip_step = -1;
    bool early = false;
    bool off = false;
    std::int64_t lateness_us = 0;
    std::vector<Lookup> lookups;
    std::vector<int> streams;             // that a pattern or window names
    std::vector<int> clock_streams;       // these and the looked-up tables
};

struct ProgramTree {
    std::vector<Stream> streams;
    std::map<std::string, std::vector<Value>> lists;
    std::map<std::string, ExprPtr> defines;
    std::vector<Rule> rules;

    int stream(const std::string& name) const {
        for (std::size_t i = 0; i < streams.size(); ++i) {
            if (streams[i].name == name) {
                return static_cast<int>(i);
            }
        }
        return -1;
    }
};

}  // namespace reference
