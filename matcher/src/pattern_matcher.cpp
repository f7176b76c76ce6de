#include <tocsin/matcher/pattern_matcher.hpp>

#include <utility>

#include "key_table.hpp"
#include "pattern_state.hpp"
#include "timers.hpp"

namespace tocsin::matcher {

struct PatternMatcher::Impl {
    Impl(ShardMemory& shard, plan::RuleId id, const Limits& limits) : memory(shard), rule_id(id), stepper(shard, id, limits) {}

    ShardMemory& memory;
    plan::RuleId rule_id;
    PatternStepper stepper;
    KeyTable<PatternState> keys;
    Timers timers;
    std::vector<Change> changes;
    std::vector<Candidate> chosen;

    void on_event(std::string_view key, EventId event, std::uint64_t hits) {
        // An event that neither starts a run nor is a leading `not`'s matters only where the key has something.
        const auto found = keys.find(key);
        if (!found && !stepper.may_begin(hits)) {
            return;
        }
        const std::uint32_t slot = found ? *found : begin(key);
        stepper.event(keys[slot], key, {event, memory.events[event].position, hits}, chosen);
        settle(slot);
    }

    std::uint32_t begin(std::string_view key) {
        const std::uint32_t slot = keys.add(key);
        stepper.begin(keys[slot]);
        return slot;
    }

    void pass_time(EventTime watermark) {
        while (const auto slot = timers.due(watermark)) {
            stepper.pass(keys[*slot], keys.key(*slot), watermark, chosen);
            settle(*slot);
        }
        if (watermark == EventTime::highest()) {
            keys.for_each([&](std::uint32_t slot) {
                stepper.end(keys[slot], keys.key(slot), chosen);
                settle(slot);
            });
        }
    }

    /// Shows what was chosen, and sets the key's timer or gives its state back when nothing is left of it.
    void settle(std::uint32_t slot) {
        for (const Candidate& match : chosen) {
            changes.push_back({Change::Op::alert, {rule_id, keys.key(slot), match.decided.time, match.past, std::nullopt}, 0});
        }
        chosen.clear();
        if (stepper.blank(keys[slot])) {
            keys.erase(slot);
            timers.forget(slot);
            return;
        }
        timers.set(slot, stepper.deadline(keys[slot]));
    }
};

void PatternMatcher::save(StateWriter& out) {
    impl_->keys.save(out, [&](std::uint32_t slot) { impl_->stepper.save(out, impl_->keys[slot]); });
    out(impl_->timers, impl_->stepper);
}

void PatternMatcher::restore(StateReader& in) {
    impl_->keys.restore(in, [&](std::uint32_t slot) { impl_->stepper.restore(in, impl_->keys[slot]); });
    in(impl_->timers, impl_->stepper);
}

PatternMatcher::PatternMatcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits)
    : impl_(std::make_unique<Impl>(memory, rule, limits)) {}
PatternMatcher::~PatternMatcher() = default;

void PatternMatcher::on_event(std::string_view key, EventId event, std::uint64_t hits) { impl_->on_event(key, event, hits); }
void PatternMatcher::pass_time(const Progress& now) { impl_->pass_time(now.shown); }
std::vector<Change>& PatternMatcher::changes() { return impl_->changes; }
const MatcherCounters& PatternMatcher::counters() const { return impl_->stepper.counters(); }
std::size_t PatternMatcher::live_keys() const { return impl_->keys.size(); }

std::size_t PatternMatcher::live_runs() const {
    std::size_t runs = 0;
    impl_->keys.for_each_state([&](const PatternState& state) { runs += state.runs.size(); });
    return runs;
}

}  // namespace tocsin::matcher
