#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stepper.hpp"

namespace tocsin::matcher {

/// The events of a revisable rule that start nothing and came for keys that hold nothing. Where events come in order they are never
/// asked for; an earlier event that comes after them makes them the key's. Each holds a reference, which goes to whoever takes
/// the event. Cost: an append, and a look at the newest with the same bucket; memory: what came since the rule was settled.
class IdleEvents {
public:
    void add(std::string_view key, const Incoming& event) {
        if (events_.size() >= newest_.size()) {
            grow();
        }
        events_.push_back({event, hash(key), 0, std::string(key), false});
        link(events_.size() - 1);
    }
    /// Gives all of the key's to `take(const Incoming&)`, the one that came last first.
    template <class Take>
    void take(std::string_view key, Take take) {
        visit(key, [&](Idle& idle) {
            idle.gone = true;
            take(idle.event);
        });
    }
    /// Gives the key's event for which `is_it(const Incoming&)` to `take(const Incoming&)`, if it is here.
    template <class IsIt, class Take>
    void take_one(std::string_view key, IsIt is_it, Take take) {
        visit(key, [&](Idle& idle) {
            if (is_it(idle.event)) {
                idle.gone = true;
                take(idle.event);
            }
        });
    }
    /// Gives those before `time` to `take(const Incoming&)`; one that came behind a later one stays as long as that.
    template <class Take>
    void take_before(EventTime time, Take take) {
        while (!events_.empty() && (events_.front().gone || events_.front().event.position.time < time)) {
            pop(take);
        }
    }
    template <class Take>
    void take_all(Take take) {
        while (!events_.empty()) {
            pop(take);
        }
    }

    void save(StateWriter& out) {
        out.number(static_cast<std::uint64_t>(std::count_if(events_.begin(), events_.end(), [](const Idle& idle) { return !idle.gone; })));
        for (Idle& idle : events_) {
            if (!idle.gone) {
                out(idle.key, idle.event);
            }
        }
    }
    void restore(StateReader& in) {
        for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
            std::string key;
            Incoming event;
            in(key, event);
            add(key, event);
        }
    }

private:
    struct Idle {
        Incoming event;
        std::uint64_t hash;
        std::uint64_t previous;     ///< the number of the one before in its bucket, counted from 1; 0: none
        std::string key;
        bool gone;
    };

    static std::uint64_t hash(std::string_view key) { return std::hash<std::string_view>{}(key); }
    [[nodiscard]] std::uint64_t& newest(std::uint64_t hash) { return newest_[hash & (newest_.size() - 1)]; }

    void link(std::size_t index) {
        std::uint64_t& bucket = newest(events_[index].hash);
        events_[index].previous = bucket;
        bucket = before_ + index + 1;
    }
    void grow() {
        newest_.assign(newest_.empty() ? 64 : 2 * newest_.size(), 0);
        for (std::size_t i = 0; i < events_.size(); ++i) {
            link(i);
        }
    }
    template <class Visit>
    void visit(std::string_view key, Visit visit) {
        if (events_.empty()) {
            return;
        }
        const std::uint64_t wanted = hash(key);
        for (std::uint64_t number = newest(wanted); number > before_;) {
            Idle& idle = events_[number - 1 - before_];
            if (idle.hash == wanted && !idle.gone && idle.key == key) {
                visit(idle);
            }
            number = idle.previous;
        }
    }
    template <class Take>
    void pop(Take take) {
        if (!events_.front().gone) {
            take(events_.front().event);
        }
        events_.pop_front();
        ++before_;
    }

    std::deque<Idle> events_;               ///< as they came
    std::uint64_t before_{0};               ///< how many are gone from the front
    std::vector<std::uint64_t> newest_;     ///< by bucket, a power of two of them: the number of the newest
};

}  // namespace tocsin::matcher
