// A window rule whose events come in any order and are taken back, against the same rule over the same events in order.

#include <algorithm>
#include <cstdlib>
#include <random>

#include <rapidcheck.h>

#include "matcher/window_driver.hpp"

namespace tocsin::test {
namespace {

int cases() {
    const char* given = std::getenv("TOCSIN_CASES");
    return given != nullptr ? std::atoi(given) : 400;
}

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    int between(int least, int most) { return static_cast<int>(random_() % static_cast<std::uint64_t>(most - least + 1)) + least; }
    bool chance(int percent) { return between(1, 100) <= percent; }
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(between(0, static_cast<int>(all.size()) - 1))];
    }

private:
    std::mt19937_64 random_;
};

std::string make_rule(Dice& dice) {
    const int size = dice.between(1, 9);
    const int kind = dice.between(0, 3);
    std::string rule = fmt::format("  window {}", kind == 1 ? "sliding " : kind == 2 ? "session " : "") + fmt::format("{}s", size);
    if (kind == 3) {
        rule += fmt::format(" every {}s", dice.between(1, size));
    }
    if ((kind == 0 || kind == 3) && dice.chance(40)) {
        rule += fmt::format(" for {}s", dice.between(1, 20));
    }
    rule += " on S\n  by k\n";
    if (kind == 1 && dice.chance(40)) {
        rule += "  overlap none\n";
    }
    rule += "  let n = count()\n  let s = sum(x)\n  let c = count(v > 2)\n";
    if (dice.chance(80)) {
        rule += "  where " + dice.one_of<std::string>({"n >= 2", "n = 0 or c > 1", "n > coalesce(prev(n), 0)", "prev(c) = null or c >= prev(c)",
                                                       "prev(s) = null or s > prev(s)", "last(v) > first(v)"}) +
                "\n";
    }
    std::string returns;
    for (const char* one : {"a = avg(x)", "d = distinct(s)", "m = min(x)", "t = max(s)", "q = quantile(x, 0.5)", "e = stddev(x)", "f = first(v)",
                            "l = last(s)", "p = prev(n)", "z = distinct~(v)", "y = quantile~(x, 0.9)"}) {
        if (dice.chance(40)) {
            returns += (returns.empty() ? "  return " : ", ") + std::string(one);
        }
    }
    return rule + returns;
}

WindowEvent make_event(Dice& dice, std::int64_t least, std::uint64_t offset) {
    const auto value = [&](const std::string& json) { return dice.chance(15) ? std::string("null") : json; };
    WindowEvent event;
    event.millis = least + dice.between(0, 30) * 500;
    event.offset = offset;
    event.key = dice.chance(70) ? "a" : "b";
    event.fields = "\"v\":" + value(std::to_string(dice.between(0, 5))) + ",\"x\":" + value(fmt::format("{}", 0.1 * dice.between(-20, 20))) +
                   ",\"s\":" + value(fmt::format("\"{}\"", static_cast<char>('p' + dice.between(0, 3))));
    return event;
}

std::string draw(const std::map<std::string, std::string>& shown) {
    std::string out;
    for (const auto& [id, values] : shown) {
        out += id + values + "\n";
    }
    return out;
}

/// What of the meaning can be seen at a time: what only time decides has to be passed.
std::map<std::string, std::string> visible(const std::string& rule, const std::vector<WindowEvent>& events, EventTime shown) {
    std::map<std::string, std::string> out = in_order(rule, events);
    const bool at_once = rule.find("sliding") != std::string::npos;
    std::erase_if(out, [&](const auto& one) {
        const std::size_t at = one.second.find(" at ") + 4;
        return !at_once && EventTime::from_millis(std::stoll(one.second.substr(at))) >= shown;
    });
    return out;
}

/// Random events, removals and clocks; after each step all that is shown must be the meaning of what is there.
void run_case(std::uint64_t seed) {
    Dice dice(seed);
    const std::string rule = make_rule(dice);
    WindowDriver driver(rule, true);
    std::vector<WindowEvent> events;
    std::string story = rule + "\n";
    std::int64_t shown = 0;
    std::int64_t settled = 0;
    std::uint64_t next = 1;
    const int steps = dice.between(5, 60);
    for (int step = 0; step < steps; ++step) {
        const int what = dice.between(0, 9);
        if (what < 5) {
            events.push_back(make_event(dice, settled, next++));
            const WindowEvent& event = events.back();
            story += fmt::format("add {} #{} {} {}\n", event.millis, event.offset, event.key, event.fields);
            driver.add(event);
        } else if (what < 7) {
            std::vector<WindowEvent> open;
            std::copy_if(events.begin(), events.end(), std::back_inserter(open), [&](const WindowEvent& e) { return e.millis >= settled; });
            if (open.empty()) {
                continue;
            }
            const WindowEvent gone = dice.one_of(open);
            story += fmt::format("remove {} #{}\n", gone.millis, gone.offset);
            driver.remove(gone);
            driver.remove(gone);        // what is not there any more is not taken back again
            std::erase_if(events, [&](const WindowEvent& e) { return e.offset == gone.offset; });
            if (dice.chance(20)) {
                story += "and back\n";
                driver.add(gone);
                events.push_back(gone);
            }
        } else {
            shown += dice.between(0, 12) * 500;
            settled = std::max(settled, shown - dice.between(0, 30) * 500);
            story += fmt::format("pass {} {}\n", shown, settled);
            driver.pass(shown, settled);
        }
        if (dice.chance(60)) {
            const std::string is = draw(driver.shown());
            const std::string expected = draw(visible(rule, events, EventTime::from_millis(shown)));
            if (is != expected) {
                RC_FAIL(fmt::format("seed {}\n{}shown:\n{}expected:\n{}", seed, story, is, expected));
            }
        }
    }
    driver.end();
    const std::string is = draw(driver.shown());
    const std::string expected = draw(in_order(rule, events));
    if (is != expected) {
        RC_FAIL(fmt::format("seed {}\n{}at the end:\n{}expected:\n{}", seed, story, is, expected));
    }
    RC_ASSERT(driver.matcher().live_keys() == 0U);
    RC_ASSERT(driver.matcher().live_runs() == 0U);
}

TEST_CASE("events in any order, some taken back, show at each moment what the events that are there mean") {
    rc::detail::TestMetadata metadata;
    metadata.id = "windows under revision";
    metadata.description = metadata.id;
    rc::detail::TestParams params = rc::detail::configuration().testParams;
    params.maxSuccess = cases();
    params.disableShrinking = true;
    const auto result = rc::detail::checkTestable([] { run_case(*rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>())); }, metadata, params);
    rc::detail::printResultMessage(result, std::cout);
    REQUIRE(result.template is<rc::detail::SuccessResult>());
}

}  // namespace
}  // namespace tocsin::test
