#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/matcher/event_pool.hpp>
#include <tocsin/nfa/pattern.hpp>

namespace tocsin::matcher {

enum class PastId : std::uint32_t {};
inline constexpr PastId kNoPast{0xffffffff};

/// Starts in their order: a later one has a higher number, and a number is one start's only.
using StartNumber = std::uint64_t;

/// An event taken, and what was taken before. A past is read along `before`, from its last event to its first.
///
/// A node can also stand for a set of pasts: for itself behind any past of the set `before`, and for the set `older`. The sets
/// are ordered: every past of `older` starts before all others of the node. So an event is put behind all of a set by one node, and a
/// newer set in front of an older one by as many nodes as the newer has (the timed enumerable compact sets of Bucci, Grez,
/// Quintana, Riveros, Vansummeren, "CORE", PVLDB 15(9), 2022, section 5, with the union kept in order of start). `jump`
/// leads down `older` over as many nodes as keeps the way to any of n nodes in O(log n) (E. W. Myers, "An
/// applicative random-access stack", Information Processing Letters 17, 1983).
struct PastNode {
    EventId event{};
    nfa::StepId step{};
    PastId before{kNoPast};
    PastId older{kNoPast};
    PastId jump{kNoPast};
    std::uint32_t depth{0};         ///< nodes that follow by `older`
    std::uint32_t references{0};
    std::uint32_t length{0};        ///< events of the past that is read along `before`
    StartNumber oldest{0};          ///< of the pasts of the set, those of `older` included
    StartNumber newest{0};
    EventTime newest_time;          ///< when the newest starts

    template <class Archive>
    void archive(Archive& a) {
        a(event, step, before, older, jump, depth, references, length, oldest, newest, newest_time);
    }
};

/// The pasts of one shard's runs, counted by reference. A node holds a reference to its event, `before` and `older`. Nodes
/// do not change: copies of a run share them. Owned by one shard.
class PastPool {
public:
    explicit PastPool(EventPool& events) : events_(&events) {}

    /// The pasts that are made of nothing from now on start later than all before.
    void next_start() { ++start_; }
    /// All of `before` extended by an event; one reference. Retains `before` and `event`.
    PastId extend(PastId before, EventId event, nfa::StepId step);
    /// Every past of `older` starts before every one of `newer`.
    [[nodiscard]] bool precedes(PastId older, PastId newer) const { return (*this)[older].newest < (*this)[newer].oldest; }
    /// Both sets as one; takes their references over and gives one. Requires: `older` precedes `newer`.
    PastId unite(PastId older, PastId newer);
    /// Of the pasts that start at `since` or later the one that starts first, to be read along `before`; with a reference. Requires:
    /// there is one. Cost: linear in its length, O(log n) at an event that n sets of pasts go on with.
    [[nodiscard]] PastId oldest(PastId set, EventTime since);

    struct Pruned {
        PastId set;
        std::size_t visited;        ///< nodes: what the next prune costs at least
    };
    /// The set without what starts before `since`; takes its reference over. Requires: something starts later. Cost: linear in
    /// the nodes on the way to the oldest that stays and the newer ones beside it.
    Pruned prune(PastId set, EventTime since);

    [[nodiscard]] const PastNode& operator[](PastId id) const { return nodes_[static_cast<std::size_t>(id)]; }
    void retain(PastId id);
    void release(PastId id);
    [[nodiscard]] std::size_t live() const { return nodes_.size() - free_.size(); }

    struct Taken {
        EventId event;
        nfa::StepId step;
    };
    /// All of a past, in the order of events.
    void list(PastId id, std::vector<Taken>& out) const;

    /// Ids stay as they are, and those of events.
    void save(StateWriter& out);
    void restore(StateReader& in);

private:
    [[nodiscard]] PastNode& node(PastId id) { return nodes_[static_cast<std::size_t>(id)]; }
    [[nodiscard]] PastId last_since(PastId set, EventTime since) const;
    /// Into `way_`: where the oldest since then stands in the set, in the set before that, and so on.
    void find_way(PastId set, EventTime since);
    void put_behind(PastId older, PastId id);
    PastId copy_in_front(PastId newer, PastId older);

    EventPool* events_;
    std::deque<PastNode> nodes_;
    std::vector<PastId> free_;
    StartNumber start_{0};
    std::vector<PastId> way_;
    std::vector<PastId> open_;      ///< nodes that a release or a copy has still to see to
};

}  // namespace tocsin::matcher
