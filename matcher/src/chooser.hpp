#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <tocsin/matcher/past_pool.hpp>
#include <tocsin/matcher/matcher.hpp>
#include <tocsin/plan/program.hpp>

#include "run.hpp"

namespace tocsin::matcher {

/// A complete run that passed `where`. Holds a reference to its past.
struct Candidate {
    Moment decided;
    Position first;
    Position last;
    std::uint32_t length{0};
    PastId past{kNoPast};
    std::shared_ptr<const ShownValues> shown{};     ///< of one that was shown: as in Decision

    template <class Archive>
    void archive(Archive& a) {
        a(decided, first, last, length, past);
        archive_shown(a, shown);
    }
};

/// What the choice among one key's candidates remembers.
struct ChoiceState {
    std::vector<Candidate> waiting;         ///< their decision time has not passed, or an earlier start is open (skip)

    /// overlap ends, all: what was chosen, as long as a candidate decided later could be the same.
    struct Chosen {
        Position last;
        std::uint64_t identity{0};

        template <class Archive>
        void archive(Archive& a) {
            a(last, identity);
        }
    };
    std::vector<Chosen> chosen;

    std::optional<Position> taken_to;       ///< overlap none: the last event of the match taken last

    /// skip: one start, in order; `end` is the latest end of its runs so far.
    struct Start {
        Position first;
        Moment end;

        template <class Archive>
        void archive(Archive& a) {
            a(first, end);
        }
    };
    std::vector<Start> starts;
    Moment barrier;                         ///< skip: nothing is decided before it
    EventTime ended{EventTime::highest()};  ///< skip: a run ended then, and choose() has not seen to what waited for it
    EventTime chosen_until{EventTime::lowest()};    ///< choose() has seen to everything decided before

    [[nodiscard]] bool empty() const { return waiting.empty() && starts.empty(); }
    template <class Archive>
    void archive(Archive& a) {
        a(waiting, chosen, taken_to, starts, barrier, ended, chosen_until);
    }
};

/// Decides which candidates of a key are matches: `overlap` and `skip` of the language, with its order of ties.
/// Owned by one shard.
class Chooser {
public:
    Chooser(const plan::RulePlan& rule, bool decided_late, EventPool& events, PastPool& pasts, const PartitionTable& partitions);

    void add(ChoiceState& state, Candidate candidate) const { state.waiting.push_back(candidate); }
    /// skip: note a start when its first run is born, and every end of a run.
    void started(ChoiceState& state, const Position& first) const;
    void ended(ChoiceState& state, const Ended& end) const;

    /// Chooses among everything decided before `now`; matches go to `out` with their references, refused ones give theirs back.
    /// Runs whose candidates could no longer count are taken out of `runs` into `dropped`.
    void choose(ChoiceState& state, EventTime now, std::vector<Run>& runs, std::vector<Run>& dropped,
                std::vector<Candidate>& out) const;

    /// The next time at which choose() has something to do. A candidate that waits for an earlier start is that start's business.
    [[nodiscard]] EventTime deadline(const ChoiceState& state) const;

private:
    [[nodiscard]] bool before(const Candidate& a, const Candidate& b) const;
    [[nodiscard]] std::uint64_t identity(const Candidate& candidate) const;
    [[nodiscard]] bool less(const Position& a, const Position& b) const { return compare(a, b, partitions_) < 0; }
    [[nodiscard]] Position step_place(const Candidate& candidate, bool first_turn, bool& found) const;

    void choose_overlap(ChoiceState& state, EventTime now, std::vector<Run>& runs, std::vector<Run>& dropped,
                        std::vector<Candidate>& out) const;
    void choose_skip(ChoiceState& state, EventTime now, std::vector<Run>& runs, std::vector<Run>& dropped,
                     std::vector<Candidate>& out) const;
    void discard_starts(ChoiceState& state, const Position& place, bool place_included, std::vector<Run>& runs,
                        std::vector<Run>& dropped) const;
    bool remember(ChoiceState& state, const Candidate& candidate) const;

    const plan::RulePlan& rule_;
    bool decided_late_;         ///< candidates can be decided after their last event
    EventPool& events_;
    PastPool& pasts_;
    const PartitionTable& partitions_;
};

}  // namespace tocsin::matcher
