#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <tocsin/matcher/matcher.hpp>

#include "chooser.hpp"
#include "run.hpp"
#include "stepper.hpp"

namespace tocsin::matcher {

/// Where the pattern of a rule stands for one key. Its runs and candidates hold references to their pasts: it is copied and given
/// back by PatternStepper alone.
struct PatternState {
    std::vector<Run> runs;
    ChoiceState choice;
    std::vector<EventTime> last_absent;         ///< by RulePlan::leading_absent
    EventTime now{EventTime::lowest()};         ///< the time of what moved it last

    [[nodiscard]] bool idle() const { return runs.empty() && choice.empty(); }
};

/// What a rule's pattern does for one key, event by event: runs are started and stepped, complete ones judged, matches chosen.
/// A function of state and event; knows neither other keys nor the clock. Owned by one shard.
class PatternStepper {
public:
    PatternStepper(ShardMemory& memory, plan::RuleId rule, const Limits& limits);

    /// Makes a new state that of a key without events.
    void begin(PatternState& state) const { state.last_absent.assign(rule_.leading_absent.size(), EventTime::lowest()); }
    [[nodiscard]] PatternState initial() const {
        PatternState state;
        begin(state);
        return state;
    }
    [[nodiscard]] PatternState copy(const PatternState& state);
    void release(PatternState& state);

    /// An event with these hits can do something to a key that has no state.
    [[nodiscard]] bool may_begin(std::uint64_t hits) const {
        return stepper_.may_start(hits) || !rule_.leading_absent.empty();
    }
    /// The key's next event in the order of events. Matches that are decided before it go to `out`, with their references.
    void event(PatternState& state, std::string_view key, const Incoming& event, std::vector<Candidate>& out);
    /// Time is `now`: deadlines before it, then the choice among what was decided before it.
    void pass(PatternState& state, std::string_view key, EventTime now, std::vector<Candidate>& out);
    /// Nothing comes any more: what has no deadline of its own is over.
    void end(PatternState& state, std::string_view key, std::vector<Candidate>& out);
    /// The state is as good as initial().
    [[nodiscard]] bool blank(const PatternState& state) const {
        return state.idle() && deadline(state) == EventTime::highest();
    }
    /// The next time at which pass() has something to do; highest() if none.
    [[nodiscard]] EventTime deadline(const PatternState& state) const;
    /// All that comes of the state's deadlines is that runs end: nothing is chosen.
    [[nodiscard]] bool ends_silently(const PatternState& state) const { return silent_ && state.choice.waiting.empty(); }
    /// What will be chosen if no event comes any more at the time where the state stands.
    void peek(const PatternState& state, std::string_view key, std::vector<Candidate>& out);

    void save(StateWriter& out, PatternState& state);
    /// Fills a new state. Requires: its events and pasts are there.
    void restore(StateReader& in, PatternState& state);
    /// Of what it counts.
    template <class Archive>
    void archive(Archive& a) {
        a(counters_);
    }

    /// An alert calls what the two took by the same name.
    [[nodiscard]] bool same_name(nfa::StepId a, nfa::StepId b) const {
        return rule_.steps[static_cast<std::size_t>(a)].name == rule_.steps[static_cast<std::size_t>(b)].name;
    }
    [[nodiscard]] const MatcherCounters& counters() const { return counters_; }

private:
    void start(PatternState& state, const Incoming& event);
    void note_absent(PatternState& state, const Incoming& event);
    /// Adds the new runs to the state's, merged where they can be.
    void add_born(PatternState& state);
    /// Tries to merge a new run with one of the state's. True: it is gone.
    [[nodiscard]] bool merged(PatternState& state, Run& born);
    /// Takes over what stepping gave: new runs, complete ones, ends.
    void take_effects(PatternState& state, std::string_view key);
    void judge(PatternState& state, std::string_view key, const Completed& complete);

    ShardMemory& memory_;
    plan::RuleId rule_id_;
    const plan::RulePlan& rule_;
    Limits limits_;
    bool silent_;                               ///< only events decide
    Stepper stepper_;
    Chooser chooser_;
    std::vector<Duration> look_back_;           ///< by RulePlan::leading_absent
    MatcherCounters counters_;
    Effects effects_;
    std::vector<Run> dropped_;
};

}  // namespace tocsin::matcher
