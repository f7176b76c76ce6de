#include <tocsin/matcher/window_matcher.hpp>

#include <map>
#include <string>
#include <utility>

#include "key_table.hpp"
#include "timers.hpp"
#include "windows/key_windows.hpp"

namespace tocsin::matcher {
namespace {

/// What a rule holds for one key.
struct KeyState {
    std::unique_ptr<KeyWindows> windows;
    bool touched{false};  ///< has events that what it shows does not know of
};

}  // namespace

/// An event of a revisable rule that looks into tables: what it is in its window can change with them.
struct Watched {
    std::string key;
    EventId event{};
    bool inside{false};

    template <class Archive>
    void archive(Archive& a) {
        a(key, event, inside);
    }
};

struct WindowMatcher::Impl {
    Impl(ShardMemory& memory, plan::RuleId id) : rule(memory, id), events(memory.events), watched(Before{&memory.partitions}) {}

    WindowRule rule;
    EventPool& events;
    std::map<Position, Watched, Before> watched;
    KeyTable<KeyState> keys;
    Timers to_show;
    Timers to_settle;
    std::vector<std::uint32_t> touched;
    Progress now{EventTime::lowest(), EventTime::lowest()};

    void save(StateWriter& out);
    void restore(StateReader& in);

    std::uint32_t slot_of(std::string_view key) {
        if (const auto found = keys.find(key)) {
            return *found;
        }
        const std::uint32_t slot = keys.add(key);
        keys[slot].windows = make_key_windows(rule, std::string(key));
        keys[slot].windows->pass(now);
        return slot;
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
        const std::uint32_t slot = slot_of(key);
        KeyWindows& windows = *keys[slot].windows;
        if (rule.revisable()) {
            windows.add(rule.read(event), at);
            rule.release();
            touch(slot);
            return;
        }
        windows.pass({at.time, at.time});
        windows.add(rule.read(event), at);
        rule.release();
        set_timers(slot);
    }

    void touch(std::uint32_t slot) {
        if (!std::exchange(keys[slot].touched, true)) {
            touched.push_back(slot);
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
        keys.for_each([&](std::uint32_t slot) {
            keys[slot].windows->look_again(from);
            touch(slot);
        });
    }

    void forget_watched() {
        while (!watched.empty() && watched.begin()->first.time < now.settled) {
            events.release(watched.begin()->second.event);
            watched.erase(watched.begin());
        }
    }

    void remove(std::string_view key, const Position& position) {
        const auto slot = keys.find(key);
        if (slot && keys[*slot].windows->remove(position)) {
            touch(*slot);
        }
    }

    void set_timers(std::uint32_t slot) {
        const Progress due = keys[slot].windows->due();
        if (rule.revisable()) {
            to_show.set(slot, due.shown);
            to_settle.set(slot, due.settled);
        } else {
            to_show.set(slot, std::min(due.shown, due.settled));
        }
    }

    void bring_up_to_date(std::uint32_t slot) {
        keys[slot].touched = false;
        keys[slot].windows->pass(now);
        if (keys[slot].windows->empty()) {
            keys.erase(slot);
            to_show.forget(slot);
            to_settle.forget(slot);
        } else {
            set_timers(slot);
        }
    }

    void flush() {
        for (const std::uint32_t slot : touched) {
            bring_up_to_date(slot);
        }
        touched.clear();
    }

    void pass_time(const Progress& progress) {
        now = progress;
        forget_watched();
        flush();
        while (const auto slot = to_show.due(now.shown)) {
            bring_up_to_date(*slot);
        }
        while (const auto slot = to_settle.due(now.settled)) {
            bring_up_to_date(*slot);
        }
        if (now.settled == EventTime::highest()) {
            keys.clear();  // nothing comes after it that `prev(…)` could be asked of
        }
    }
};

void WindowMatcher::Impl::save(StateWriter& out) {
    keys.save(out, [&](std::uint32_t slot) { keys[slot].windows->save(out); });
    out(watched, to_show, to_settle, now, rule.counters);
}

void WindowMatcher::Impl::restore(StateReader& in) {
    keys.restore(in, [&](std::uint32_t slot) {
        keys[slot].windows = make_key_windows(rule, keys.key(slot));
        keys[slot].windows->restore(in);
    });
    in(watched, to_show, to_settle, now, rule.counters);
}

void WindowMatcher::save(StateWriter& out) { impl_->save(out); }
void WindowMatcher::restore(StateReader& in) { impl_->restore(in); }

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
    impl_->keys.for_each_state([&](const KeyState& state) { windows += state.windows->live(); });
    return windows;
}

}  // namespace tocsin::matcher
