#include <tocsin/matcher/past_pool.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using namespace std::chrono_literals;

using Path = std::vector<EventId>;

/// A set of pasts beside the list that it stands for, in order of start.
struct Set {
    PastId id{kNoPast};
    std::vector<std::pair<EventTime, Path>> paths;
};

class Sets {
public:
    ~Sets() {
        for (const EventId event : held_) {
            events_.release(event);
        }
    }

    EventId event(EventTime time) {
        Position position;
        position.time = time;
        held_.push_back(events_.add(position, "{}", {}));
        return held_.back();
    }
    Set start(EventTime time) {
        pasts_.next_start();
        const EventId first = event(time);
        return {pasts_.extend(kNoPast, first, nfa::StepId{0}), {{time, {first}}}};
    }
    /// Takes the set over.
    Set extend(Set set, EventTime time) {
        const EventId taken = event(time);
        const PastId longer = pasts_.extend(set.id, taken, nfa::StepId{1});
        pasts_.release(set.id);
        for (auto& [start, path] : set.paths) {
            path.push_back(taken);
        }
        return {longer, std::move(set.paths)};
    }
    Set unite(Set older, const Set& newer) {
        older.id = pasts_.unite(older.id, newer.id);
        older.paths.insert(older.paths.end(), newer.paths.begin(), newer.paths.end());
        return older;
    }
    Set copy(const Set& set) {
        pasts_.retain(set.id);
        return set;
    }
    void prune(Set& set, EventTime since) {
        set.id = pasts_.prune(set.id, since).set;
        std::erase_if(set.paths, [&](const auto& one) { return one.first < since; });
    }
    Path oldest(const Set& set, EventTime since) {
        const PastId past = pasts_.oldest(set.id, since);
        std::vector<PastPool::Taken> taken;
        pasts_.list(past, taken);
        CHECK(pasts_[past].length == taken.size());
        pasts_.release(past);
        Path path;
        std::transform(taken.begin(), taken.end(), std::back_inserter(path), [](const auto& one) { return one.event; });
        return path;
    }
    void check(const Set& set) {
        for (const auto& [start, path] : set.paths) {
            const auto first = std::find_if(set.paths.begin(), set.paths.end(), [&](const auto& one) { return one.first >= start; });
            RC_ASSERT(oldest(set, start) == first->second);
        }
    }
    void release(const Set& set) { pasts_.release(set.id); }

    [[nodiscard]] PastPool& pasts() { return pasts_; }

private:
    EventPool events_;
    PastPool pasts_{events_};
    std::vector<EventId> held_;
};

TEST_CASE("the oldest past is found whatever was extended, united, copied and pruned") {
    CHECK(rc::check([] {
        Sets sets;
        EventTime now = EventTime(0);
        std::vector<Set> live;
        const int steps = *rc::gen::inRange(1, 120);
        for (int i = 0; i < steps; ++i) {
            now = now + Duration(*rc::gen::inRange(0, 2));
            const auto any = [&] { return *rc::gen::inRange<std::size_t>(0, live.size()); };
            switch (*rc::gen::inRange(0, 8)) {
                case 0:
                case 1:
                    live.push_back(sets.start(now));
                    break;
                case 2:
                    if (!live.empty()) {
                        live.push_back(sets.copy(live[any()]));
                    }
                    break;
                case 3:
                    if (!live.empty()) {
                        Set& set = live[any()];
                        sets.prune(set, set.paths[*rc::gen::inRange<std::size_t>(0, set.paths.size())].first);
                    }
                    break;
                case 4:
                case 5:
                    if (!live.empty()) {
                        Set& set = live[any()];
                        set = sets.extend(set, now);
                    }
                    break;
                default:
                    if (!live.empty()) {
                        const std::size_t a = any();
                        const std::size_t b = any();
                        if (a != b && sets.pasts().precedes(live[a].id, live[b].id)) {
                            live[a] = sets.unite(live[a], live[b]);
                            live.erase(live.begin() + static_cast<std::ptrdiff_t>(b));
                        }
                    }
            }
            for (const Set& set : live) {
                sets.check(set);
            }
        }
        for (const Set& set : live) {
            sets.release(set);
        }
        RC_ASSERT(sets.pasts().live() == 0);
    }));
}

TEST_CASE("the way to the oldest of many pasts is short, and pruning gives back what is too old") {
    Sets sets;
    Set set = sets.start(EventTime(0));
    for (int i = 1; i < 100'000; ++i) {
        set.id = sets.pasts().unite(set.id, sets.start(EventTime(i)).id);
    }
    CHECK(sets.pasts()[set.id].depth == 99'999);
    const PastId middle = sets.pasts().oldest(set.id, EventTime(50'000));
    CHECK(sets.pasts()[middle].newest_time == EventTime(50'000));
    sets.pasts().release(middle);
    set.id = sets.pasts().prune(set.id, EventTime(99'990)).set;
    CHECK(sets.pasts().live() == 10);
    sets.pasts().release(set.id);
    CHECK(sets.pasts().live() == 0);
}

}  // namespace
}  // namespace tocsin::matcher
