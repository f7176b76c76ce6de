#include "retrace.hpp"

#include <algorithm>
#include <utility>

#include "nearest.hpp"

namespace tocsin::matcher {

Retrace::Retrace(ShardMemory& memory, plan::RuleId rule, std::span<const SeenEvent> events,
                 const std::optional<Position>& about, Judge& judge)
    : memory_(memory),
      rule_id_(rule),
      rule_((*memory.program)[rule]),
      events_(events),
      about_(about),
      judge_(judge),
      stepper_(*memory.program, rule_, memory.events, memory.pasts, memory.session,
               memory.tables[static_cast<std::size_t>(rule)]) {}

void Retrace::add_open_edges(const Place& place, std::vector<OpenEdge>& out) const {
    const nfa::State& state = rule_.automaton[place.state];
    nfa::EdgeMask open = 0;
    for (std::size_t v = 0; v < state.variants.size(); ++v) {
        open |= (place.variants >> v & 1) != 0 ? state.variants[v].edges : 0;
    }
    open &= ~place.closed;
    for (std::size_t i = 0; i < state.edges.size(); ++i) {
        if ((open >> i & 1) != 0) {
            out.push_back({&place, &state.edges[i], (state.strict >> i & 1) != 0});
        }
    }
}

std::vector<Retrace::OpenEdge> Retrace::open_edges(const Run& run) const {
    std::vector<OpenEdge> edges;
    add_open_edges(run.place, edges);
    for (const Fallback& fallback : run.fallbacks) {
        add_open_edges(fallback.place, edges);
    }
    return edges;
}

std::vector<Awaited> Retrace::awaited(const Run& run) const {
    std::vector<Awaited> result;
    for (const OpenEdge& open : open_edges(run)) {
        Awaited one;
        if (!open.edge->accept) {
            one.step = judge_.step_name(open.edge->step);
            one.condition = judge_.text(open.edge->condition);
        }
        if (rule_.within) {
            one.deadline = run.first.time + *rule_.within;
            one.bound = "within " + format_duration(*rule_.within);
        }
        if (open.edge->in && (!one.deadline || open.place->last + *open.edge->in < *one.deadline)) {
            one.deadline = open.place->last + *open.edge->in;
            one.bound = "in " + format_duration(*open.edge->in);
        }
        if (one.deadline == EventTime::highest()) {
            one.deadline.reset();
        }
        const bool known = std::any_of(result.begin(), result.end(), [&](const Awaited& other) {
            return other.step == one.step && other.condition == one.condition;
        });
        if (!known) {
            result.push_back(std::move(one));
        }
    }
    return result;
}

Attempt Retrace::tell(const Track& track, std::string_view key) {
    Attempt attempt;
    std::vector<PastPool::Taken> past;
    memory_.pasts.list(track.past, past);
    for (const PastPool::Taken& taken : past) {
        attempt.taken.push_back(judge_.taken(taken));
    }
    if (track.begun) {
        attempt.awaited = awaited(*track.begun);
        follow(track, attempt);
    } else {
        tell_complete(track, key, attempt);
    }
    return attempt;
}

void Retrace::tell_complete(const Track& track, std::string_view key, Attempt& attempt) {
    attempt.ending.kind = track.where_failed ? Ending::Kind::where : Ending::Kind::not_chosen;
    attempt.ending.time = track.over.time;
    if (track.where_failed) {
        const Decision decision{rule_id_, std::string(key), track.over.time, track.past, std::nullopt};
        attempt.ending.failures = judge_.where_failures(decision_values(memory_, rule_, decision));
        memory_.session.release();
    }
}

void Retrace::follow(const Track& track, Attempt& attempt) {
    Run run = stepper_.copy(*track.begun);
    bool alive = true;
    for (std::size_t i = track.taken_at + 1; i < events_.size() && alive; ++i) {
        const SeenEvent& event = events_[i];
        alive = pass_time(run, event.position.time, attempt.ending);
        if (!alive) {
            break;
        }
        see_pass(run, event, alive, attempt);
    }
    if (alive && pass_time(run, EventTime::highest(), attempt.ending)) {
        stepper_.release(run);
    }
    for (Run& born : effects_.born) {
        stepper_.release(born);
    }
    for (const Completed& complete : effects_.completed) {
        memory_.pasts.release(complete.past);
    }
    effects_ = {};
}

void Retrace::see_pass(Run& run, const SeenEvent& event, bool& alive, Attempt& attempt) {
    PassedOver passed = passed_over(run, event);
    Broken broken = broken_by(run, event);
    alive = stepper_.step(run, {event.id, event.position, event.hits}, effects_);
    if (!alive) {
        attempt.ending = {Ending::Kind::event, event.position.time, event.position, std::move(broken.clause), {}};
        if (broken.by_fitting) {
            return;
        }
    }
    if (distance(passed)) {
        ++attempt.passed;
        keep_nearest(attempt.passed_over, std::move(passed), about_);
    } else {
        ++attempt.of_other_streams;
    }
}

/// One deadline after the other, so that it is seen which of them ended the run.
bool Retrace::pass_time(Run& run, EventTime now, Ending& ending) {
    while (run.deadline < now) {
        const EventTime when = run.deadline;
        std::string clause = ran_out(run, when);
        if (!stepper_.pass_time(run, when + Duration(1), effects_)) {
            ending = {Ending::Kind::time, when, std::nullopt, std::move(clause), {}};
            return false;
        }
    }
    return true;
}

std::string Retrace::ran_out(const Run& run, EventTime when) const {
    if (rule_.within && when == run.first.time + *rule_.within) {
        return "within " + format_duration(*rule_.within);
    }
    for (const OpenEdge& open : open_edges(run)) {
        if (open.edge->in && !open.edge->accept && open.place->last + *open.edge->in <= when) {
            return "in " + format_duration(*open.edge->in);
        }
    }
    return {};
}

PassedOver Retrace::passed_over(const Run& run, const SeenEvent& event) {
    PassedOver result{event.position, {}};
    for (const OpenEdge& open : open_edges(run)) {
        if (open.edge->accept) {
            continue;
        }
        Misfit misfit = judge_.misfit(*open.edge, *open.place, event);
        const bool known = std::any_of(result.misfits.begin(), result.misfits.end(), [&](const Misfit& other) {
            return other.step == misfit.step && other.condition == misfit.condition;
        });
        if (!known) {
            result.misfits.push_back(std::move(misfit));
        }
    }
    return result;
}

Retrace::Broken Retrace::broken_by(const Run& run, const SeenEvent& event) {
    for (const OpenEdge& open : open_edges(run)) {
        for (const nfa::ConditionId until : open.edge->untils) {
            if (judge_.fits(until, *open.place, event)) {
                return {"until " + judge_.text(until), true};
            }
        }
    }
    for (const OpenEdge& open : open_edges(run)) {
        for (const nfa::Guard& guard : open.edge->guards) {
            const bool watches =
                (!guard.next_only || open.place->fresh) && (!guard.in || event.position.time <= open.place->last + *guard.in);
            if (watches && judge_.fits(guard.condition, *open.place, event)) {
                return {"not " + judge_.text(guard.condition) + (guard.in ? " in " + format_duration(*guard.in) : ""), true};
            }
        }
    }
    for (const OpenEdge& open : open_edges(run)) {
        if (open.strict && !open.edge->accept) {
            return {"=> " + judge_.step_name(open.edge->step), false};
        }
    }
    return {};
}

std::vector<PassedOver> Retrace::nearest_starts() {
    std::vector<PassedOver> kept;
    for (const SeenEvent& event : events_) {
        PassedOver passed = as_start(event);
        if (distance(passed)) {
            keep_nearest(kept, std::move(passed), about_);
        }
    }
    return kept;
}

PassedOver Retrace::as_start(const SeenEvent& event) {
    PassedOver passed{event.position, {}};
    for (const nfa::Edge& edge : rule_.automaton[nfa::kStart].edges) {
        if (edge.accept) {
            continue;
        }
        Misfit misfit = judge_.misfit(edge, judge_.start(), event);
        if (!misfit.other_stream && misfit.failures.empty() && !edge.guards.empty()) {
            misfit.blocked = "not " + judge_.text(edge.guards.front().condition);
        }
        passed.misfits.push_back(std::move(misfit));
    }
    return passed;
}

std::optional<PassedOver> Retrace::about_as_start() {
    const auto found =
        std::find_if(events_.begin(), events_.end(), [&](const SeenEvent& event) { return event.position == about_; });
    if (found == events_.end()) {
        return std::nullopt;
    }
    PassedOver passed = as_start(*found);
    const bool begins = std::any_of(passed.misfits.begin(), passed.misfits.end(), [](const Misfit& misfit) {
        return !misfit.other_stream && misfit.failures.empty() && misfit.blocked.empty();
    });
    return begins ? std::nullopt : std::optional(std::move(passed));
}

}  // namespace tocsin::matcher
