// Conditions and values, evaluated by walking the tree.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "syntax.hpp"

namespace reference {

using Fields = std::map<std::string, Value>;

struct Event {
    std::int64_t time = 0;
    int input = 0;
    std::string input_name;
    std::string partition;
    std::int64_t offset = 0;
    std::map<int, std::shared_ptr<const Fields>> as;  // its fields, as each stream that it belongs to types them
    std::size_t record = 0;                           // position in arrival order

    const Value& field(int stream, const std::string& path) const;
};

// (event time, input, partition, offset); partitions as numbers where both are, else as text, numbers first.
bool before(const Event& a, const Event& b);

struct Taken {
    int event = 0;   // its index among the events of the key
    int step = 0;
    int stream = 0;  // as an event of which stream
};

// What a name can mean where an expression stands. What is not there is null.
struct Scope {
    const ProgramTree* program = nullptr;
    const Rule* rule = nullptr;
    const std::vector<Event>* events = nullptr;  // of the key, in order; `taken` refers to them
    const std::vector<Taken>* taken = nullptr;
    const Event* current = nullptr;
    int current_stream = -1;
    const std::vector<const Event*>* window = nullptr;
    std::int64_t window_end = 0;       // of a window without events: as of which tables are looked into
    const Fields* lets = nullptr;
    const Fields* previous = nullptr;  // the lets of the window before
    const std::map<int, std::vector<Event>>* tables = nullptr;  // rows by stream, in order
    int bound_step = -1;  // inside an aggregate over a step: the event it stands at
    const Taken* bound = nullptr;
};

Value evaluate(const Expr& e, const Scope& scope);
bool holds(const ExprPtr& condition, const Scope& scope);  // null is false; no condition is true

}  // namespace reference
