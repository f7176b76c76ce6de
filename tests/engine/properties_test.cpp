// What must always hold (docs/semantics.md), over random rules and streams.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>

#include "engine/check_cases.hpp"
#include "engine/engine_run.hpp"
#include "generate.hpp"
#include "support/test.hpp"

namespace {

using namespace tocsin;
using test::EngineRun;

std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

std::string written(const EngineRun& run) {
    REQUIRE(run.problems == "");
    std::string text;
    for (const alerts::Output& output : run.output) {
        text += test::describe(output) + "\n";
    }
    return text;
}

/// What is left standing of the alerts, in order: added and not taken back, with their last decision time and values.
std::string net(const EngineRun& run) {
    std::map<std::pair<std::string, std::uint64_t>, std::string> standing;
    REQUIRE(run.problems == "");
    std::string problems;
    for (const alerts::Output& output : run.output) {
        const auto* alert = std::get_if<alerts::Alert>(&output);
        if (alert == nullptr) {
            continue;
        }
        const std::pair key(alert->rule, alert->id);
        const bool stands = standing.contains(key);
        if (stands != (alert->op != alerts::Op::alert)) {
            problems += "not in turn: " + test::describe(output) + "\n";
        }
        if (alert->op == alerts::Op::retract) {
            standing.erase(key);
        } else {
            alerts::Alert plain = *alert;
            plain.op = alerts::Op::alert;
            standing[key] = test::describe(plain);
        }
    }
    std::vector<std::string> lines;
    for (const auto& [key, line] : standing) {
        lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return problems + text_of(lines);
}

std::int64_t number_after(const std::string& line, const std::string& name) {
    return std::stoll(line.substr(line.find(name) + name.size()));
}

std::vector<std::string> in_event_order(std::vector<std::string> lines) {
    std::stable_sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
        return number_after(a, "\"ts\": ") < number_after(b, "\"ts\": ");
    });
    return lines;
}

/// The rule is the last thing of the generated text.
std::string with(const reference::Case& one, const std::string& clauses) { return one.rules + clauses; }

std::string report(std::uint64_t seed, const std::string& rules, const std::vector<std::string>& lines, const std::string& wanted,
                   const std::string& got) {
    return fmt::format("case seed {}\n{}\n{}\nwanted:\n{}\ngot:\n{}", seed, rules, text_of(lines), wanted, got);
}

std::vector<reference::GeneratorOptions> patterns_and_windows() {
    reference::GeneratorOptions windows;
    windows.windows = true;
    return {{}, windows};
}

}  // namespace

TEST_CASE("any order of arrival inside the slack gives the output of the sorted input, byte for byte") {
    for (const reference::GeneratorOptions& options : patterns_and_windows()) {
        test::check_cases("order inside the slack does not show", [&](std::uint64_t seed) {
            const reference::Case one = reference::make_case(seed, options);
            if (test::explodes(one.rules, one.lines)) {
                return;
            }
            const std::string sorted = written(test::run_engine(one.rules, in_event_order(one.lines), 1, 4096));
            const std::string came = written(test::run_engine(one.rules, one.lines, 1, 4096));
            if (came != sorted) {
                RC_FAIL(report(seed, one.rules, one.lines, sorted, came));
            }
        });
    }
}

TEST_CASE("where nothing is too late, early and late alerts come to what the sorted input gives") {
    for (reference::GeneratorOptions options : patterns_and_windows()) {
        options.beyond_slack = true;
        test::check_cases("early and late come to the same", [&](std::uint64_t seed) {
            const reference::Case one = reference::make_case(seed, options);
            if (test::explodes(one.rules, one.lines)) {
                return;
            }
            const std::string sorted = net(test::run_engine(one.rules, in_event_order(one.lines), 1, 4096));
            for (const char* clauses : {"  lateness 1d\n", "  lateness 1d\n  emit early\n"}) {
                const std::string rules = with(one, clauses);
                for (const auto& [threads, batch] : {std::pair<unsigned, std::size_t>{1, 1}, {2, 7}, {1, 4096}}) {
                    const std::string got = net(test::run_engine(rules, one.lines, threads, batch));
                    if (got != sorted) {
                        RC_FAIL(report(seed, rules, one.lines, sorted, got));
                    }
                }
            }
        });
    }
}

TEST_CASE("a final rule without lateness takes nothing back, and the times of its output never go down") {
    for (reference::GeneratorOptions options : patterns_and_windows()) {
        options.beyond_slack = true;
        options.control = true;
        test::check_cases("nothing is taken back", [&](std::uint64_t seed) {
            const reference::Case one = reference::make_case(seed, options);
            if (test::explodes(one.rules, one.lines)) {
                return;
            }
            const EngineRun run = test::run_engine(one.rules, one.lines, 1, 3);
            EventTime last = EventTime::lowest();
            for (const alerts::Output& output : run.output) {
                if (const auto* alert = std::get_if<alerts::Alert>(&output)) {
                    RC_ASSERT(alert->op == alerts::Op::alert);
                    RC_ASSERT(alert->time >= last);
                    last = alert->time;
                }
            }
        });
    }
}

TEST_CASE("nothing is held at the end of the input, and the counters add up") {
    for (reference::GeneratorOptions options : patterns_and_windows()) {
        options.beyond_slack = true;
        options.control = true;
        options.duplicates = true;
        options.lateness = true;
        options.early = true;
        test::check_cases("no state is left, counters add up", [&](std::uint64_t seed) {
            const reference::Case one = reference::make_case(seed, options);
            if (test::explodes(one.rules, one.lines)) {
                return;
            }
            const EngineRun run = test::run_engine(one.rules, one.lines, 2, 5);
            RC_ASSERT(run.left.runs + run.left.events + run.left.keys == 0U);
            std::uint64_t late = 0;
            for (const alerts::Output& output : run.output) {
                late += std::holds_alternative<alerts::LateRecord>(output) ? 1U : 0U;
            }
            std::uint64_t too_late = 0;
            for (const engine::StreamCounters& counts : run.counters.streams) {
                RC_ASSERT(counts.received == counts.on_time + counts.late_accepted + counts.too_late + counts.duplicate +
                                                 counts.without_time);
                too_late += counts.too_late;
            }
            RC_ASSERT(late == too_late);
            for (const engine::RuleCounters& counts : run.counters.rules) {
                RC_ASSERT(counts.received == counts.on_time + counts.late_accepted + counts.too_late + counts.duplicate);
            }
            std::map<std::string, std::int64_t> live;
            for (const alerts::Output& output : run.output) {
                if (const auto* alert = std::get_if<alerts::Alert>(&output)) {
                    live[alert->rule] += alert->op == alerts::Op::alert ? 1 : alert->op == alerts::Op::retract ? -1 : 0;
                }
            }
            for (std::size_t r = 0; r < run.rule_names.size(); ++r) {
                const engine::RuleCounters& counts = run.counters.rules[r];
                RC_ASSERT(static_cast<std::int64_t>(counts.alerts - counts.retracts) == live[run.rule_names[r]]);
                RC_ASSERT(live[run.rule_names[r]] >= 0);
            }
        });
    }
}
