#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include <tocsin/base/time.hpp>

namespace tocsin::matcher {

/// One alarm a slot, so that moving time costs what is due. An alarm set anew leaves the old entry in the heap: it is passed
/// over when its time comes.
class Timers {
public:
    /// Rings at `when`, or at what was set before if that is earlier.
    void set(std::uint32_t slot, EventTime when) {
        if (slot >= armed_.size()) {
            armed_.resize(slot + 1, EventTime::highest());
        }
        if (when < armed_[slot]) {
            armed_[slot] = when;
            heap_.push({when, slot});
        }
    }
    void forget(std::uint32_t slot) {
        if (slot < armed_.size()) {
            armed_[slot] = EventTime::highest();
        }
    }
    /// A slot whose alarm was before `now`; its alarm is off then.
    std::optional<std::uint32_t> due(EventTime now) {
        while (!heap_.empty() && heap_.top().when < now) {
            const Entry entry = heap_.top();
            heap_.pop();
            if (armed_[entry.slot] == entry.when) {
                armed_[entry.slot] = EventTime::highest();
                return entry.slot;
            }
        }
        return std::nullopt;
    }

private:
    struct Entry {
        EventTime when;
        std::uint32_t slot;
        friend bool operator>(const Entry& a, const Entry& b) { return a.when > b.when; }
    };
    std::vector<EventTime> armed_;          ///< by slot; highest(): none
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace tocsin::matcher
