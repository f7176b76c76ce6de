#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>

#include <tocsin/base/time.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/matcher/position.hpp>

namespace tocsin::engine {

/// Recognises a record that comes again: the same input, partition and offset. It remembers a record as long as it could still be
/// accepted; one that is older is too late anyway. Only records that carry "$offset" can come again: a line cannot.
class DuplicateFilter {
public:
    /// True if the record was seen and its time is not before `horizon`; else remembers it.
    bool seen(event::InputId input, matcher::PartitionId partition, std::uint64_t offset, EventTime time, EventTime horizon) {
        auto& known = partitions_[{input, partition}];
        const auto [entry, added] = known.offsets.try_emplace(offset, time);
        if (!added) {
            if (entry->second >= horizon) {
                return true;
            }
            entry->second = time;
        }
        if (known.offsets.size() >= known.sweep_at) {
            std::erase_if(known.offsets, [&](const auto& old) { return old.second < horizon; });
            known.sweep_at = 2 * known.offsets.size() + kFirstSweep;
        }
        return false;
    }

    template <class Archive>
    void archive(Archive& a) {
        a(partitions_);
    }

private:
    static constexpr std::size_t kFirstSweep = 1024;
    struct Known {
        std::unordered_map<std::uint64_t, EventTime> offsets;
        std::size_t sweep_at{kFirstSweep};

        template <class Archive>
        void archive(Archive& a) {
            a(offsets, sweep_at);
        }
    };
    std::map<std::pair<event::InputId, matcher::PartitionId>, Known> partitions_;
};

}  // namespace tocsin::engine
