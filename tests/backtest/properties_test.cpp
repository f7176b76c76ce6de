// What must hold of every comparison, over random rules and streams.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <rapidcheck.h>

#include "backtest/comparing.hpp"
#include "engine/check_cases.hpp"
#include "engine/engine_run.hpp"
#include "generate.hpp"

namespace {

using namespace tocsin;
using namespace tocsin::test;

reference::GeneratorOptions everything() {
    reference::GeneratorOptions options;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    options.lateness = true;
    options.early = true;
    options.tables = true;
    options.windows = true;
    return options;
}

std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

/// Hands both outputs over in pieces that come in any order.
Comparison interleaved(const std::shared_ptr<const plan::Program>& before, const std::shared_ptr<const plan::Program>& after,
                       std::vector<alerts::Output> old_output, std::vector<alerts::Output> new_output, std::uint64_t seed) {
    auto comparer = backtest::Comparer::create({before, after, {}}, nullptr);
    RC_ASSERT(comparer.has_value());
    std::mt19937_64 random(seed);
    std::size_t b = 0;
    std::size_t a = 0;
    while (b < old_output.size() || a < new_output.size()) {
        const bool old_turn = a == new_output.size() || (b < old_output.size() && random() % 2 == 0);
        std::size_t& at = old_turn ? b : a;
        auto& output = old_turn ? old_output : new_output;
        const std::size_t count = std::min<std::size_t>(output.size() - at, 1 + random() % 3);
        comparer->take(old_turn ? Side::before : Side::after, std::span(output).subspan(at, count));
        at += count;
    }
    return std::move(*comparer).finish();
}

/// Of what stands at the end: what it is, and all else that is said of it. Written without the code under test.
struct Standing {
    std::string identity;
    std::string content;
};
std::vector<Standing> standing(const std::vector<alerts::Output>& output) {
    std::map<std::uint64_t, alerts::Alert> by_id;
    for (const alerts::Output& one : output) {
        if (const auto* alert = std::get_if<alerts::Alert>(&one)) {
            by_id.erase(alert->id);
            if (alert->op != alerts::Op::retract) {
                by_id.emplace(alert->id, *alert);
            }
        }
    }
    std::vector<Standing> result;
    for (auto& [id, alert] : by_id) {
        std::multiset<std::string> places;
        std::string steps;
        for (const alerts::AlertStep& step : alert.steps) {
            steps += step.name + " ";
            for (const alerts::AlertEvent& event : step.events) {
                const std::string place = fmt::format("{}/{}/{}", event.input, event.partition, event.offset);
                places.insert(place);
                steps += place + " ";
            }
        }
        std::string identity = alert.rule;
        for (const auto& [name, json] : alert.key) {
            identity += "|" + name + "=" + json;
        }
        if (alert.window) {
            identity += fmt::format("|{}-{}", alert.window->start.micros(), alert.window->end.micros());
            identity +=
                alert.window->event ? fmt::format("|{}/{}", alert.window->event->partition, alert.window->event->offset) : "";
        }
        for (const std::string& place : places) {
            identity += "|" + place;
        }
        std::string content =
            fmt::format("{} {} {} {}", static_cast<int>(alert.severity), alert.time.micros(), steps, alert.text);
        std::map<std::string, std::string> values(alert.values.begin(), alert.values.end());
        for (const auto& [name, json] : values) {
            content += " " + name + "=" + json;
        }
        result.push_back({std::move(identity), std::move(content)});
    }
    return result;
}

/// Every alert of one side with every one of the other.
Counts by_hand(std::vector<Standing> before, std::vector<Standing> after) {
    Counts counts;
    counts.before = before.size();
    counts.after = after.size();
    const auto pair_up = [&](auto same, std::uint64_t& count) {
        for (auto b = before.begin(); b != before.end();) {
            const auto a = std::find_if(after.begin(), after.end(), [&](const Standing& one) { return same(*b, one); });
            if (a == after.end()) {
                ++b;
                continue;
            }
            after.erase(a);
            b = before.erase(b);
            ++count;
        }
    };
    pair_up([](const Standing& b, const Standing& a) { return b.identity == a.identity && b.content == a.content; },
            counts.unchanged);
    pair_up([](const Standing& b, const Standing& a) { return b.identity == a.identity; }, counts.changed);
    counts.removed = before.size();
    counts.added = after.size();
    return counts;
}

}  // namespace

TEST_CASE("rules that are held against themselves add, remove and change nothing") {
    std::uint64_t alerts = 0;
    check_cases("backtest of the same rules", [&](std::uint64_t seed) {
        const reference::Case one = reference::make_case(seed, everything());
        RC_PRE(!explodes(one.rules, one.lines));
        const auto program = compile(one.rules);
        const Replayed before = replay_text(program, text_of(one.lines));
        const Replayed after = replay_text(program, text_of(one.lines), {.batch = 1 + seed % 7});
        const Counts counts = interleaved(program, program, before.output, after.output, seed).total();
        RC_ASSERT(!counts.differ());
        RC_ASSERT(counts.unchanged == standing(before.output).size());
        alerts += counts.unchanged;
    });
    CHECK(alerts > 100);
}

TEST_CASE("counts are those of holding every alert against every other") {
    Counts seen;
    check_cases("backtest by hand", [&](std::uint64_t seed) {
        const reference::Case one = reference::make_case(seed, everything());
        RC_PRE(!explodes(one.rules, one.lines));
        const auto program = compile(one.rules);
        const std::string events = text_of(one.lines);
        const Replayed before = replay_text(program, events);
        std::vector<reference::Case> others = reference::smaller(one);
        std::erase_if(others, [&](const reference::Case& other) { return other.rules == one.rules; });
        std::shuffle(others.begin(), others.end(), std::mt19937_64(seed));
        others.resize(std::min<std::size_t>(others.size(), 2));
        for (const reference::Case& other : others) {
            if (explodes(other.rules, one.lines)) {
                continue;
            }
            const auto changed = compile(other.rules);
            const Replayed after = replay_text(changed, events);
            const Comparison result = interleaved(program, changed, before.output, after.output, seed);
            const Counts counts = result.total();
            RC_ASSERT(counts == by_hand(standing(before.output), standing(after.output)));
            RC_ASSERT(result.added.size() == counts.added && result.removed.size() == counts.removed &&
                      result.changed.size() == counts.changed);
            for (const backtest::Difference& difference : result.changed) {
                RC_ASSERT(!difference.changes.empty());
            }
            seen += counts;
        }
    });
    CHECK(seen.added > 0);
    CHECK(seen.removed > 0);
    CHECK(seen.changed > 0);
    CHECK(seen.unchanged > 0);
}
