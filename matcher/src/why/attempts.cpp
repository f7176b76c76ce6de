#include "attempts.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::matcher {

namespace {

constexpr std::size_t kKept = 3;

}  // namespace

Attempts::Attempts(ShardMemory& memory, plan::RuleId rule, std::span<const SeenEvent> events, std::span<const Candidate> chosen,
                   std::optional<Position> about, const Limits& limits)
    : memory_(memory),
      rule_id_(rule),
      rule_((*memory.program)[rule]),
      events_(events),
      about_(about),
      limits_(limits),
      stepper_(*memory.program, rule_, memory.events, memory.pasts, memory.session,
               memory.tables[static_cast<std::size_t>(rule)]),
      last_absent_(rule_.leading_absent.size(), EventTime::lowest()) {
    for (const Candidate& match : chosen) {
        chosen_by_last_.emplace(memory.pasts[match.past].event, match.past);
        const std::vector<EventId> taken = events_of(match.past);
        matched_.insert(taken.begin(), taken.end());
    }
}

Attempts::~Attempts() {
    for (Track& track : best_) {
        release(track);
    }
}

void Attempts::run(std::string_view key) {
    key_ = key;
    for (std::size_t i = 0; i < events_.size(); ++i) {
        take(i);
    }
    for (Live& live : live_) {
        if (pass_time(live, EventTime::highest())) {
            end(live, {EventTime::highest(), true}, std::nullopt);
            stepper_.release(live.run);
        }
    }
    live_.clear();
}

void Attempts::take(std::size_t index) {
    const SeenEvent& event = events_[index];
    std::erase_if(live_, [&](Live& live) { return !keep_going(live, index); });
    if (stepper_.may_start(event.hits)) {
        start(index);
    }
    for (std::size_t i = 0; i < last_absent_.size(); ++i) {
        if (stepper_.fits_alone(rule_.leading_absent[i], {event.id, event.position, event.hits})) {
            last_absent_[i] = event.position.time;
        }
    }
    std::move(born_.begin(), born_.end(), std::back_inserter(live_));
    born_.clear();
}

void Attempts::start(std::size_t index) {
    if (live_.size() + born_.size() >= limits_.runs_per_key) {
        ++runs_refused_;
        return;
    }
    const SeenEvent& event = events_[index];
    stepper_.start({event.id, event.position, event.hits}, last_absent_, effects_);
    any_started_ = any_started_ || !effects_.born.empty() || !effects_.completed.empty() || !effects_.ended.empty();
    take_completed(nullptr, index);
    take_born(index);
}

/// False: the run is over, and its end seen to.
bool Attempts::keep_going(Live& live, std::size_t index) {
    const SeenEvent& event = events_[index];
    if (!pass_time(live, event.position.time)) {
        return false;
    }
    const bool goes_on = stepper_.step(live.run, {event.id, event.position, event.hits}, effects_);
    const bool taken = !effects_.born.empty();
    take_completed(&live, index);
    take_born(index);
    if (!goes_on) {
        // A run that went on in another has no end of its own.
        live.complete = live.complete || taken;
        end(live, {event.position.time, false}, event.position);
    }
    return goes_on;
}

bool Attempts::pass_time(Live& live, EventTime now) {
    const auto at = live.taken_at;
    while (live.run.deadline < now) {
        const EventTime when = live.run.deadline;
        const bool goes_on = stepper_.pass_time(live.run, when + Duration(1), effects_);
        take_completed(&live, at);
        if (!goes_on) {
            end(live, {when, true}, std::nullopt);
            return false;
        }
    }
    return true;
}

void Attempts::take_born(std::size_t index) {
    for (Run& run : effects_.born) {
        if (live_.size() + born_.size() >= limits_.runs_per_key) {
            ++runs_refused_;
            stepper_.release(run);
            continue;
        }
        Run begun = stepper_.copy(run);
        born_.push_back({std::move(run), std::move(begun), index, false});
    }
    effects_.born.clear();
    effects_.ended.clear();
}

void Attempts::take_completed(Live* from, std::size_t index) {
    for (const Completed& complete : effects_.completed) {
        if (from != nullptr) {
            from->complete = true;
        }
        if (is_match(complete.past)) {
            memory_.pasts.release(complete.past);
            continue;
        }
        offer({complete.past, std::nullopt, index, complete.decided, std::nullopt, !passes_where(complete)});
    }
    effects_.completed.clear();
    effects_.ended.clear();
}

bool Attempts::passes_where(const Completed& complete) {
    if (!rule_.where) {
        return true;
    }
    const Decision decision{rule_id_, key_, complete.decided.time, complete.past, std::nullopt};
    const bool passes = memory_.session.condition(*rule_.where, decision_values(memory_, rule_, decision).scope());
    memory_.session.release();
    return passes;
}

void Attempts::end(Live& live, const Moment& over, const std::optional<Position>& by) {
    if (live.complete) {
        stepper_.release(live.begun);
        return;
    }
    const PastId past = live.begun.place.past;
    memory_.pasts.retain(past);
    offer({past, std::move(live.begun), live.taken_at, over, by, false});
}

/// Takes the track over: among the best, or given back. One that lies in another, or in matches, tells nothing of its own.
void Attempts::offer(Track track) {
    const Rank own = rank(track);
    const auto place = std::find_if(best_.begin(), best_.end(), [&](const Track& other) { return rank(other) < own; });
    const bool covered = (place == best_.end() && best_.size() == kKept) ||
                         std::any_of(best_.begin(), place, [&](const Track& better) { return repeats(track, better); }) ||
                         all_in_matches(track.past);
    if (covered) {
        release(track);
        return;
    }
    const auto kept = best_.insert(place, std::move(track));
    const auto worse = std::stable_partition(kept + 1, best_.end(), [&](const Track& other) { return !repeats(other, *kept); });
    std::for_each(worse, best_.end(), [&](Track& other) { release(other); });
    best_.erase(worse, best_.end());
    if (best_.size() > kKept) {
        release(best_.back());
        best_.pop_back();
    }
}

void Attempts::release(Track& track) {
    memory_.pasts.release(track.past);
    if (track.begun) {
        stepper_.release(*track.begun);
    }
}

Attempts::Rank Attempts::rank(const Track& track) const {
    const int kind = track.where_failed ? 2 : track.begun ? 1 : 0;
    Rank rank{false, kind, memory_.pasts[track.past].length, track.over.time};
    if (about_) {
        const std::vector<EventId> events = events_of(track.past);
        rank.about = track.over_by == about_ || std::any_of(events.begin(), events.end(), [&](EventId event) {
                         return memory_.events[event].position == *about_;
                     });
    }
    return rank;
}

std::vector<EventId> Attempts::events_of(PastId past) const {
    std::vector<PastPool::Taken> taken;
    memory_.pasts.list(past, taken);
    std::vector<EventId> events;
    std::transform(taken.begin(), taken.end(), std::back_inserter(events),
                   [](const PastPool::Taken& one) { return one.event; });
    return events;
}

/// It lies in the better one, or shares an event with it and ends alike: the same start, or the same end, told twice.
bool Attempts::repeats(const Track& track, const Track& better) const {
    const std::vector<EventId> own = events_of(track.past);
    const std::vector<EventId> other = events_of(better.past);
    const std::unordered_set<EventId> known(other.begin(), other.end());
    const auto shared = std::count_if(own.begin(), own.end(), [&](EventId event) { return known.contains(event); });
    const bool alike =
        rank(track).kind == rank(better).kind && track.over.by_time == better.over.by_time && track.over_by == better.over_by;
    return shared == std::ssize(own) || (alike && shared > 0);
}

bool Attempts::all_in_matches(PastId past) const {
    const std::vector<EventId> events = events_of(past);
    return std::all_of(events.begin(), events.end(), [&](EventId event) { return matched_.contains(event); });
}

bool Attempts::is_match(PastId past) const {
    const auto same = [&](PastId match) {
        std::vector<PastPool::Taken> a;
        std::vector<PastPool::Taken> b;
        memory_.pasts.list(past, a);
        memory_.pasts.list(match, b);
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const PastPool::Taken& x, const PastPool::Taken& y) {
            return x.event == y.event && name_of(x.step) == name_of(y.step);
        });
    };
    const auto [begin, end] = chosen_by_last_.equal_range(memory_.pasts[past].event);
    return std::any_of(begin, end, [&](const auto& match) { return same(match.second); });
}

}  // namespace tocsin::matcher
