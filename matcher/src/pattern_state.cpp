#include "pattern_state.hpp"

#include <algorithm>
#include <utility>

#include <tocsin/nfa/build.hpp>

namespace tocsin::matcher {
namespace {

/// Runs at one place that a new one is tried to be merged with: those whose starts lie between each other's cannot be.
constexpr std::size_t kMergesTried = 8;

/// How long each leading `not` looks back: the longest of its guards' limits.
std::vector<Duration> look_backs(const plan::RulePlan& plan) {
    std::vector<Duration> longest(plan.leading_absent.size(), Duration(0));
    for (const nfa::Edge& edge : plan.automaton[nfa::kStart].edges) {
        for (const nfa::Guard& guard : edge.guards) {
            for (std::size_t i = 0; i < longest.size(); ++i) {
                if (plan.leading_absent[i] == guard.condition) {
                    longest[i] = std::max(longest[i], guard.in.value_or(plan.within.value_or(Duration(0))));
                }
            }
        }
    }
    return longest;
}

bool decided_late(const plan::RulePlan& plan) {
    const nfa::Facts facts = nfa::facts(plan.automaton);
    return facts.open_end || facts.absent_at_end;
}

}  // namespace

PatternStepper::PatternStepper(ShardMemory& memory, plan::RuleId rule, const Limits& limits)
    : memory_(memory),
      rule_id_(rule),
      rule_((*memory.program)[rule]),
      limits_(limits),
      silent_(!decided_late(rule_) && rule_.overlap != plan::Overlap::skip),
      stepper_(*memory.program, rule_, memory.events, memory.pasts, memory.session,
               memory.tables[static_cast<std::size_t>(rule)]),
      chooser_(rule_, decided_late(rule_), memory.events, memory.pasts, memory.partitions),
      look_back_(look_backs(rule_)) {}

PatternState PatternStepper::copy(const PatternState& state) {
    PatternState result;
    result.runs.reserve(state.runs.size());
    for (const Run& run : state.runs) {
        result.runs.push_back(stepper_.copy(run));
    }
    result.choice = state.choice;
    for (const Candidate& candidate : result.choice.waiting) {
        memory_.pasts.retain(candidate.past);
    }
    result.last_absent = state.last_absent;
    result.now = state.now;
    return result;
}

void PatternStepper::release(PatternState& state) {
    for (Run& run : state.runs) {
        stepper_.release(run);
    }
    for (const Candidate& candidate : state.choice.waiting) {
        memory_.pasts.release(candidate.past);
    }
    state = PatternState{};
}

void PatternStepper::event(PatternState& state, std::string_view key, const Incoming& event, std::vector<Candidate>& out) {
    pass(state, key, event.position.time, out);
    std::erase_if(state.runs, [&](Run& run) { return !stepper_.step(run, event, effects_); });
    if (stepper_.may_start(event.hits)) {
        start(state, event);
    }
    note_absent(state, event);
    state.now = event.position.time;
    take_effects(state, key);
    counters_.overflows += memory_.session.take_overflows();
}

void PatternStepper::start(PatternState& state, const Incoming& event) {
    if (state.runs.size() + effects_.born.size() >= limits_.runs_per_key) {
        ++counters_.runs_refused;
        return;
    }
    const std::size_t born = effects_.born.size();
    const std::size_t ended = effects_.ended.size();
    stepper_.start(event, state.last_absent, effects_);
    if (effects_.born.size() > born || effects_.ended.size() > ended) {
        chooser_.started(state.choice, event.position);
    }
}

void PatternStepper::note_absent(PatternState& state, const Incoming& event) {
    for (std::size_t i = 0; i < rule_.leading_absent.size(); ++i) {
        if (stepper_.fits_alone(rule_.leading_absent[i], event)) {
            state.last_absent[i] = event.position.time;
        }
    }
}

bool PatternStepper::merged(PatternState& state, Run& born) {
    std::size_t tried = 0;
    for (auto run = state.runs.begin(); run != state.runs.end() && tried < kMergesTried; ++run) {
        if (!stepper_.same_future(*run, born)) {
            continue;
        }
        if (stepper_.merge(*run, born, state.now)) {
            return true;
        }
        ++tried;
    }
    return false;
}

void PatternStepper::add_born(PatternState& state) {
    for (Run& run : effects_.born) {
        if (stepper_.merges() && merged(state, run)) {
            continue;
        }
        if (state.runs.size() >= limits_.runs_per_key) {
            ++counters_.runs_refused;
            stepper_.release(run);
            continue;
        }
        state.runs.push_back(std::move(run));
    }
    effects_.born.clear();
}

void PatternStepper::take_effects(PatternState& state, std::string_view key) {
    add_born(state);
    for (const Completed& complete : effects_.completed) {
        judge(state, key, complete);
    }
    for (const Ended& end : effects_.ended) {
        chooser_.ended(state.choice, end);
    }
    effects_.completed.clear();
    effects_.ended.clear();
}

void PatternStepper::judge(PatternState& state, std::string_view key, const Completed& complete) {
    if (rule_.where) {
        const Decision decision{rule_id_, std::string(key), complete.decided.time, complete.past, std::nullopt};
        const DecisionValues values = decision_values(memory_, rule_, decision);
        const bool passes = memory_.session.condition(*rule_.where, values.scope());
        memory_.session.release();
        if (!passes) {
            memory_.pasts.release(complete.past);
            return;
        }
    }
    ++counters_.candidates;
    const PastNode& last = memory_.pasts[complete.past];
    chooser_.add(state.choice,
                 {complete.decided, complete.first, memory_.events[last.event].position, last.length, complete.past});
}

void PatternStepper::pass(PatternState& state, std::string_view key, EventTime now, std::vector<Candidate>& out) {
    state.now = now;
    std::erase_if(state.runs, [&](Run& run) { return !stepper_.pass_time(run, now, effects_); });
    take_effects(state, key);
    chooser_.choose(state.choice, now, state.runs, dropped_, out);
    for (Run& run : dropped_) {
        stepper_.release(run);
    }
    dropped_.clear();
    for (std::size_t i = 0; i < state.last_absent.size(); ++i) {
        if (state.last_absent[i] != EventTime::lowest() && state.last_absent[i] + look_back_[i] < now) {
            state.last_absent[i] = EventTime::lowest();
        }
    }
    counters_.overflows += memory_.session.take_overflows();
}

void PatternStepper::end(PatternState& state, std::string_view key, std::vector<Candidate>& out) {
    pass(state, key, EventTime::highest(), out);
    for (Run& run : state.runs) {
        stepper_.release(run);
    }
    state.runs.clear();
    pass(state, key, EventTime::highest(), out);
}

EventTime PatternStepper::deadline(const PatternState& state) const {
    EventTime next = chooser_.deadline(state.choice);
    for (const Run& run : state.runs) {
        next = std::min(next, run.deadline);
    }
    for (std::size_t i = 0; i < state.last_absent.size(); ++i) {
        if (state.last_absent[i] != EventTime::lowest()) {
            next = std::min(next, state.last_absent[i] + look_back_[i]);
        }
    }
    return next;
}

namespace {

/// A register's text is one that an event of the run's past holds.
event::Value held_by_past(const plan::Constant& value, std::span<const PastPool::Taken> past, const EventPool& events, StateReader& in) {
    const event::Value plain = value.view();
    if (plain.type() != event::Type::string) {
        return plain;
    }
    for (const PastPool::Taken& taken : past) {
        for (const event::Value& kept : events[taken.event].values) {
            if (kept.type() == event::Type::string && kept.as_string() == plain.as_string()) {
                return kept;
            }
        }
    }
    in.fail();
    return {};
}

void save_place(StateWriter& out, Place& place) {
    out(place.state, place.closed, place.variants, place.fresh, place.past, place.last, place.registers_hash, place.grown, place.kept);
    out.number(place.registers.size());
    for (const event::Value& value : place.registers) {
        plan::Constant owned = plan::Constant::of(value);
        out(owned);
    }
}

void restore_place(StateReader& in, Place& place, const ShardMemory& memory) {
    in(place.state, place.closed, place.variants, place.fresh, place.past, place.last, place.registers_hash, place.grown, place.kept);
    std::vector<plan::Constant> registers;
    in(registers);
    if (!in.ok()) {
        return;
    }
    std::vector<PastPool::Taken> past;
    for (const plan::Constant& value : registers) {
        if (past.empty() && value.view().type() == event::Type::string) {
            memory.pasts.list(place.past, past);
        }
        place.registers.push_back(held_by_past(value, past, memory.events, in));
    }
}

}  // namespace

void PatternStepper::save(StateWriter& out, PatternState& state) {
    out(state.choice, state.last_absent, state.now);
    out.number(state.runs.size());
    for (Run& run : state.runs) {
        out(run.first, run.deadline, run.settled);
        save_place(out, run.place);
        out.number(run.fallbacks.size());
        for (Fallback& fallback : run.fallbacks) {
            out(fallback.loop);
            save_place(out, fallback.place);
        }
    }
}

void PatternStepper::restore(StateReader& in, PatternState& state) {
    in(state.choice, state.last_absent, state.now);
    for (std::size_t runs = in.count(); runs > 0 && in.ok(); --runs) {
        Run& run = state.runs.emplace_back();
        in(run.first, run.deadline, run.settled);
        restore_place(in, run.place, memory_);
        for (std::size_t fallbacks = in.count(); fallbacks > 0 && in.ok(); --fallbacks) {
            Fallback& fallback = run.fallbacks.emplace_back();
            in(fallback.loop);
            restore_place(in, fallback.place, memory_);
        }
    }
}

void PatternStepper::peek(const PatternState& state, std::string_view key, std::vector<Candidate>& out) {
    if (state.choice.waiting.empty()) {
        return;
    }
    PatternState trial;
    trial.choice = state.choice;
    for (const Candidate& candidate : trial.choice.waiting) {
        memory_.pasts.retain(candidate.past);
    }
    // With `skip` an open run holds later matches back; elsewhere only those have a say that are over with the time at hand.
    for (const Run& run : state.runs) {
        if (rule_.overlap == plan::Overlap::skip || run.deadline <= state.now) {
            trial.runs.push_back(stepper_.copy(run));
        }
    }
    pass(trial, key, state.now + Duration(1), out);
    release(trial);
}

}  // namespace tocsin::matcher
