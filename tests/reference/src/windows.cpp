#include "windows.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace reference {
namespace {

using Events = std::vector<const Event*>;

std::int64_t floor_to(std::int64_t t, std::int64_t step) {
    const std::int64_t rest = t % step;
    return t - rest - (rest < 0 ? step : 0);
}

Events fitting(const MatchInput& input) {
    const EventSpec& spec = input.rule->window->event;
    Events events;
    for (const Event& e : *input.events) {
        Scope scope = scope_of_run(input, {});
        scope.taken = nullptr;
        scope.current = &e;
        scope.current_stream = spec.stream;
        if (e.as.contains(spec.stream) && holds(spec.condition, scope)) {
            events.push_back(&e);
        }
    }
    return events;
}

// Fills in what the window's expressions give. True when it passes `where`.
bool judge(const MatchInput& input, WindowResult& result, const Events& events, const Fields* previous) {
    Scope scope;
    scope.program = input.program;
    scope.rule = input.rule;
    scope.events = input.events;
    scope.tables = input.tables;
    scope.window = &events;
    scope.window_end = result.end;
    scope.previous = previous;
    scope.current = result.event;
    scope.current_stream = input.rule->window->event.stream;
    result.lets = lets_of(input, scope);
    scope.lets = &result.lets;
    for (const auto& [name, value] : input.rule->returns) {
        result.returns.emplace_back(name, evaluate(*value, scope));
    }
    return holds(input.rule->where, scope);
}

std::vector<WindowResult> fixed(const MatchInput& input, const Events& events) {
    const Window& window = *input.rule->window;
    std::map<std::int64_t, Events> by_start;
    for (const Event* e : events) {
        const std::int64_t last = floor_to(e->time, window.step_us);
        for (std::int64_t start = last; start > e->time - window.size_us; start -= window.step_us) {
            by_start[start].push_back(e);
        }
        // `for`: also the empty windows that end while the event is not longer ago than that.
        for (std::int64_t start = last; window.for_us && start + window.size_us - *window.for_us <= e->time; start += window.step_us) {
            by_start[start];
        }
    }
    std::vector<WindowResult> out;
    std::map<std::int64_t, Fields> lets;  // of those that hold an event
    for (const auto& [start, inside] : by_start) {
        WindowResult result;
        result.start = start;
        result.end = start + window.size_us;
        result.decided = {result.end - 1000, true};
        const auto previous = lets.find(start - window.step_us);
        const bool passed = judge(input, result, inside, previous == lets.end() ? nullptr : &previous->second);
        if (!inside.empty()) {
            lets[start] = result.lets;
        }
        if (passed) {
            out.push_back(std::move(result));
        }
    }
    return out;
}

std::vector<WindowResult> sliding(const MatchInput& input, const Events& events) {
    const std::int64_t size = input.rule->window->size_us;
    std::vector<WindowResult> out;
    std::optional<Fields> previous;
    std::size_t emptied = 0;  // events before this one were taken out by an alert
    for (std::size_t i = 0; i < events.size(); ++i) {
        Events inside;
        for (std::size_t j = emptied; j <= i; ++j) {
            if (events[j]->time > events[i]->time - size) {
                inside.push_back(events[j]);
            }
        }
        WindowResult result;
        result.start = events[i]->time - size;
        result.end = events[i]->time;
        result.event = events[i];
        result.decided = {events[i]->time, false};
        const bool passed = judge(input, result, inside, previous ? &*previous : nullptr);
        previous = result.lets;
        if (passed) {
            emptied = input.rule->choice == Choice::kNone ? i + 1 : 0;
            out.push_back(std::move(result));
        }
    }
    return out;
}

std::vector<WindowResult> sessions(const MatchInput& input, const Events& events) {
    const std::int64_t gap = input.rule->window->size_us;
    std::vector<WindowResult> out;
    std::optional<Fields> previous;
    for (std::size_t i = 0; i < events.size();) {
        Events inside{events[i]};
        for (++i; i < events.size() && events[i]->time - inside.back()->time <= gap; ++i) {
            inside.push_back(events[i]);
        }
        WindowResult result;
        result.start = inside.front()->time;
        result.end = inside.back()->time;
        result.decided = {result.end + gap, true};
        const bool passed = judge(input, result, inside, previous ? &*previous : nullptr);
        previous = result.lets;
        if (passed) {
            out.push_back(std::move(result));
        }
    }
    return out;
}

}  // namespace

std::vector<WindowResult> find_windows(const MatchInput& input) {
    const Events events = fitting(input);
    switch (input.rule->window->kind) {
        case Window::Kind::kTumbling: return fixed(input, events);
        case Window::Kind::kSliding: return sliding(input, events);
        case Window::Kind::kSession: return sessions(input, events);
    }
    return {};
}

}  // namespace reference
