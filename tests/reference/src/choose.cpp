// Which candidates are matches.
#include <algorithm>
#include <map>

#include "matcher.hpp"

namespace reference {
namespace {

std::vector<Candidate> all_of(std::vector<Start>& starts) {
    std::vector<Candidate> all;
    for (Start& start : starts) {
        std::move(start.candidates.begin(), start.candidates.end(), std::back_inserter(all));
    }
    std::sort(all.begin(), all.end(), comes_first);
    return all;
}

std::vector<Candidate> first_of_each_end(std::vector<Start>& starts) {
    std::map<int, Candidate> by_end;
    for (Candidate& c : all_of(starts)) {
        const int end = c.taken.back().event;
        by_end.emplace(end, std::move(c));  // in order of decision: the first one stays
    }
    std::vector<Candidate> out;
    for (auto& [end, c] : by_end) {
        out.push_back(std::move(c));
    }
    return out;
}

std::vector<Candidate> without_overlap(std::vector<Start>& starts) {
    std::vector<Candidate> out;
    int last = -1;
    for (Candidate& c : all_of(starts)) {
        if (c.taken.front().event > last) {
            last = c.taken.back().event;
            out.push_back(std::move(c));
        }
    }
    return out;
}

// The event before which starts are discarded, or -1.
int place(const Rule& rule, const Candidate& match) {
    if (rule.choice == Choice::kSkipPastLast) {
        return match.taken.back().event + 1;
    }
    if (rule.choice == Choice::kSkipToNext) {
        return match.taken.front().event + 1;
    }
    int at = -1;
    for (const Taken& t : match.taken) {
        if (t.step == rule.skip_step && (at < 0 || rule.choice == Choice::kSkipToLast)) {
            at = t.event;
        }
    }
    return at;
}

std::vector<Candidate> skipping(const Rule& rule, std::vector<Start>& starts) {
    std::vector<Candidate> matches;
    int discarded_before = 0;
    Moment settled;  // the latest of the ends of earlier starts that were not discarded, and of the matches before
    for (std::size_t i = 0; i < starts.size(); ++i) {
        Start& start = starts[i];
        if (start.event < discarded_before) {
            continue;
        }
        // Earlier starts count while they are not discarded; a match before, whatever discarded what, counts too.
        Moment earlier = settled;
        for (std::size_t j = 0; j < i; ++j) {
            if (starts[j].event >= discarded_before) {
                earlier.later_of(starts[j].over);
            }
        }
        for (Candidate& c : start.candidates) {
            c.decided.later_of(earlier);
            c.decided.later_of(settled);
            settled = c.decided;
            discarded_before = std::max(discarded_before, place(rule, c));
            matches.push_back(std::move(c));
            if (start.event < discarded_before) {
                break;
            }
        }
    }
    return matches;
}

}  // namespace

bool comes_first(const Candidate& a, const Candidate& b) {
    if (a.decided.at != b.decided.at) {
        return a.decided.at < b.decided.at;
    }
    if (a.taken.back().event != b.taken.back().event) {
        return a.taken.back().event < b.taken.back().event;
    }
    if (a.taken.front().event != b.taken.front().event) {
        return a.taken.front().event < b.taken.front().event;
    }
    if (a.taken.size() != b.taken.size()) {
        return a.taken.size() > b.taken.size();
    }
    for (std::size_t i = 0; i < a.taken.size(); ++i) {
        if (a.taken[i].event != b.taken[i].event) {
            return a.taken[i].event < b.taken[i].event;
        }
    }
    for (std::size_t i = 0; i < a.taken.size(); ++i) {
        if (a.taken[i].step != b.taken[i].step) {
            return a.taken[i].step < b.taken[i].step;
        }
    }
    return false;
}

std::vector<Candidate> choose(const Rule& rule, std::vector<Start> starts) {
    std::vector<Candidate> chosen;
    switch (rule.choice) {
        case Choice::kAll: chosen = all_of(starts); break;
        case Choice::kEnds: chosen = first_of_each_end(starts); break;
        case Choice::kNone: chosen = without_overlap(starts); break;
        default: chosen = skipping(rule, starts); break;
    }
    std::sort(chosen.begin(), chosen.end(), comes_first);
    return chosen;
}

}  // namespace reference
