#include <tocsin/matcher/window_matcher.hpp>

#include <functional>
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
    Progress timer{EventTime::highest(), EventTime::highest()};     ///< the timers that are set for it
    bool touched{false};                                            ///< has events that what it shows does not know of
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

struct WindowMatcher::Impl {
    Impl(ShardMemory& memory, plan::RuleId id) : rule(memory, id) {}

    WindowRule rule;
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
        flush();
        to_show.pass(now.shown, keys, [&](Keys::iterator key) { bring_up_to_date(key); });
        to_settle.pass(now.settled, keys, [&](Keys::iterator key) { bring_up_to_date(key); });
        if (now.settled == EventTime::highest()) {
            keys.clear();       // nothing comes after it that `prev(…)` could be asked of
        }
    }
};

WindowMatcher::WindowMatcher(ShardMemory& memory, plan::RuleId rule) : memory_(memory), impl_(std::make_unique<Impl>(memory, rule)) {}
WindowMatcher::~WindowMatcher() = default;

void WindowMatcher::on_event(std::string_view key, EventId event, std::uint64_t /*hits*/) {
    impl_->on_event(key, memory_.events[event].position, event);
}
void WindowMatcher::remove(std::string_view key, const Position& position) { impl_->remove(key, position); }
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
