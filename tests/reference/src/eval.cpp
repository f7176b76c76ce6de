#include "eval.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "functions.hpp"
#include "records.hpp"

namespace reference {
namespace {

const Value kNull{};

bool is_aggregate(const std::string& name) {
    static const std::set<std::string> kNames{"count", "sum", "avg", "min", "max", "stddev", "first", "last", "distinct", "quantile"};
    return kNames.contains(name);
}

std::string joined(const std::vector<std::string>& path, std::size_t from) {
    std::string out;
    for (std::size_t i = from; i < path.size(); ++i) {
        out += (out.empty() ? "" : ".") + path[i];
    }
    return out;
}

int step_number(const Rule& rule, const std::string& name) {
    const auto found = std::find(rule.steps.begin(), rule.steps.end(), name);
    return found == rule.steps.end() ? -1 : static_cast<int>(found - rule.steps.begin());
}

// The step that an aggregate's argument speaks of, or -1.
int step_in(const Expr& e, const Rule& rule) {
    if (e.kind == Expr::Kind::kPath) {
        return step_number(rule, e.path.front());
    }
    for (const ExprPtr& arg : e.args) {
        if (const int step = step_in(*arg, rule); step >= 0) {
            return step;
        }
    }
    return -1;
}

const Event* event_of(const Scope& scope, const Taken& taken) { return &(*scope.events)[static_cast<std::size_t>(taken.event)]; }

std::vector<const Taken*> taken_by(const Scope& scope, int step) {
    std::vector<const Taken*> out;
    if (scope.taken != nullptr) {
        for (const Taken& taken : *scope.taken) {
            if (taken.step == step) {
                out.push_back(&taken);
            }
        }
    }
    return out;
}

// As of which tables are looked into: the event at hand, also the one that an aggregate stands at; else the last event taken,
// or the last of the window.
std::int64_t time_of_look(const Scope& scope) {
    if (scope.bound != nullptr) {
        return event_of(scope, *scope.bound)->time;
    }
    if (scope.current != nullptr) {
        return scope.current->time;
    }
    if (scope.window != nullptr) {
        return scope.window->empty() ? scope.window_end - 1 : scope.window->back()->time;
    }
    return scope.taken == nullptr || scope.taken->empty() ? INT64_MIN : event_of(scope, scope.taken->back())->time;
}

Value look_up(const Lookup& lookup, const std::string& path, const Scope& scope) {
    const std::int64_t at = time_of_look(scope);
    const Value key = evaluate(*lookup.value, scope);
    Value result;
    if (scope.tables == nullptr || !scope.tables->contains(lookup.stream)) {
        return result;
    }
    for (const Event& row : scope.tables->at(lookup.stream)) {
        if (row.time <= at && compare(row.field(lookup.stream, lookup.key), key) == 0) {
            const bool deleted = !is_null(row.field(lookup.stream, "$op"));
            result = deleted ? kNull : row.field(lookup.stream, path);
        }
    }
    return result;
}

// A name where no event is at hand: all events of a key have the same.
Value part_of_key(const std::string& name, const Scope& scope) {
    if (scope.events == nullptr || scope.events->empty() || scope.rule == nullptr) {
        return {};
    }
    const auto key = key_of(*scope.program, *scope.rule, scope.events->front());
    for (std::size_t i = 0; key && i < scope.rule->by.size(); ++i) {
        if (scope.rule->by[i].name == name) {
            return (*key)[i];
        }
    }
    return {};
}

Value evaluate_path(const Expr& e, const Scope& scope) {
    const std::string& head = e.path.front();
    if (e.path.size() == 1) {
        if (scope.lets != nullptr && scope.lets->contains(head)) {
            return scope.lets->at(head);
        }
        if (const auto found = scope.program->defines.find(head); found != scope.program->defines.end()) {
            return evaluate(*found->second, scope);
        }
        return scope.current != nullptr ? scope.current->field(scope.current_stream, head) : part_of_key(head, scope);
    }
    if (head == "prev") {
        if (scope.taken == nullptr || scope.taken->empty()) {
            return {};
        }
        const Taken& last = scope.taken->back();
        return event_of(scope, last)->field(last.stream, joined(e.path, 1));
    }
    if (const int step = step_number(*scope.rule, head); step >= 0) {
        if (scope.bound_step == step) {
            return event_of(scope, *scope.bound)->field(scope.bound->stream, joined(e.path, 1));
        }
        const std::vector<const Taken*> all = taken_by(scope, step);
        return all.empty() ? kNull : event_of(scope, *all.back())->field(all.back()->stream, joined(e.path, 1));
    }
    for (const Lookup& lookup : scope.rule->lookups) {
        if (lookup.alias == head) {
            return look_up(lookup, joined(e.path, 1), scope);
        }
    }
    return scope.current != nullptr ? scope.current->field(scope.current_stream, e.text) : kNull;
}

// The values of an aggregate's argument, one for each event that it runs over; `count` without an argument, or of a step,
// counts events.
std::vector<Value> values_of(const Expr& call, const Scope& scope) {
    std::vector<Value> values;
    const bool bare = call.args.empty();
    if (scope.window != nullptr) {
        for (const Event* event : *scope.window) {
            Scope inner = scope;
            inner.current = event;
            inner.current_stream = scope.rule->window->event.stream;
            inner.lets = nullptr;
            values.push_back(bare ? Value(true) : evaluate(*call.args.front(), inner));
        }
        return values;
    }
    const int step = bare ? -1 : step_in(*call.args.front(), *scope.rule);
    const bool whole = !bare && call.args.front()->kind == Expr::Kind::kPath && call.args.front()->path.size() == 1;
    for (const Taken* taken : taken_by(scope, step)) {
        Scope inner = scope;
        inner.bound_step = step;
        inner.bound = taken;
        values.push_back(whole ? Value(true) : evaluate(*call.args.front(), inner));
    }
    return values;
}

Value evaluate_aggregate(const Expr& call, const Scope& scope) {
    const std::vector<Value> values = values_of(call, scope);
    if (call.text == "count") {
        std::int64_t n = 0;
        for (const Value& v : values) {
            const bool* b = std::get_if<bool>(&v);
            n += b != nullptr ? (*b ? 1 : 0) : (is_null(v) ? 0 : 1);
        }
        return n;
    }
    return aggregate(call.text, values, call.args.size() > 1 ? evaluate(*call.args[1], scope) : Value());
}

Value evaluate_call(const Expr& e, const Scope& scope) {
    if (e.text == "prev") {
        if (scope.previous == nullptr) {
            return {};
        }
        const auto found = scope.previous->find(e.args.at(0)->text);
        return found == scope.previous->end() ? kNull : found->second;
    }
    if (is_aggregate(e.text)) {
        return evaluate_aggregate(e, scope);
    }
    if (e.text == "if") {
        return evaluate(*e.args.at(holds(e.args.at(0), scope) ? 1 : 2), scope);
    }
    std::vector<Value> args;
    for (const ExprPtr& arg : e.args) {
        args.push_back(evaluate(*arg, scope));
    }
    return call_function(e.text, args);
}

// first(b).x, last(b).x
Value evaluate_member(const Expr& e, const Scope& scope) {
    const Expr& call = *e.args.front();
    const std::vector<const Taken*> all = taken_by(scope, step_in(call, *scope.rule));
    if (all.empty() || (call.text != "first" && call.text != "last")) {
        return {};
    }
    const Taken& taken = call.text == "first" ? *all.front() : *all.back();
    return event_of(scope, taken)->field(taken.stream, e.text);
}

std::optional<bool> is_member(const Expr& e, const Scope& scope) {
    const Value v = evaluate(*e.args.front(), scope);
    if (is_null(v)) {
        return std::nullopt;
    }
    std::vector<Value> members;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
        const Expr& member = *e.args[i];
        const auto list = member.kind == Expr::Kind::kPath ? scope.program->lists.find(member.text) : scope.program->lists.end();
        if (list != scope.program->lists.end()) {
            members.insert(members.end(), list->second.begin(), list->second.end());
        } else {
            members.push_back(evaluate(member, scope));
        }
    }
    for (const Value& member : members) {
        const auto* network = std::get_if<std::string>(&member);
        if (std::holds_alternative<Ip>(v) && network != nullptr ? in_network(std::get<Ip>(v), *network) : compare(v, member) == 0) {
            return true;
        }
    }
    return false;
}

bool is_null_literal(const Expr& e) { return e.kind == Expr::Kind::kLiteral && is_null(e.value); }

Value evaluate_binary(const Expr& e, const Scope& scope) {
    const std::string& op = e.text;
    if (op == "and") {
        return holds(e.args[0], scope) && holds(e.args[1], scope);
    }
    if (op == "or") {
        return holds(e.args[0], scope) || holds(e.args[1], scope);
    }
    const Value a = evaluate(*e.args[0], scope);
    const Value b = evaluate(*e.args[1], scope);
    if ((op == "=" || op == "!=") && (is_null_literal(*e.args[0]) || is_null_literal(*e.args[1]))) {
        const bool null = is_null(is_null_literal(*e.args[0]) ? b : a);
        return null == (op == "=");
    }
    if (op == "like" || op == "matches") {
        const auto* text = std::get_if<std::string>(&a);
        const auto* pattern = std::get_if<std::string>(&b);
        return text != nullptr && pattern != nullptr && (op == "like" ? like(*text, *pattern) : matches(*text, *pattern));
    }
    if (op == "=" || op == "!=" || op == "<" || op == "<=" || op == ">" || op == ">=") {
        const std::optional<int> c = compare(a, b);
        if (!c) {
            return false;
        }
        return op == "="    ? *c == 0
               : op == "!=" ? *c != 0
               : op == "<"  ? *c < 0
               : op == "<=" ? *c <= 0
               : op == ">"  ? *c > 0
                            : *c >= 0;
    }
    return arithmetic(op[0], a, b);
}

struct PartitionName {
    bool number = false;
    long double value = 0;
};

PartitionName partition_name(const std::string& text) {
    const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return {number, number ? std::stold(text) : 0};
}

}  // namespace

const Value& Event::field(int stream, const std::string& path) const {
    const auto fields = as.find(stream);
    if (fields == as.end()) {
        return kNull;
    }
    const auto found = fields->second->find(path);
    return found == fields->second->end() ? kNull : found->second;
}

bool before(const Event& a, const Event& b) {
    if (a.time != b.time) {
        return a.time < b.time;
    }
    if (a.input != b.input) {
        return a.input < b.input;
    }
    if (a.partition != b.partition) {
        const PartitionName p = partition_name(a.partition);
        const PartitionName q = partition_name(b.partition);
        if (p.number != q.number) {
            return p.number;
        }
        if (p.number && p.value != q.value) {
            return p.value < q.value;
        }
        return a.partition < b.partition;
    }
    return a.offset < b.offset;
}

Value evaluate(const Expr& e, const Scope& scope) {
    switch (e.kind) {
        case Expr::Kind::kLiteral: return e.value;
        case Expr::Kind::kPath: return evaluate_path(e, scope);
        case Expr::Kind::kNot: return !holds(e.args[0], scope);
        case Expr::Kind::kNegate: return negate(evaluate(*e.args[0], scope));
        case Expr::Kind::kBinary: return evaluate_binary(e, scope);
        case Expr::Kind::kCall: return evaluate_call(e, scope);
        case Expr::Kind::kMember: return evaluate_member(e, scope);
        case Expr::Kind::kIn: return is_member(e, scope).value_or(false);
        case Expr::Kind::kNotIn: {
            const std::optional<bool> member = is_member(e, scope);
            return member && !*member;
        }
    }
    return {};
}

bool holds(const ExprPtr& condition, const Scope& scope) {
    if (condition == nullptr) {
        return true;
    }
    const Value v = evaluate(*condition, scope);
    const bool* b = std::get_if<bool>(&v);
    return b != nullptr && *b;
}

}  // namespace reference
