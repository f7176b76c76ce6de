#pragma once

#include <cstdint>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/matcher/past_pool.hpp>
#include <tocsin/nfa/automaton.hpp>

namespace tocsin::matcher {

/// Where a run stands in the automaton, and what it took to get there. Holds a reference to its past; whoever drops a Place gives
/// that back (Stepper::release).
struct Place {
    nfa::StateId state{};
    nfa::EdgeMask closed{0};                ///< edges of the state that are closed for good
    nfa::VariantMask variants{1};           ///< of the state: those that no other run goes on with
    bool fresh{true};                       ///< no event was seen since the one taken last
    PastId past{kNoPast};                   ///< of a run that stands for several: the set of theirs
    EventTime last;                         ///< time of the event taken last
    std::vector<event::Value> registers;    ///< strings point into events of the past that starts last
    std::uint64_t registers_hash{0};        ///< of a rule whose runs can be merged
    std::uint32_t grown{0};                 ///< nodes that the set of pasts got since what is too old was taken out
    std::uint32_t kept{0};                  ///< nodes seen when it was taken out
};

/// The run as it stood before an optional turn of a group, kept alive behind it in case the turn is given up.
struct Fallback {
    nfa::LoopId loop{};
    Place place;
};

/// A partial match; or, where Stepper::merge made one of several, all those that stand at the same place and so have the same
/// future (`CORE`, see PastNode).
struct Run {
    Position first;                         ///< where it starts; of several, the last start
    Place place;
    std::vector<Fallback> fallbacks;        ///< innermost first
    EventTime deadline{EventTime::highest()};   ///< the next moment at which time alone changes the run
    EventTime settled{EventTime::lowest()};     ///< deadlines up to here have been seen to
};

/// When something was decided, and by what: an event, or time that ran out.
struct Moment {
    EventTime time{EventTime::lowest()};
    bool by_time{false};

    /// The later of the two; of one time, the one that only time decides.
    [[nodiscard]] Moment later(const Moment& other) const {
        return other.time > time || (other.time == time && other.by_time) ? other : *this;
    }

    template <class Archive>
    void archive(Archive& a) {
        a(time, by_time);
    }
};

/// A complete run that `where` has not seen yet. Holds a reference to its past.
struct Completed {
    Position first;
    PastId past{kNoPast};
    Moment decided;
};

/// A run is over: when, and which start it belonged to.
struct Ended {
    Position first;
    Moment at;
};

}  // namespace tocsin::matcher
