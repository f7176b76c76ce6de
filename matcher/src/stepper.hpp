#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/matcher/past_pool.hpp>
#include <tocsin/plan/program.hpp>

#include "registers.hpp"
#include "run.hpp"

namespace tocsin::matcher {

/// One event as a rule sees it.
struct Incoming {
    EventId id{};
    Position position;
    std::uint64_t hits{0};      ///< by nfa::ConditionId: the condition's predicate holds

    template <class Archive>
    void archive(Archive& a) {
        a(id, position, hits);
    }
};

/// What a step gives besides the run itself.
struct Effects {
    std::vector<Run> born;
    std::vector<Completed> completed;
    std::vector<Ended> ended;
};

/// Moves the runs of one rule through its automaton: by an event, or by time alone. Knows one run at a time; which complete
/// runs count is not its business. Owned by one shard.
///
/// With `overlap ends` the first of equal ends is a run's start: of runs that stand at the same place the one that starts first
/// is the one that counts, for whatever the others become it becomes too. So they can be one run, of which the oldest start that is
/// within the time is shown. That holds unless the pasts themselves are asked: by `where`, or by a condition over all that was taken.
///
/// What an event does to a run, in this order: `until`s close edges; the open edges that fit, by preference, take it, each in a run
/// of its own; if none does, the nearest fallback that takes it replaces the run; whatever of the run stays sees the
/// event pass (`=>` closes, `not` closes); a run with no open edge falls back or is over.
class Stepper {
public:
    Stepper(const plan::Program& program, const plan::RulePlan& rule, EventPool& events, PastPool& pasts,
            Evaluator::Session& session, const TableSet* tables);

    /// Starts the runs that the event can start. `last_absent` holds, by RulePlan::leading_absent, the time of the last event
    /// that fitted (lowest() if none).
    void start(const Incoming& event, std::span<const EventTime> last_absent, Effects& effects);
    /// Requires: time was moved up to the event (`pass_time`). False: the run is gone, its references given back.
    [[nodiscard]] bool step(Run& run, const Incoming& event, Effects& effects);
    /// Sees to all deadlines before `now`. False: the run is gone.
    [[nodiscard]] bool pass_time(Run& run, EventTime now, Effects& effects);
    void release(Run& run);
    /// The rule's runs can be merged at all.
    [[nodiscard]] bool merges() const { return merges_; }
    /// What comes does the same to both. Requires: merges().
    [[nodiscard]] bool same_future(const Run& a, const Run& b) const;
    /// Makes one run of two with the same future, if it can: `run` then stands for both, and `other` is gone. True: it did.
    [[nodiscard]] bool merge(Run& run, Run& other, EventTime now);
    /// Another run that goes on as this one does, with references of its own.
    [[nodiscard]] Run copy(const Run& run);

    /// The event fits the condition of a `not` at the start, which sees no run.
    [[nodiscard]] bool fits_alone(nfa::ConditionId condition, const Incoming& event);
    /// The rule can start a run by an event with these hits.
    [[nodiscard]] bool may_start(std::uint64_t hits) const { return (hits & start_conditions_) != 0; }

private:
    /// By state: edges that a part of the step has to look at.
    struct Masks {
        nfa::EdgeMask all{0};
        nfa::EdgeMask with_untils{0};
        nfa::EdgeMask with_guards{0};
        nfa::EdgeMask with_limit{0};        ///< an `in` of the edge, or of a guard of an accept edge
        std::uint64_t interests{0};         ///< by nfa::ConditionId: an event without one of these hits leaves the place as it is
        bool next_only{false};              ///< some guard watches the next event only
        bool timed{false};                  ///< some edge or guard looks at when the last event was taken
    };
    /// Conditions already asked for one place and event.
    struct Memo {
        std::uint64_t known{0};
        std::uint64_t holds{0};
    };
    /// Which edges take an event.
    struct Offer {
        nfa::EdgeMask fitting{0};
        nfa::EdgeMask edges{0};             ///< of the fitting ones, those that no preferred one keeps from it
        nfa::VariantMask gone{0};           ///< variants that took the event and could not have passed it over
    };
    enum class Cause { event, deadline, end };

    [[nodiscard]] static std::uint64_t interests_of(const nfa::State& state);
    [[nodiscard]] nfa::EdgeMask open(const Place& place) const;
    [[nodiscard]] const Masks& masks(const Place& place) const { return masks_[static_cast<std::size_t>(place.state)]; }
    [[nodiscard]] const nfa::State& state(const Place& place) const { return rule_.automaton[place.state]; }

    bool fits(nfa::ConditionId condition, const Place& place, const Incoming& event, Memo& memo);
    Offer offers(const Place& place, const Incoming& event, Memo& memo);
    void close_by_untils(Place& place, const Incoming& event, Memo& memo);
    void see_pass(Place& place, const Incoming& event, Memo& memo);
    bool see_pass_and_settle(Run& run, const Incoming& event, Effects& effects);
    /// Takes the event by each edge of the offer, in a run of its own; what stays of `from` loses the variants that went.
    void take(const Position& first, Place& from, const Offer& offer, std::span<const Fallback> behind, const Incoming& event,
              Effects& effects);
    /// The runs that have taken the event by an edge: one for each variant of the state that it leads to.
    void arrive(const Position& first, const Place& from, std::size_t edge, const Offer& offer, std::span<const Fallback> behind,
                const Incoming& event, Effects& effects);
    std::vector<Fallback> fallbacks_of(const Place& from, std::size_t edge, const Offer& offer,
                                       std::span<const nfa::LoopId> under_way, std::span<const Fallback> behind,
                                       const Incoming& event);
    nfa::VariantMask taking_variants(const Place& place, std::size_t edge, const Offer& offer) const;
    nfa::VariantMask all_variants(nfa::StateId id) const;
    bool guards_satisfied(const nfa::Edge& edge, const Place& place, EventTime when, Cause cause) const;
    [[nodiscard]] Completed completed(const Position& first, const Place& place, Moment decided);
    bool accept(const Position& first, Place& place, EventTime when, Cause cause, Effects& effects);
    /// Accepts, falls back, or ends the run. False: it is over.
    bool settle(Run& run, EventTime when, Cause cause, Effects& effects);
    bool expire(Run& run, EventTime when, Effects& effects);
    bool end(Run& run, EventTime when, Cause cause, Effects& effects);
    void close_by_limits(Place& place, EventTime when);
    void set_deadline(Run& run) const;
    Place copy(const Place& place);
    void prune(Place& place, EventTime now);
    /// When the oldest run starts that still lives.
    [[nodiscard]] EventTime oldest_start(EventTime now) const;

    const plan::RulePlan& rule_;
    EventPool& events_;
    PastPool& pasts_;
    Evaluator::Session& session_;
    const TableSet* tables_;                                ///< what the rule looks into, or null
    Registers run_registers_;
    std::vector<Masks> masks_;
    std::vector<std::vector<plan::RegisterId>> computed_;   ///< by condition: registers to compute for its residual
    std::uint64_t start_conditions_{0};
    bool merges_;                                           ///< of runs with the same future only the oldest can count
    Place start_;
    std::vector<event::Value> asked_;                       ///< registers for one residual
    std::vector<PastPool::Taken> past_;
};

}  // namespace tocsin::matcher
