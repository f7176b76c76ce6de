#include "chooser.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace tocsin::matcher {

using plan::Overlap;
using plan::SkipPlan;

Chooser::Chooser(const plan::RulePlan& rule, bool decided_late, EventPool& events, PastPool& pasts,
                 const PartitionTable& partitions)
    : rule_(rule), decided_late_(decided_late), events_(events), pasts_(pasts), partitions_(partitions) {}

void Chooser::started(ChoiceState& state, const Position& first) const {
    if (rule_.overlap == Overlap::skip && (state.starts.empty() || !(state.starts.back().first == first))) {
        state.starts.push_back({first, {}});
    }
}

void Chooser::ended(ChoiceState& state, const Ended& end) const {
    if (rule_.overlap != Overlap::skip) {
        return;
    }
    const auto found = std::find_if(state.starts.begin(), state.starts.end(),
                                    [&](const ChoiceState::Start& start) { return start.first == end.first; });
    if (found != state.starts.end()) {
        found->end = found->end.later(end.at);
        state.ended = std::min(state.ended, end.at.time);
    }
}

EventTime Chooser::deadline(const ChoiceState& state) const {
    EventTime next = state.waiting.empty() ? EventTime::highest() : state.ended;
    for (const Candidate& candidate : state.waiting) {
        if (candidate.decided.time >= state.chosen_until) {
            next = std::min(next, candidate.decided.time);
        }
    }
    return next;
}

void Chooser::choose(ChoiceState& state, EventTime now, std::vector<Run>& runs, std::vector<Run>& dropped,
                     std::vector<Candidate>& out) const {
    state.chosen_until = now;
    if (state.ended < now) {
        state.ended = EventTime::highest();
    }
    if (rule_.overlap == Overlap::skip) {
        choose_skip(state, now, runs, dropped, out);
    } else if (!state.waiting.empty()) {
        choose_overlap(state, now, runs, dropped, out);
    }
}

bool Chooser::before(const Candidate& a, const Candidate& b) const {
    if (a.decided.time != b.decided.time) {
        return a.decided.time < b.decided.time;
    }
    if (const auto order = compare(a.last, b.last, partitions_); order != 0) {
        return order < 0;
    }
    if (const auto order = compare(a.first, b.first, partitions_); order != 0) {
        return order < 0;
    }
    if (a.length != b.length) {
        return a.length > b.length;
    }
    if (a.past == b.past) {
        return false;
    }
    std::vector<PastPool::Taken> left;
    std::vector<PastPool::Taken> right;
    pasts_.list(a.past, left);
    pasts_.list(b.past, right);
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].event == right[i].event) {
            continue;
        }
        const auto order = compare(events_[left[i].event].position, events_[right[i].event].position, partitions_);
        if (order != 0) {
            return order < 0;
        }
    }
    const auto name = [&](nfa::StepId step) { return rule_.steps[static_cast<std::size_t>(step)].name; };
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (name(left[i].step) != name(right[i].step)) {
            return name(left[i].step) < name(right[i].step);
        }
    }
    return false;
}

std::uint64_t Chooser::identity(const Candidate& candidate) const {
    // FNV-1a over (input, partition, offset, arrival, step name): 64 bits over the few matches of one key in one window.
    std::uint64_t hash = 0xcbf29ce484222325U;
    const auto mix = [&](std::uint64_t word) {
        for (int i = 0; i < 8; ++i) {
            hash = (hash ^ (word & 0xffU)) * 0x100000001b3U;
            word >>= 8U;
        }
    };
    for (PastId id = candidate.past; id != kNoPast; id = pasts_[id].before) {
        const PastNode& node = pasts_[id];
        const Position& at = events_[node.event].position;
        mix(static_cast<std::uint64_t>(at.input));
        mix(static_cast<std::uint64_t>(at.partition));
        mix(at.offset);
        mix(at.arrival);
        mix(rule_.steps[static_cast<std::size_t>(node.step)].name);
    }
    return hash;
}

/// True if the same match (`overlap all`), or one with the same last event (`overlap ends`), was chosen before.
bool Chooser::remember(ChoiceState& state, const Candidate& candidate) const {
    if (rule_.within) {
        // Candidates come in order of decision time, and none is decided later than `within` after its last event.
        std::erase_if(state.chosen, [&](const ChoiceState::Chosen& old) { return old.last.time + *rule_.within < candidate.decided.time; });
    }
    const std::uint64_t id = rule_.overlap == Overlap::all ? identity(candidate) : 0;
    const bool known = std::any_of(state.chosen.begin(), state.chosen.end(), [&](const ChoiceState::Chosen& old) {
        return old.last == candidate.last && old.identity == id;
    });
    if (!known) {
        state.chosen.push_back({candidate.last, id});
    }
    return known;
}

void Chooser::choose_overlap(ChoiceState& state, EventTime now, std::vector<Run>& runs, std::vector<Run>& dropped,
                             std::vector<Candidate>& out) const {
    const auto middle = std::partition(state.waiting.begin(), state.waiting.end(),
                                       [&](const Candidate& candidate) { return candidate.decided.time < now; });
    std::vector<Candidate> ready(state.waiting.begin(), middle);
    state.waiting.erase(state.waiting.begin(), middle);
    std::sort(ready.begin(), ready.end(), [&](const Candidate& a, const Candidate& b) { return before(a, b); });

    // Equal matches stand near each other in `ready`: they have the same last event.
    std::optional<Position> last_taken;
    std::unordered_set<std::uint64_t> taken_there;
    const auto taken_already = [&](const Candidate& candidate) {
        if (last_taken != candidate.last) {
            last_taken = candidate.last;
            taken_there.clear();
        }
        return !taken_there.insert(rule_.overlap == Overlap::all ? identity(candidate) : 0).second;
    };
    for (const Candidate& candidate : ready) {
        bool refused = false;
        switch (rule_.overlap) {
            case Overlap::ends:
            case Overlap::all:
                refused = decided_late_ ? remember(state, candidate) : taken_already(candidate);
                break;
            default:
                refused = state.taken_to && !less(*state.taken_to, candidate.first);
        }
        if (refused) {
            pasts_.release(candidate.past);
            continue;
        }
        if (rule_.overlap == Overlap::none) {
            state.taken_to = candidate.last;
        }
        out.push_back(candidate);
    }
    if (rule_.overlap == Overlap::none && state.taken_to) {
        // Whatever started at or before the match's last event can no longer count.
        std::erase_if(runs, [&](Run& run) {
            const bool over = !less(*state.taken_to, run.first);
            if (over) {
                dropped.push_back(std::move(run));
            }
            return over;
        });
    }
}

Position Chooser::step_place(const Candidate& candidate, bool first_turn, bool& found) const {
    Position place;
    found = false;
    for (PastId id = candidate.past; id != kNoPast; id = pasts_[id].before) {
        const PastNode& node = pasts_[id];
        if (rule_.steps[static_cast<std::size_t>(node.step)].name == rule_.skip.step_name) {
            place = events_[node.event].position;
            found = true;
            if (!first_turn) {
                break;
            }
        }
    }
    return place;
}

void Chooser::discard_starts(ChoiceState& state, const Position& place, bool place_included, std::vector<Run>& runs,
                             std::vector<Run>& dropped) const {
    const auto discarded = [&](const Position& first) { return less(first, place) || (place_included && !less(place, first)); };
    std::erase_if(state.starts, [&](const ChoiceState::Start& start) { return discarded(start.first); });
    std::erase_if(state.waiting, [&](const Candidate& candidate) {
        const bool gone = discarded(candidate.first);
        if (gone) {
            pasts_.release(candidate.past);
        }
        return gone;
    });
    std::erase_if(runs, [&](Run& run) {
        const bool gone = discarded(run.first);
        if (gone) {
            dropped.push_back(std::move(run));
        }
        return gone;
    });
}

void Chooser::choose_skip(ChoiceState& state, EventTime now, std::vector<Run>& runs, std::vector<Run>& dropped,
                          std::vector<Candidate>& out) const {
    while (!state.starts.empty()) {
        const ChoiceState::Start start = state.starts.front();
        const auto of_start = [&](const Candidate& candidate) { return candidate.first == start.first; };
        auto best = state.waiting.end();
        for (auto it = state.waiting.begin(); it != state.waiting.end(); ++it) {
            if (of_start(*it) && it->decided.time < now && (best == state.waiting.end() || before(*it, *best))) {
                best = it;
            }
        }
        if (best == state.waiting.end()) {
            const bool is_open = std::any_of(state.waiting.begin(), state.waiting.end(), of_start) ||
                                 std::any_of(runs.begin(), runs.end(), [&](const Run& run) { return run.first == start.first; });
            if (is_open) {
                return;
            }
            state.barrier = state.barrier.later(start.end);
            state.starts.erase(state.starts.begin());
            continue;
        }
        Candidate match = *best;
        state.waiting.erase(best);
        const std::uint64_t id = identity(match);
        const bool again = std::any_of(state.chosen.begin(), state.chosen.end(), [&](const ChoiceState::Chosen& old) {
            return old.last == match.last && old.identity == id;
        });
        if (again) {
            pasts_.release(match.past);
            continue;
        }
        state.barrier = match.decided.later(state.barrier);
        match.decided = state.barrier;
        bool skips = true;
        Position place = match.first;
        bool place_included = true;
        switch (rule_.skip.to) {
            case SkipPlan::To::past_last:
                place = match.last;
                break;
            case SkipPlan::To::next:
                break;
            case SkipPlan::To::first_of:
            case SkipPlan::To::last_of:
                place = step_place(match, rule_.skip.to == SkipPlan::To::first_of, skips);
                place_included = false;
                break;
        }
        if (skips) {
            discard_starts(state, place, place_included, runs, dropped);
        }
        // A start that is not discarded gives further matches: the same one must not come twice.
        if (!state.starts.empty() && state.starts.front().first == match.first) {
            state.chosen.push_back({match.last, id});
        } else {
            state.chosen.clear();
        }
        out.push_back(match);
    }
}

}  // namespace tocsin::matcher
