// All candidates of one rule among the events of one key, by explicit search over the pattern tree.
//
// A run is what it has taken and a tree of the alternatives that are open to it. The tree is made anew from the pattern
// whenever an event is taken (expand), and an event that passes closes what it closes (pass). Nothing is shared between
// runs, nothing is looked up by state: the cost is exponential where the language allows exponentially many runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "eval.hpp"

namespace reference {

// When something was settled. By time: it needed the clock to pass `at`; else an event at `at` did it.
struct Moment {
    std::int64_t at = INT64_MIN;
    bool by_time = false;

    void later_of(const Moment& other) {
        if (other.at > at || (other.at == at && other.by_time)) {
            *this = other;
        }
    }
};

struct Candidate {
    std::vector<Taken> taken;
    Moment decided;
};

struct Start {
    int event = 0;
    std::vector<Candidate> candidates;  // each once, in order of decision
    Moment over;                        // when all runs of the start have ended
};

struct MatchInput {
    const ProgramTree* program = nullptr;
    const Rule* rule = nullptr;
    const std::vector<Event>* events = nullptr;  // of the key, in order
    const std::map<int, std::vector<Event>>* tables = nullptr;
    const Fields* key = nullptr;  // its values by name
    std::size_t max_runs = 20'000;
};

// Sets `too_big` and stops early when a start has more than `max_runs` runs at once.
std::vector<Start> find_candidates(const MatchInput& input, bool& too_big);

// What remains by `overlap` or `skip`; in order of (decision time, ties).
std::vector<Candidate> choose(const Rule& rule, std::vector<Start> starts);

// Decision time, then the language's ties.
bool comes_first(const Candidate& a, const Candidate& b);

// What `let` and, after them, `return` give; where a rule has neither, the key's values alone are visible in `where`.
Fields lets_of(const MatchInput& input, Scope scope);

Scope scope_of_run(const MatchInput& input, const std::vector<Taken>& taken);

}  // namespace reference
