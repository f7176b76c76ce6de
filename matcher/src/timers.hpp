#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include <tocsin/base/time.hpp>

namespace tocsin::matcher {

/// One alarm a slot, so that moving time costs what is due. An alarm set anew leaves the old entry where it is: it is passed
/// over when its time comes. Most alarms are set in the order in which they ring (`within` after an event): those stand in a
/// queue, and only the others in a heap.
class Timers {
public:
    /// Rings at `when`, or at what was set before if that is earlier.
    void set(std::uint32_t slot, EventTime when) {
        if (slot >= armed_.size()) {
            armed_.resize(slot + 1, EventTime::highest());
        }
        if (when < armed_[slot]) {
            armed_[slot] = when;
            if (queue_.empty() || when >= queue_.back().when) {
                queue_.push_back({when, slot});
            } else {
                heap_.push({when, slot});
            }
        }
    }
    void forget(std::uint32_t slot) {
        if (slot < armed_.size()) {
            armed_[slot] = EventTime::highest();
        }
    }
    /// A slot whose alarm was before `now`; its alarm is off then.
    std::optional<std::uint32_t> due(EventTime now) {
        while (const std::optional<Entry> entry = pop_before(now)) {
            if (armed_[entry->slot] == entry->when) {
                armed_[entry->slot] = EventTime::highest();
                return entry->slot;
            }
        }
        return std::nullopt;
    }

    template <class Archive>
    void archive(Archive& a) {
        if constexpr (Archive::kReads) {
            std::vector<EventTime> armed;
            a(armed);
            restore(armed);
        } else {
            a(armed_);
        }
    }

private:
    struct Entry {
        EventTime when;
        std::uint32_t slot;
        friend bool operator>(const Entry& a, const Entry& b) { return a.when > b.when; }
    };
    void restore(const std::vector<EventTime>& armed) {
        std::vector<Entry> entries;
        for (std::uint32_t slot = 0; slot < armed.size(); ++slot) {
            if (armed[slot] != EventTime::highest()) {
                entries.push_back({armed[slot], slot});
            }
        }
        std::stable_sort(entries.begin(), entries.end(), [](const Entry& x, const Entry& y) { return x.when < y.when; });
        queue_.assign(entries.begin(), entries.end());
        armed_ = armed;
    }
    [[nodiscard]] std::optional<Entry> pop_before(EventTime now) {
        if (!heap_.empty() && heap_.top().when < now && (queue_.empty() || heap_.top().when < queue_.front().when)) {
            const Entry entry = heap_.top();
            heap_.pop();
            return entry;
        }
        if (!queue_.empty() && queue_.front().when < now) {
            const Entry entry = queue_.front();
            queue_.pop_front();
            return entry;
        }
        return std::nullopt;
    }

    std::vector<EventTime> armed_;          ///< by slot; highest(): none
    std::deque<Entry> queue_;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace tocsin::matcher
