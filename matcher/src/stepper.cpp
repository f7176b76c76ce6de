#include "stepper.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include <tocsin/nfa/build.hpp>

namespace tocsin::matcher {

using nfa::Edge;
using nfa::EdgeMask;

namespace {

/// Calls `f(index)` for each bit.
template <class F>
void for_each_bit(std::uint64_t mask, F&& f) {
    for (; mask != 0; mask &= mask - 1) {
        f(static_cast<std::size_t>(std::countr_zero(mask)));
    }
}

EdgeMask bit(std::size_t index) { return EdgeMask{1} << index; }

/// Further nodes than were kept last, and so many on top, before the set of a run's pasts is looked through again.
constexpr std::uint32_t kGrownUnseen = 64;

bool same_value(const event::Value& a, const event::Value& b) {
    return a.type() == b.type() && event::total_order(a, b) == std::strong_ordering::equal;
}

std::uint64_t hash_of(const std::vector<event::Value>& values) {
    std::uint64_t hash = 0;
    for (const event::Value& value : values) {
        hash = (std::rotl(hash, 29) ^ event::hash(value)) * 0x9e3779b97f4a7c15U;
    }
    return hash;
}

/// A run looks at what time makes of it only as it dies.
bool decided_by_events(const nfa::Automaton& automaton) {
    const nfa::Facts facts = nfa::facts(automaton);
    return !facts.open_end && !facts.absent_at_end;
}

bool has_limit(const Edge& edge) {
    return edge.in || std::any_of(edge.guards.begin(), edge.guards.end(), [](const nfa::Guard& guard) { return guard.in.has_value(); });
}

}  // namespace

Stepper::Stepper(const plan::Program& program, const plan::RulePlan& rule, EventPool& events, PastPool& pasts,
                 Evaluator::Session& session, const TableSet* tables)
    : rule_(rule),
      events_(events),
      pasts_(pasts),
      session_(session),
      tables_(tables),
      run_registers_(program, rule, rule.run_registers, tables) {
    for (const nfa::State& state : rule.automaton.states) {
        Masks masks;
        for (std::size_t i = 0; i < state.edges.size(); ++i) {
            const Edge& edge = state.edges[i];
            masks.all |= bit(i);
            masks.with_untils |= edge.untils.empty() ? 0 : bit(i);
            masks.with_guards |= edge.guards.empty() ? 0 : bit(i);
            const bool guard_limit = edge.accept && std::any_of(edge.guards.begin(), edge.guards.end(),
                                                                [](const nfa::Guard& guard) { return guard.in.has_value(); });
            masks.with_limit |= (edge.in && !edge.accept) || guard_limit ? bit(i) : 0;
            masks.timed = masks.timed || has_limit(edge);
            masks.next_only = masks.next_only || std::any_of(edge.guards.begin(), edge.guards.end(),
                                                             [](const nfa::Guard& guard) { return guard.next_only; });
        }
        masks.interests = interests_of(state);
        masks_.push_back(masks);
    }
    for (const plan::Condition& condition : rule.conditions) {
        computed_.push_back(condition.residual ? run_registers_.computed_in(*condition.residual) : std::vector<plan::RegisterId>{});
    }
    for (const Edge& edge : rule.automaton[nfa::kStart].edges) {
        if (!edge.accept) {
            start_conditions_ |= std::uint64_t{1} << static_cast<std::size_t>(edge.condition);
        }
    }
    merges_ = rule.overlap == plan::Overlap::ends && !rule.where && decided_by_events(rule.automaton) &&
              std::all_of(computed_.begin(), computed_.end(), [](const auto& registers) { return registers.empty(); });
    start_.state = nfa::kStart;
    start_.registers = run_registers_.initial();
}

/// Everything, where any event closes an edge or opens one: a strict one, one that watches the next event, the end of a match.
std::uint64_t Stepper::interests_of(const nfa::State& state) {
    if (state.accepts != 0 || state.strict != 0) {
        return ~std::uint64_t{0};
    }
    std::uint64_t interests = 0;
    const auto add = [&](nfa::ConditionId condition) { interests |= std::uint64_t{1} << static_cast<std::size_t>(condition); };
    for (const Edge& edge : state.edges) {
        add(edge.condition);
        std::for_each(edge.untils.begin(), edge.untils.end(), add);
        for (const nfa::Guard& guard : edge.guards) {
            if (guard.next_only) {
                return ~std::uint64_t{0};
            }
            add(guard.condition);
        }
    }
    return interests;
}

bool Stepper::fits(nfa::ConditionId condition, const Place& place, const Incoming& event, Memo& memo) {
    const auto index = static_cast<std::size_t>(condition);
    const std::uint64_t mask = std::uint64_t{1} << index;
    if ((event.hits & mask) == 0) {
        return false;
    }
    const auto& residual = rule_.conditions[index].residual;
    if (!residual) {
        return true;
    }
    if ((memo.known & mask) == 0) {
        Scope scope;
        scope.kept = events_[event.id].values;
        scope.registers = place.registers;
        scope.tables = tables_;
        scope.time = event.position.time;
        if (!computed_[index].empty()) {
            asked_ = place.registers;
            pasts_.list(place.past, past_);
            for (const plan::RegisterId reg : computed_[index]) {
                asked_[static_cast<std::size_t>(reg)] = run_registers_.compute(reg, past_, events_, session_);
            }
            scope.registers = asked_;
        }
        memo.known |= mask;
        memo.holds |= session_.condition(*residual, scope) ? mask : 0;
        session_.release();
    }
    return (memo.holds & mask) != 0;
}

bool Stepper::fits_alone(nfa::ConditionId condition, const Incoming& event) {
    Memo memo;
    return fits(condition, start_, event, memo);
}

EdgeMask Stepper::open(const Place& place) const {
    const std::vector<nfa::Variant>& variants = state(place).variants;
    if (variants.size() == 1) {
        return place.variants != 0 ? masks(place).all & ~place.closed : 0;
    }
    EdgeMask edges = 0;
    for_each_bit(place.variants, [&](std::size_t v) { edges |= variants[v].edges; });
    return edges & ~place.closed;
}

Stepper::Offer Stepper::offers(const Place& place, const Incoming& event, Memo& memo) {
    const nfa::State& here = state(place);
    Offer offer;
    for_each_bit(open(place) & ~here.accepts, [&](std::size_t i) {
        offer.fitting |= fits(here.edges[i].condition, place, event, memo) ? bit(i) : 0;
    });
    if (offer.fitting == 0) {
        return offer;
    }
    for_each_bit(place.variants, [&](std::size_t v) {
        const EdgeMask fitting = offer.fitting & here.variants[v].edges;
        EdgeMask taking = 0;
        for_each_bit(fitting, [&](std::size_t i) { taking |= (here.edges[i].preferred & fitting) == 0 ? bit(i) : 0; });
        offer.edges |= taking;
        // Where a `~>` could take the event, passing it over is one more choice, of all that the variant has.
        offer.gone |= taking != 0 && (taking & here.any) == 0 ? std::uint64_t{1} << v : 0;
    });
    return offer;
}

void Stepper::close_by_untils(Place& place, const Incoming& event, Memo& memo) {
    const nfa::State& here = state(place);
    for_each_bit(open(place) & masks(place).with_untils, [&](std::size_t i) {
        for (const nfa::ConditionId until : here.edges[i].untils) {
            if (fits(until, place, event, memo)) {
                place.closed |= bit(i);
                return;
            }
        }
    });
}

void Stepper::see_pass(Place& place, const Incoming& event, Memo& memo) {
    const nfa::State& here = state(place);
    place.closed |= here.strict;
    for_each_bit(open(place) & masks(place).with_guards, [&](std::size_t i) {
        for (const nfa::Guard& guard : here.edges[i].guards) {
            const bool watches = (!guard.next_only || place.fresh) && (!guard.in || event.position.time <= place.last + *guard.in);
            if (watches && fits(guard.condition, place, event, memo)) {
                place.closed |= bit(i);
                return;
            }
        }
    });
    place.fresh = false;
}

void Stepper::start(const Incoming& event, std::span<const EventTime> last_absent, Effects& effects) {
    start_.closed = 0;
    start_.variants = all_variants(nfa::kStart);
    const nfa::State& here = state(start_);
    for (std::size_t i = 0; i < here.edges.size(); ++i) {
        for (const nfa::Guard& guard : here.edges[i].guards) {
            const auto found = std::find(rule_.leading_absent.begin(), rule_.leading_absent.end(), guard.condition);
            assert(found != rule_.leading_absent.end() && "a guard at the start is a leading absent");
            const EventTime seen = last_absent[static_cast<std::size_t>(found - rule_.leading_absent.begin())];
            const Duration back = guard.in ? *guard.in : rule_.within.value_or(Duration(0));
            if (seen != EventTime::lowest() && seen >= event.position.time - back) {
                start_.closed |= bit(i);
            }
        }
    }
    pasts_.next_start();
    Memo memo;
    close_by_untils(start_, event, memo);
    const Offer offer = offers(start_, event, memo);
    if (offer.edges != 0) {
        take(event.position, start_, offer, {}, event, effects);
    }
}

bool Stepper::step(Run& run, const Incoming& event, Effects& effects) {
    if ((event.hits & masks(run.place).interests) == 0 && run.fallbacks.empty()) {
        run.place.fresh = false;
        return true;
    }
    Memo memo;
    close_by_untils(run.place, event, memo);
    for (Fallback& fallback : run.fallbacks) {
        Memo own;
        close_by_untils(fallback.place, event, own);
    }
    if (const Offer offer = offers(run.place, event, memo); offer.edges != 0) {
        take(run.first, run.place, offer, run.fallbacks, event, effects);
        if (open(run.place) == 0) {
            release(run);
            return false;
        }
        return see_pass_and_settle(run, event, effects);
    }
    for (std::size_t i = 0; i < run.fallbacks.size(); ++i) {
        Place& place = run.fallbacks[i].place;
        Memo own;
        const Offer offer = offers(place, event, own);
        if (offer.edges == 0) {
            continue;
        }
        // The event does not go on with the turn under way and what follows the loop takes it: the turn is given up.
        const std::span<const Fallback> behind = std::span<const Fallback>(run.fallbacks).subspan(i + 1);
        take(run.first, place, offer, behind, event, effects);
        if (open(place) == 0) {
            release(run);
            return false;
        }
        break;
    }
    return see_pass_and_settle(run, event, effects);
}

bool Stepper::see_pass_and_settle(Run& run, const Incoming& event, Effects& effects) {
    Memo memo;
    see_pass(run.place, event, memo);
    for (Fallback& fallback : run.fallbacks) {
        Memo own;
        see_pass(fallback.place, event, own);
    }
    return settle(run, event.position.time, Cause::event, effects);
}

void Stepper::take(const Position& first, Place& from, const Offer& offer, std::span<const Fallback> behind,
                   const Incoming& event, Effects& effects) {
    for_each_bit(offer.edges, [&](std::size_t i) { arrive(first, from, i, offer, behind, event, effects); });
    from.variants &= ~offer.gone;
}

nfa::VariantMask Stepper::all_variants(nfa::StateId id) const {
    const std::size_t count = rule_.automaton[id].variants.size();
    return count == nfa::kMaxVariants ? ~nfa::VariantMask{0} : (nfa::VariantMask{1} << count) - 1;
}

void Stepper::arrive(const Position& first, const Place& from, std::size_t edge_index, const Offer& offer,
                     std::span<const Fallback> behind, const Incoming& event, Effects& effects) {
    const Edge& edge = state(from).edges[edge_index];
    const nfa::State& target = rule_.automaton[edge.target];
    const PastId past = pasts_.extend(from.past, event.id, edge.step);
    for (std::size_t v = 0; v < (target.split ? target.variants.size() : 1); ++v) {
        Run run;
        run.first = first;
        run.place.state = edge.target;
        run.place.variants = target.split ? nfa::VariantMask{1} << v : all_variants(edge.target);
        run.place.past = past;
        pasts_.retain(past);
        run.place.grown = from.grown + 1;
        run.place.kept = from.kept;
        run.place.last = event.position.time;
        run.place.registers = from.registers;
        run_registers_.take(run.place.registers, edge.step, events_[event.id], session_);
        session_.release();
        run.place.registers_hash = merges_ ? hash_of(run.place.registers) : 0;
        run.fallbacks = fallbacks_of(from, edge_index, offer, target.variants[v].under_way, behind, event);
        accept(run.first, run.place, event.position.time, Cause::event, effects);
        if (open(run.place) == 0) {
            end(run, event.position.time, Cause::event, effects);
            continue;
        }
        set_deadline(run);
        effects.born.push_back(std::move(run));
    }
    pasts_.release(past);
}

/// The variants of a place in which the edge takes the event.
nfa::VariantMask Stepper::taking_variants(const Place& place, std::size_t edge, const Offer& offer) const {
    const nfa::State& here = state(place);
    nfa::VariantMask result = 0;
    for_each_bit(place.variants, [&](std::size_t v) {
        const EdgeMask fitting = offer.fitting & here.variants[v].edges;
        const bool takes = (fitting & bit(edge)) != 0 && (here.edges[edge].preferred & fitting) == 0;
        result |= takes ? std::uint64_t{1} << v : 0;
    });
    return result;
}

std::vector<Fallback> Stepper::fallbacks_of(const Place& from, std::size_t edge_index, const Offer& offer,
                                            std::span<const nfa::LoopId> under_way, std::span<const Fallback> behind,
                                            const Incoming& event) {
    std::vector<Fallback> result;
    const Edge& edge = state(from).edges[edge_index];
    // A run that starts inside a turn has nothing to fall back to: without the turn it has no event.
    if (under_way.empty() || from.state == nfa::kStart) {
        return result;
    }
    const auto stays = [&](nfa::LoopId loop) { return std::find(under_way.begin(), under_way.end(), loop) != under_way.end(); };
    const auto add = [&](nfa::LoopId loop, const Place& place, EdgeMask closed, nfa::VariantMask variants) {
        Fallback fallback{loop, copy(place)};
        fallback.place.closed |= closed;
        fallback.place.variants &= variants;
        Memo memo;
        see_pass(fallback.place, event, memo);
        if (open(fallback.place) == 0) {
            pasts_.release(fallback.place.past);
            return;
        }
        result.push_back(std::move(fallback));
    };
    for (std::size_t i = edge.starts_turn_of.size(); i-- > 0;) {
        if (stays(edge.starts_turn_of[i])) {
            add(edge.starts_turn_of[i], from, ~edge.leaves[i], taking_variants(from, edge_index, offer));
        }
    }
    for (const Fallback& older : behind) {
        if (stays(older.loop)) {
            add(older.loop, older.place, 0, ~nfa::VariantMask{0});
        }
    }
    return result;
}

bool Stepper::guards_satisfied(const Edge& edge, const Place& place, EventTime when, Cause cause) const {
    if (cause == Cause::end) {
        return true;
    }
    return std::all_of(edge.guards.begin(), edge.guards.end(), [&](const nfa::Guard& guard) {
        if (guard.next_only && !place.fresh) {
            return true;
        }
        if (!guard.in) {
            return false;
        }
        const EventTime limit = place.last + *guard.in;
        return cause == Cause::deadline ? limit <= when : limit < when;
    });
}

Completed Stepper::completed(const Position& first, const Place& place, Moment decided) {
    const PastNode& last = pasts_[place.past];
    if (last.oldest == last.newest) {
        pasts_.retain(place.past);
        return {first, place.past, decided};
    }
    const PastId past = pasts_.oldest(place.past, oldest_start(decided.time));
    PastId start = past;
    while (pasts_[start].before != kNoPast) {
        start = pasts_[start].before;
    }
    return {events_[pasts_[start].event].position, past, decided};
}

bool Stepper::accept(const Position& first, Place& place, EventTime when, Cause cause, Effects& effects) {
    const nfa::State& here = state(place);
    bool accepted = false;
    for_each_bit(open(place) & here.accepts, [&](std::size_t i) {
        const Edge& edge = here.edges[i];
        if (!guards_satisfied(edge, place, when, cause)) {
            return;
        }
        nfa::VariantMask accepting = 0;
        for_each_bit(place.variants, [&](std::size_t v) {
            const EdgeMask edges = here.variants[v].edges & ~place.closed;
            const bool waits = cause != Cause::end && (edge.preferred & edges) != 0;
            accepting |= (edges & bit(i)) != 0 && !waits ? std::uint64_t{1} << v : 0;
        });
        if (accepting == 0) {
            return;
        }
        effects.completed.push_back(completed(first, place, {when, cause != Cause::event}));
        place.variants &= ~accepting;
        accepted = true;
    });
    return accepted;
}

bool Stepper::settle(Run& run, EventTime when, Cause cause, Effects& effects) {
    while (true) {
        const bool accepted = accept(run.first, run.place, when, cause, effects);
        if (open(run.place) != 0) {
            break;
        }
        if (accepted || run.fallbacks.empty()) {
            return end(run, when, cause, effects);
        }
        pasts_.release(run.place.past);
        run.place = std::move(run.fallbacks.front().place);
        run.fallbacks.erase(run.fallbacks.begin());
    }
    std::erase_if(run.fallbacks, [&](Fallback& fallback) {
        const bool gone = open(fallback.place) == 0;
        if (gone) {
            pasts_.release(fallback.place.past);
        }
        return gone;
    });
    set_deadline(run);
    return true;
}

bool Stepper::expire(Run& run, EventTime when, Effects& effects) {
    if (!accept(run.first, run.place, when, Cause::end, effects)) {
        for (Fallback& fallback : run.fallbacks) {
            if (accept(run.first, fallback.place, when, Cause::end, effects)) {
                break;
            }
        }
    }
    return end(run, when, Cause::end, effects);
}

bool Stepper::end(Run& run, EventTime when, Cause cause, Effects& effects) {
    effects.ended.push_back({run.first, {when, cause != Cause::event}});
    release(run);
    return false;
}

bool Stepper::pass_time(Run& run, EventTime now, Effects& effects) {
    while (run.deadline < now) {
        const EventTime when = run.deadline;
        run.settled = when;
        if (rule_.within && when == run.first.time + *rule_.within) {
            return expire(run, when, effects);
        }
        close_by_limits(run.place, when);
        for (Fallback& fallback : run.fallbacks) {
            close_by_limits(fallback.place, when);
        }
        if (!settle(run, when, Cause::deadline, effects)) {
            return false;
        }
    }
    return true;
}

void Stepper::close_by_limits(Place& place, EventTime when) {
    const nfa::State& here = state(place);
    for_each_bit(open(place) & masks(place).with_limit, [&](std::size_t i) {
        const Edge& edge = here.edges[i];
        if (!edge.accept && place.last + *edge.in <= when) {
            place.closed |= bit(i);
        }
    });
}

void Stepper::set_deadline(Run& run) const {
    EventTime next = rule_.within ? run.first.time + *rule_.within : EventTime::highest();
    const auto consider = [&](EventTime when) {
        if (when > run.settled && when < next) {
            next = when;
        }
    };
    const auto look_at = [&](const Place& place) {
        for_each_bit(open(place) & masks(place).with_limit, [&](std::size_t i) {
            const Edge& edge = state(place).edges[i];
            if (!edge.accept) {
                consider(place.last + *edge.in);
                return;
            }
            for (const nfa::Guard& guard : edge.guards) {
                if (guard.in) {
                    consider(place.last + *guard.in);
                }
            }
        });
    };
    look_at(run.place);
    for (const Fallback& fallback : run.fallbacks) {
        look_at(fallback.place);
    }
    run.deadline = next;
}

EventTime Stepper::oldest_start(EventTime now) const { return rule_.within ? now - *rule_.within : EventTime::lowest(); }

bool Stepper::same_future(const Run& a, const Run& b) const {
    const Place& x = a.place;
    const Place& y = b.place;
    if (x.registers_hash != y.registers_hash || x.state != y.state || x.closed != y.closed || x.variants != y.variants ||
        (masks(x).next_only && x.fresh != y.fresh) || !a.fallbacks.empty() || !b.fallbacks.empty()) {
        return false;
    }
    if (masks(x).timed && (x.last != y.last || a.settled != b.settled)) {
        return false;
    }
    return std::equal(x.registers.begin(), x.registers.end(), y.registers.begin(), y.registers.end(), same_value);
}

bool Stepper::merge(Run& run, Run& other, EventTime now) {
    const std::uint32_t grown = run.place.grown + other.place.grown;
    if (pasts_.precedes(run.place.past, other.place.past)) {
        std::swap(run, other);
    } else if (!pasts_.precedes(other.place.past, run.place.past)) {
        return false;
    }
    run.place.past = pasts_.unite(other.place.past, run.place.past);
    run.place.grown = grown;
    run.place.kept = std::max(run.place.kept, other.place.kept);
    run.settled = std::max(run.settled, other.settled);
    prune(run.place, now);
    set_deadline(run);
    return true;
}

void Stepper::prune(Place& place, EventTime now) {
    if (!rule_.within || place.grown < place.kept + kGrownUnseen) {
        return;
    }
    const PastPool::Pruned pruned = pasts_.prune(place.past, oldest_start(now));
    place.past = pruned.set;
    place.kept = static_cast<std::uint32_t>(pruned.visited);
    place.grown = 0;
}

Place Stepper::copy(const Place& place) {
    pasts_.retain(place.past);
    return place;
}

Run Stepper::copy(const Run& run) {
    pasts_.retain(run.place.past);
    for (const Fallback& fallback : run.fallbacks) {
        pasts_.retain(fallback.place.past);
    }
    return run;
}

void Stepper::release(Run& run) {
    pasts_.release(run.place.past);
    run.place.past = kNoPast;
    for (Fallback& fallback : run.fallbacks) {
        pasts_.release(fallback.place.past);
    }
    run.fallbacks.clear();
}

}  // namespace tocsin::matcher
