#include <tocsin/matcher/past_pool.hpp>

#include "support/test.hpp"

namespace tocsin::matcher {
namespace {

using event::Value;

struct Pools {
    EventPool events;
    PastPool pasts{events};

    EventId add(const std::string& raw = "{}") { return events.add({}, raw, {}); }
    PastId extend(PastId before, EventId event) { return pasts.extend(before, event, nfa::StepId{0}); }
};

TEST_CASE("an event keeps its own copy of its bytes and strings") {
    EventPool pool;
    std::string raw = R"({"user":"ann"})";
    std::string user = "ann";
    const std::vector<Value> values{Value::of_int(7), Value::of_string(user), Value()};
    const EventId id = pool.add({}, raw, values);
    raw.assign(raw.size(), '#');
    user.assign(user.size(), '#');
    CHECK(pool[id].raw() == R"({"user":"ann"})");
    REQUIRE(pool[id].values.size() == 3);
    CHECK(pool[id].values[0].as_int() == 7);
    CHECK(pool[id].values[1].as_string() == "ann");
    CHECK(pool[id].values[2].is_null());
}

TEST_CASE("an event lives as long as it is referred to") {
    Pools pools;
    const EventId id = pools.add();
    pools.events.retain(id);
    pools.events.release(id);
    CHECK(pools.events.live() == 1);
    pools.events.release(id);
    CHECK(pools.events.live() == 0);
}

TEST_CASE("the place of a released event is used again") {
    Pools pools;
    const EventId first = pools.add("first");
    pools.events.release(first);
    const EventId second = pools.add("second");
    CHECK(second == first);
    CHECK(pools.events[second].raw() == "second");
}

TEST_CASE("the place of an event that lives is not used again") {
    Pools pools;
    const EventId first = pools.add("first");
    const EventId second = pools.add("second");
    CHECK(first != second);
    CHECK(pools.events[first].raw() == "first");
}

TEST_CASE("events stay where they are while others are added") {
    Pools pools;
    const EventId first = pools.add("first");
    const StoredEvent* place = &pools.events[first];
    for (int i = 0; i < 10'000; ++i) {
        (void)pools.add();
    }
    CHECK(&pools.events[first] == place);
}

TEST_CASE("a huge event gives its memory back") {
    Pools pools;
    const EventId id = pools.add(std::string(1 << 20, 'x'));
    pools.events.release(id);
    const EventId again = pools.add("small");
    REQUIRE(again == id);
    CHECK(pools.events[again].bytes.capacity() < 10'000);
}

TEST_CASE("a past keeps its events alive, and lets them go with it") {
    Pools pools;
    const EventId event = pools.add();
    const PastId past = pools.extend(kNoPast, event);
    pools.events.release(event);
    CHECK(pools.events.live() == 1);
    pools.pasts.release(past);
    CHECK(pools.events.live() == 0);
    CHECK(pools.pasts.live() == 0);
}

TEST_CASE("a past is listed in the order of its events") {
    Pools pools;
    const EventId a = pools.add("a");
    const EventId b = pools.add("b");
    const PastId first = pools.pasts.extend(kNoPast, a, nfa::StepId{3});
    const PastId second = pools.pasts.extend(first, b, nfa::StepId{5});
    std::vector<PastPool::Taken> taken;
    pools.pasts.list(second, taken);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].event == a);
    CHECK(taken[0].step == nfa::StepId{3});
    CHECK(taken[1].event == b);
    CHECK(taken[1].step == nfa::StepId{5});
    CHECK(pools.pasts[second].length == 2);
}

TEST_CASE("the past of nothing is listed as nothing") {
    Pools pools;
    std::vector<PastPool::Taken> taken;
    pools.pasts.list(kNoPast, taken);
    CHECK(taken.empty());
}

TEST_CASE("runs that split share their past, and it lives as long as one of them") {
    Pools pools;
    const EventId event = pools.add();
    const PastId shared = pools.extend(kNoPast, event);
    const PastId left = pools.extend(shared, event);
    const PastId right = pools.extend(shared, event);
    pools.events.release(event);
    pools.pasts.release(shared);
    CHECK(pools.pasts.live() == 3);
    pools.pasts.release(left);
    CHECK(pools.pasts.live() == 2);
    CHECK(pools.events.live() == 1);
    pools.pasts.release(right);
    CHECK(pools.pasts.live() == 0);
    CHECK(pools.events.live() == 0);
}

TEST_CASE("a past that is retained twice is released twice") {
    Pools pools;
    const PastId past = pools.extend(kNoPast, pools.add());
    pools.pasts.retain(past);
    pools.pasts.release(past);
    CHECK(pools.pasts.live() == 1);
    pools.pasts.release(past);
    CHECK(pools.pasts.live() == 0);
}

TEST_CASE("a past of a million events is released without recursion") {
    Pools pools;
    const EventId event = pools.add();
    PastId past = kNoPast;
    for (int i = 0; i < 1'000'000; ++i) {
        const PastId longer = pools.extend(past, event);
        if (past != kNoPast) {
            pools.pasts.release(past);
        }
        past = longer;
    }
    pools.pasts.release(past);
    CHECK(pools.pasts.live() == 0);
    CHECK(pools.events[event].references == 1);
}

}  // namespace
}  // namespace tocsin::matcher
