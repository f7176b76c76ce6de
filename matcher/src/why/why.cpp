#include <tocsin/matcher/why.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

#include "../pattern_state.hpp"
#include "attempts.hpp"
#include "retrace.hpp"
#include "windows.hpp"

namespace tocsin::matcher {

namespace {

constexpr std::size_t kMatchesTold = 3;

/// What the rule finds, decided as it is when it runs.
std::vector<Candidate> find_matches(ShardMemory& memory, plan::RuleId rule, std::string_view key,
                                    std::span<const SeenEvent> events, const Limits& limits) {
    PatternStepper stepper(memory, rule, limits);
    PatternState state = stepper.initial();
    std::vector<Candidate> matches;
    for (const SeenEvent& event : events) {
        stepper.event(state, key, {event.id, event.position, event.hits}, matches);
    }
    stepper.end(state, key, matches);
    stepper.release(state);
    return matches;
}

Match tell_match(ShardMemory& memory, Judge& judge, const Candidate& candidate) {
    Match match{{}, candidate.decided.time};
    std::vector<PastPool::Taken> past;
    memory.pasts.list(candidate.past, past);
    std::transform(past.begin(), past.end(), std::back_inserter(match.taken),
                   [&](const PastPool::Taken& taken) { return judge.taken(taken); });
    return match;
}

bool has(const Match& match, const Position& event) {
    return std::any_of(match.taken.begin(), match.taken.end(), [&](const TakenEvent& taken) { return taken.event == event; });
}

/// The last few; or those that have the event asked about, where there are some.
std::vector<Match> worth_telling(ShardMemory& memory, Judge& judge, std::span<const Candidate> matches,
                                 const std::optional<Position>& about) {
    std::vector<Match> latest;
    std::vector<Match> with_event;
    for (auto candidate = matches.rbegin(); candidate != matches.rend(); ++candidate) {
        if (!about && latest.size() == kMatchesTold) {
            break;
        }
        Match match = tell_match(memory, judge, *candidate);
        if (about && has(match, *about) && with_event.size() < kMatchesTold) {
            with_event.push_back(std::move(match));
        } else if (latest.size() < kMatchesTold) {
            latest.push_back(std::move(match));
        }
    }
    std::vector<Match>& told = with_event.empty() ? latest : with_event;
    std::reverse(told.begin(), told.end());
    return std::move(told);
}

/// A rule whose alerts do not share events gives up what began inside one. The run was followed on, but not by the rule.
void give_up(const plan::RulePlan& rule, std::span<const Candidate> matches, const PartitionTable& partitions,
             Attempt& attempt) {
    const bool apart = rule.overlap == plan::Overlap::none ||
                       (rule.overlap == plan::Overlap::skip && rule.skip.to == plan::SkipPlan::To::past_last);
    Ending& ending = attempt.ending;
    const bool partial =
        ending.kind == Ending::Kind::event || ending.kind == Ending::Kind::time || ending.kind == Ending::Kind::open;
    if (!apart || !partial) {
        return;
    }
    const Position& first = attempt.taken.front().event;
    for (const Candidate& match : matches) {
        const bool began_inside = compare(match.first, first, partitions) <= 0 && compare(first, match.last, partitions) <= 0;
        if (began_inside && (ending.kind == Ending::Kind::open || match.decided.time <= ending.time)) {
            ending = {Ending::Kind::given_up, match.decided.time, match.last, {}, {}};
            return;
        }
    }
}

/// It is part of something that is told.
bool is_told(const Why& why, const Position& event) {
    const auto took = [&](const auto& one) {
        return std::any_of(one.taken.begin(), one.taken.end(), [&](const TakenEvent& taken) { return taken.event == event; });
    };
    return std::any_of(why.latest.begin(), why.latest.end(), took) ||
           std::any_of(why.attempts.begin(), why.attempts.end(),
                       [&](const Attempt& attempt) { return took(attempt) || attempt.ending.event == event; });
}

/// Time ends a run also behind the last event, but then nobody knows what would have come.
void keep_open(Attempt& attempt, EventTime inputs_end) {
    if (attempt.ending.kind == Ending::Kind::time && attempt.ending.time > inputs_end) {
        attempt.ending.kind = Ending::Kind::open;
    }
}

Why explain_pattern(ShardMemory& memory, const WhyQuestion& question, const Limits& limits) {
    const auto& [rule, key, events, inputs_end, about] = question;
    Why why;
    const std::size_t pasts_before = memory.pasts.live();
    Judge judge(memory, rule);
    const std::vector<Candidate> matches = find_matches(memory, rule, key, events, limits);
    why.matches = matches.size();
    why.latest = worth_telling(memory, judge, matches, about);
    {
        Attempts attempts(memory, rule, events, matches, about, limits);
        attempts.run(key);
        why.runs_refused = attempts.runs_refused();
        Retrace retrace(memory, rule, events, about, judge);
        for (const Track& track : attempts.best()) {
            Attempt attempt = retrace.tell(track, key);
            give_up((*memory.program)[rule], matches, memory.partitions, attempt);
            keep_open(attempt, inputs_end);
            why.attempts.push_back(std::move(attempt));
        }
        if (about && !is_told(why, *about)) {
            why.about = retrace.about_as_start();
        }
        if (!attempts.any_started()) {
            why.nearest = retrace.nearest_starts();
        }
    }
    for (const Candidate& match : matches) {
        memory.pasts.release(match.past);
    }
    assert(memory.pasts.live() == pasts_before && "all references to pasts were given back");
    static_cast<void>(pasts_before);
    return why;
}

}  // namespace

Why explain(ShardMemory& memory, const WhyQuestion& question, const Limits& limits) {
    Why why =
        (*memory.program)[question.rule].window ? explain_windows(memory, question) : explain_pattern(memory, question, limits);
    why.events = question.events.size();
    why.inputs_end = question.inputs_end;
    return why;
}

plan::Program keeping_all_columns(plan::Program program) {
    program.kept_count = static_cast<std::uint32_t>(program.projection.size());
    program.kept_slot.resize(program.projection.size());
    for (std::uint32_t column = 0; column < program.kept_count; ++column) {
        program.kept_slot[column] = column;
    }
    return program;
}

}  // namespace tocsin::matcher
