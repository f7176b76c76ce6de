#include <tocsin/matcher/window_matcher.hpp>

#include <functional>
#include <map>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>

#include "windows/key_windows.hpp"

namespace tocsin::matcher {
namespace {

struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
};

/// What a rule holds for one key, and what it waits for.
struct KeyState {
    std::unique_ptr<KeyWindows> windows;
    Progress timer{EventTime::highest(), EventTime::highest()};  ///< the timers that are set for it
    bool touched{false};  ///< has events that what it shows does not know of
};
using Keys = std::unordered_map<std::string, KeyState, KeyHash, std::equal_to<>>;

/// Times at which keys have something to do, the earliest first. A key that has gone, or has an earlier timer by now, is
/// passed over when its turn comes.
class Timers {
public:
    explicit Timers(EventTime Progress::* clock) : clock_(clock) {}

    void set(std::string_view key, KeyState& state, EventTime when) {
        if (when < state.timer.*clock_) {
            state.timer.*clock_ = when;
            queue_.push({when, std::string(key)});
        }
    }

    /// Calls `each` with the keys whose time has passed.
    template <class Each>
    void pass(EventTime now, Keys& keys, Each each) {
        while (!queue_.empty() && queue_.top().when < now) {
            const Timer timer = queue_.top();
            queue_.pop();
            const auto found = keys.find(timer.key);
            if (found != keys.end() && found->second.timer.*clock_ == timer.when) {
                found->second.timer.*clock_ = EventTime::highest();
                each(found);
            }
        }
    }

private:
    struct Timer {
        EventTime when;
        std::string key;
        friend bool operator>(const Timer& a, const Timer& b) { return a.when > b.when; }
    };
    EventTime Progress::* clock_;
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> queue_;
};

}  // namespace

/// An event of a revisable rule that looks into tables: what it is in its window can change with them.
struct Watched {
    std::string key;
    EventId event{};
    bool inside{false};
};

struct WindowMatcher::Impl {
    Impl(ShardMemory& memory, plan::RuleId id) : rule(memory, id), events(memory.events), watched(Before{&memory.partitions}) {}

    WindowRule rule;
    EventPool& events;
    std::map<Position, Watched, Before> watched;
    Keys keys;
    Timers to_show{&Progress::shown};
    Timers to_settle{&Progress::settled};
    std::vector<std::string> touched;
    Progress now{EventTime::lowest(), EventTime::lowest()};

    KeyState& state_of(std::string_view key) {
        auto found = keys.find(key);
        if (found == keys.end()) {
            found = keys.emplace(std::string(key), KeyState{}).first;
            found->second.windows = make_key_windows(rule, found->first);
            found->second.windows->pass(now);
        }
        return found->second;
    }

    void on_event(std::string_view key, const Position& at, EventId event) {
        const bool inside = rule.takes(event);
        rule.release();
        if (rule.revisable() && rule.looks_into_tables()) {
            events.retain(event);
            watched.emplace(at, Watched{std::string(key), event, inside});
        }
        if (inside) {
            add(key, at, event);
        }
    }

    void add(std::string_view key, const Position& at, EventId event) {
        KeyState& state = state_of(key);
        if (rule.revisable()) {
            state.windows->add(rule.read(event), at);
            rule.release();
            touch(key, state);
            return;
        }
        state.windows->pass({at.time, at.time});
        state.windows->add(rule.read(event), at);
        rule.release();
        set_timers(key, state);
    }

    void touch(std::string_view key, KeyState& state) {
        if (!std::exchange(state.touched, true)) {
            touched.emplace_back(key);
        }
    }

    void take_back(std::string_view key, const Position& position) {
        if (const auto found = watched.find(position); found != watched.end()) {
            events.release(found->second.event);
            watched.erase(found);
        }
        remove(key, position);
    }

    /// Events whose rows may have changed leave their windows and come again as what they are now.
    void look_again(EventTime from) {
        for (auto one = watched.lower_bound(from); one != watched.end(); ++one) {
            auto& [at, event] = *one;
            if (event.inside) {
                remove(event.key, at);
            }
            event.inside = rule.takes(event.event);
            rule.release();
            if (event.inside) {
                add(event.key, at, event.event);
            }
        }
        for (auto& [key, state] : keys) {
            state.windows->look_again(from);
            touch(key, state);
        }
    }

    void forget_watched() {
        while (!watched.empty() && watched.begin()->first.time < now.settled) {
            events.release(watched.begin()->second.event);
            watched.erase(watched.begin());
        }
    }

    void remove(std::string_view key, const Position& position) {
        const auto found = keys.find(key);
        if (found != keys.end() && found->second.windows->remove(position)) {
            touch(key, found->second);
        }
    }

    void set_timers(std::string_view key, KeyState& state) {
        const Progress due = state.windows->due();
        if (rule.revisable()) {
            to_show.set(key, state, due.shown);
            to_settle.set(key, state, due.settled);
        } else {
            to_show.set(key, state, std::min(due.shown, due.settled));
        }
    }

    void bring_up_to_date(Keys::iterator key) {
        key->second.touched = false;
        key->second.windows->pass(now);
        if (key->second.windows->empty()) {
            keys.erase(key);
        } else {
            set_timers(key->first, key->second);
        }
    }

    void flush() {
        for (const std::string& key : touched) {
            if (const auto found = keys.find(key); found != keys.end() && found->second.touched) {
                bring_up_to_date(found);
            }
        }
        touched.clear();
    }

    void pass_time(const Progress& progress) {
        now = progress;
        forget_watched();
        flush();
        to_show.pass(now.shown, keys, [&](Keys::iterator key) { bring_up_to_date(key); });
        to_settle.pass(now.settled, keys, [&](Keys::iterator key) { bring_up_to_date(key); });
        if (now.settled == EventTime::highest()) {
            keys.clear();  // nothing comes after it that `prev(…)` could be asked of
        }
    }
};

WindowMatcher::WindowMatcher(ShardMemory& memory, plan::RuleId rule)
    : memory_(memory), impl_(std::make_unique<Impl>(memory, rule)) {}
WindowMatcher::~WindowMatcher() = default;

void WindowMatcher::on_event(std::string_view key, EventId event, std::uint64_t /*hits*/) {
    impl_->on_event(key, memory_.events[event].position, event);
}
void WindowMatcher::remove(std::string_view key, const Position& position) { impl_->take_back(key, position); }
void WindowMatcher::look_again(EventTime from) { impl_->look_again(from); }
void WindowMatcher::pass_time(const Progress& now) { impl_->pass_time(now); }
std::vector<Change>& WindowMatcher::changes() {
    impl_->flush();
    return impl_->rule.changes;
}
const MatcherCounters& WindowMatcher::counters() const { return impl_->rule.counters; }
std::size_t WindowMatcher::live_keys() const { return impl_->keys.size(); }

std::size_t WindowMatcher::live_runs() const {
    std::size_t windows = 0;
    for (const auto& [key, state] : impl_->keys) {
        windows += state.windows->live();
    }
    return windows;
}

}  // namespace tocsin::matcher
