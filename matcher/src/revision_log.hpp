#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pattern_state.hpp"

namespace tocsin::matcher {

/// A match that was chosen. Holds a reference to its past.
struct Chosen {
    Candidate match;
    bool shown{false};

    template <class Archive>
    void archive(Archive& a) {
        a(match, shown);
    }
};

/// A key's state as it was before the event at `index` of its log.
struct Snapshot {
    std::size_t index{0};
    std::size_t chosen{0};              ///< how many matches had been chosen
    PatternState state;
};

/// What is held for one key of a revisable rule: its state after all its events, and what is needed to go back behind some of
/// them. The events and matches before the log are for good and gone from here. The state before its first event is the snapshot
/// at 0, or where there is none a blank one.
struct RevisionLog {
    PatternState head;
    std::vector<Incoming> events;       ///< in the order of events; each holds a reference
    std::vector<Snapshot> snapshots;    ///< by index
    std::vector<Chosen> chosen;         ///< since the first snapshot, or not shown yet; in the order in which they were chosen
    std::vector<Chosen> provisional;    ///< shown, but what only time decides could still come before them
    std::vector<Candidate> withdrawn;   ///< shown, and gone from the two lists above since the last look
    bool touched{false};                ///< since the last look

    /// Nothing can change the state any more but what comes.
    [[nodiscard]] bool for_good() const { return events.empty() && snapshots.empty(); }
    [[nodiscard]] std::size_t last_index() const { return snapshots.empty() ? 0 : snapshots.back().index; }
};

}  // namespace tocsin::matcher
