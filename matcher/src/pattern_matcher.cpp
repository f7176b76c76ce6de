#include <tocsin/matcher/pattern_matcher.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>

#include <tocsin/matcher/key.hpp>
#include <tocsin/nfa/build.hpp>

#include "chooser.hpp"
#include "registers.hpp"
#include "stepper.hpp"

namespace tocsin::matcher {
namespace {

/// Everything that is held for one key.
struct KeyState {
    std::string key;
    std::vector<Run> runs;
    ChoiceState choice;
    std::vector<EventTime> last_absent;             ///< by RulePlan::leading_absent
    EventTime timer{EventTime::highest()};          ///< the earliest timer that is set for it
    std::uint32_t generation{0};
    bool used{false};
};

struct Timer {
    EventTime when;
    std::uint32_t slot;
    std::uint32_t generation;
    friend bool operator>(const Timer& a, const Timer& b) { return a.when > b.when; }
};

struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
};

}  // namespace

struct PatternMatcher::Impl {
    Impl(ShardMemory& shard, plan::RuleId id, const Limits& limit)
        : memory(shard),
          rule_id(id),
          rule((*shard.program)[id]),
          limits(limit),
          stepper(*shard.program, rule, shard.events, shard.pasts, shard.session,
                  shard.tables[static_cast<std::size_t>(id)]),
          chooser(rule, decided_late(rule), shard.events, shard.pasts, shard.partitions),
          look_back(look_backs(rule)) {}

    /// How long each leading `not` looks back: the longest of its guards' limits.
    static std::vector<Duration> look_backs(const plan::RulePlan& plan) {
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

    static bool decided_late(const plan::RulePlan& plan) {
        const nfa::Facts facts = nfa::facts(plan.automaton);
        return facts.open_end || facts.absent_at_end;
    }

    ShardMemory& memory;
    plan::RuleId rule_id;
    const plan::RulePlan& rule;
    Limits limits;
    Stepper stepper;
    Chooser chooser;
    std::vector<Duration> look_back;                ///< by RulePlan::leading_absent
    std::unordered_map<std::string, std::uint32_t, KeyHash, std::equal_to<>> slots;
    std::deque<KeyState> states;
    std::vector<std::uint32_t> free;
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
    std::vector<Change> changes;
    MatcherCounters counters;
    Effects effects;
    std::vector<Run> dropped;
    std::vector<Candidate> chosen;

    KeyState& state_of(std::string_view key, std::uint32_t& slot) {
        if (const auto found = slots.find(key); found != slots.end()) {
            slot = found->second;
            return states[slot];
        }
        if (free.empty()) {
            slot = static_cast<std::uint32_t>(states.size());
            states.emplace_back();
        } else {
            slot = free.back();
            free.pop_back();
        }
        slots.emplace(std::string(key), slot);
        KeyState& state = states[slot];
        state.key = key;
        state.used = true;
        state.last_absent.assign(rule.leading_absent.size(), EventTime::lowest());
        return state;
    }

    void on_event(std::string_view key, EventId event, std::uint64_t hits) {
        const Incoming incoming{event, memory.events[event].position, hits};
        if (!may_matter(key, hits)) {
            return;
        }
        std::uint32_t slot = 0;
        KeyState& state = state_of(key, slot);
        pass(state, incoming.position.time);
        step_runs(state, incoming);
        if (stepper.may_start(hits)) {
            start(state, incoming);
        }
        note_absent(state, incoming);
        finish_step(state);
        settle(state, slot);
        counters.overflows += memory.session.take_overflows();
    }

    /// An event that neither starts a run nor is a leading `not`'s matters only where the key has something.
    bool may_matter(std::string_view key, std::uint64_t hits) const {
        return stepper.may_start(hits) || !rule.leading_absent.empty() || slots.contains(key);
    }

    void step_runs(KeyState& state, const Incoming& incoming) {
        std::erase_if(state.runs, [&](Run& run) { return !stepper.step(run, incoming, effects); });
    }

    void start(KeyState& state, const Incoming& incoming) {
        if (state.runs.size() + effects.born.size() >= limits.runs_per_key) {
            ++counters.runs_refused;
            return;
        }
        const std::size_t born = effects.born.size();
        const std::size_t ended = effects.ended.size();
        stepper.start(incoming, state.last_absent, effects);
        if (effects.born.size() > born || effects.ended.size() > ended) {
            chooser.started(state.choice, incoming.position);
        }
    }

    void note_absent(KeyState& state, const Incoming& incoming) {
        for (std::size_t i = 0; i < rule.leading_absent.size(); ++i) {
            const auto condition = static_cast<std::size_t>(rule.leading_absent[i]);
            if (((incoming.hits >> condition) & 1U) != 0) {
                state.last_absent[i] = incoming.position.time;
            }
        }
    }

    /// Takes over what stepping gave: new runs, complete ones, ends.
    void finish_step(KeyState& state) {
        for (Run& run : effects.born) {
            if (state.runs.size() < limits.runs_per_key) {
                state.runs.push_back(std::move(run));
            } else {
                ++counters.runs_refused;
                stepper.release(run);
            }
        }
        for (const Completed& complete : effects.completed) {
            judge(state, complete);
        }
        for (const Ended& end : effects.ended) {
            chooser.ended(state.choice, end);
        }
        effects.born.clear();
        effects.completed.clear();
        effects.ended.clear();
    }

    void judge(KeyState& state, const Completed& complete) {
        if (rule.where) {
            const DecisionValues values =
                decision_values(memory, rule, {rule_id, state.key, complete.decided, complete.past, std::nullopt});
            const bool passes = memory.session.condition(*rule.where, values.scope());
            memory.session.release();
            if (!passes) {
                memory.pasts.release(complete.past);
                return;
            }
        }
        ++counters.candidates;
        const PastNode& last = memory.pasts[complete.past];
        chooser.add(state.choice, {complete.decided, complete.first, memory.events[last.event].position, last.length, complete.past});
    }

    /// Moves a key's time up to `now`: deadlines before it, then the choice among what was decided before it.
    void pass(KeyState& state, EventTime now) {
        std::erase_if(state.runs, [&](Run& run) { return !stepper.pass_time(run, now, effects); });
        finish_step(state);
        chooser.choose(state.choice, now, state.runs, dropped, chosen);
        for (Run& run : dropped) {
            stepper.release(run);
        }
        dropped.clear();
        for (const Candidate& candidate : chosen) {
            changes.push_back({Change::Op::alert, {rule_id, state.key, candidate.decided, candidate.past, std::nullopt}, 0});
        }
        chosen.clear();
        for (std::size_t i = 0; i < state.last_absent.size(); ++i) {
            if (state.last_absent[i] != EventTime::lowest() && state.last_absent[i] + look_back[i] < now) {
                state.last_absent[i] = EventTime::lowest();
            }
        }
    }

    EventTime deadline(const KeyState& state) const {
        EventTime next = chooser.deadline(state.choice);
        for (const Run& run : state.runs) {
            next = std::min(next, run.deadline);
        }
        for (std::size_t i = 0; i < state.last_absent.size(); ++i) {
            if (state.last_absent[i] != EventTime::lowest()) {
                next = std::min(next, state.last_absent[i] + look_back[i]);
            }
        }
        return next;
    }

    /// Sets the key's timer, or gives its state back when nothing is left of it.
    void settle(KeyState& state, std::uint32_t slot) {
        const EventTime next = deadline(state);
        if (state.runs.empty() && state.choice.empty() && next == EventTime::highest()) {
            slots.erase(slots.find(state.key));
            const std::uint32_t generation = state.generation + 1;
            state = KeyState{};
            state.generation = generation;
            free.push_back(slot);
            return;
        }
        if (next < state.timer) {
            state.timer = next;
            timers.push({next, slot, state.generation});
        }
    }

    void pass_time(EventTime watermark) {
        while (!timers.empty() && timers.top().when < watermark) {
            const Timer timer = timers.top();
            timers.pop();
            KeyState& state = states[timer.slot];
            if (!state.used || state.generation != timer.generation || state.timer != timer.when) {
                continue;
            }
            state.timer = EventTime::highest();
            pass(state, watermark);
            settle(state, timer.slot);
            counters.overflows += memory.session.take_overflows();
        }
        if (watermark == EventTime::highest()) {
            end_of_time();
        }
    }

    /// At the end of the input nothing can come any more: what has no deadline of its own is over.
    void end_of_time() {
        for (std::uint32_t slot = 0; slot < states.size(); ++slot) {
            KeyState& state = states[slot];
            if (!state.used) {
                continue;
            }
            pass(state, EventTime::highest());
            for (Run& run : state.runs) {
                stepper.release(run);
            }
            state.runs.clear();
            pass(state, EventTime::highest());
            settle(state, slot);
        }
    }
};

PatternMatcher::PatternMatcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits)
    : impl_(std::make_unique<Impl>(memory, rule, limits)) {}
PatternMatcher::~PatternMatcher() = default;

void PatternMatcher::on_event(std::string_view key, EventId event, std::uint64_t hits) { impl_->on_event(key, event, hits); }
bool PatternMatcher::remove(std::string_view /*key*/, const Position& /*position*/) { return false; }
void PatternMatcher::pass_time(const Progress& now) { impl_->pass_time(now.shown); }
std::vector<Change>& PatternMatcher::changes() { return impl_->changes; }
const MatcherCounters& PatternMatcher::counters() const { return impl_->counters; }
std::size_t PatternMatcher::live_keys() const { return impl_->slots.size(); }

std::size_t PatternMatcher::live_runs() const {
    std::size_t runs = 0;
    for (const KeyState& state : impl_->states) {
        runs += state.runs.size();
    }
    return runs;
}

}  // namespace tocsin::matcher
