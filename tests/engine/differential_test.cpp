// The engine against the reference matcher, which shares no code with it: random rules over random streams.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>

#include "engine/check_cases.hpp"
#include "engine/engine_run.hpp"
#include "generate.hpp"
#include "reference/reference.hpp"
#include "support/test.hpp"

namespace {

using namespace tocsin;

std::string describe(const reference::Alert& alert) {
    std::string text = alert.op == reference::Op::kRetract ? "retract " : alert.op == reference::Op::kCorrect ? "correct " : "";
    text += alert.rule + " ";
    for (const std::string& part : alert.key) {
        text += part + " ";
    }
    text += fmt::format("at {}", alert.time_us);
    if (alert.is_window) {
        text += fmt::format(" [{}, {})", alert.window_start_us, alert.window_end_us);
    }
    if (alert.is_window && !alert.window_event.input.empty()) {
        text += fmt::format(" at {}/{}", alert.window_event.partition, alert.window_event.offset);
    }
    for (const auto& [name, value] : alert.values) {
        text += fmt::format(" {}={}", name, value);
    }
    std::map<std::string, std::string> steps;
    for (const auto& [name, event] : alert.steps) {
        steps[name] += fmt::format(" {}/{}", event.partition, event.offset);
    }
    for (const auto& [name, events] : steps) {
        text += fmt::format(" {}[{} ]", name, events);
    }
    return text;
}

std::string describe(const reference::Late& late) {
    std::string rules;
    for (const std::string& rule : late.rules) {
        rules += " " + rule;
    }
    return fmt::format("late {} {}/{} behind {} ms for{}", late.stream, late.event.partition, late.event.offset,
                       (late.behind_us + 999) / 1000, rules);
}

/// Of the reference or of the engine: they have the same names.
template <class Counters>
std::string describe(const std::string& rule, const Counters& c) {
    return fmt::format("{}: received {} on time {} late {} too late {} duplicate {} null key {} alerts {} retracts {} corrects {}",
                       rule, c.received, c.on_time, c.late_accepted, c.too_late, c.duplicate, c.null_key, c.alerts, c.retracts,
                       c.corrects);
}

std::string lines_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

/// What the reference says, rule by rule, then the late records, then the counters.
std::optional<std::string> by_reference(const reference::Case& one) {
    const auto program = reference::parse(one.rules);
    if (!program) {
        return "the reference cannot read the rules: " + program.error();
    }
    std::string text;
    for (const std::string& line : one.lines) {
        text += line + "\n";
    }
    const auto records = reference::read_ndjson(text, "input");
    const reference::Output output = reference::run(*program, records);
    if (output.too_big) {
        return std::nullopt;
    }
    std::vector<std::string> lines;
    for (const reference::Alert& alert : output.alerts) {
        lines.push_back(describe(alert));
    }
    for (const reference::Late& late : output.late) {
        lines.push_back(describe(late));
    }
    for (const auto& [rule, counts] : output.counters) {
        lines.push_back(describe(rule, counts));
    }
    return lines_of(lines);
}

std::string by_engine(const reference::Case& one, unsigned threads, std::size_t batch) {
    const test::EngineRun run = test::run_engine(one.rules, one.lines, threads, batch);
    if (!run.problems.empty()) {
        return "the engine refuses the rules:\n" + run.problems;
    }
    std::vector<std::string> lines;
    for (const std::string& rule : run.rule_names) {
        for (const alerts::Output& output : run.output) {
            const auto* alert = std::get_if<alerts::Alert>(&output);
            if (alert != nullptr && alert->rule == rule) {
                lines.push_back(test::describe(output));
            }
        }
    }
    for (const alerts::Output& output : run.output) {
        if (std::holds_alternative<alerts::LateRecord>(output)) {
            lines.push_back(test::describe(output));
        }
    }
    std::map<std::string, std::string> counts;
    for (std::size_t r = 0; r < run.rule_names.size(); ++r) {
        const engine::RuleCounters& c = run.counters.rules[r];
        counts[run.rule_names[r]] = describe(run.rule_names[r], c);
    }
    for (const auto& [rule, line] : counts) {
        lines.push_back(line);
    }
    if (run.left.runs != 0 || run.left.events != 0 || run.left.keys != 0) {
        lines.push_back(fmt::format("held after the end: {} runs, {} events, {} keys", run.left.runs, run.left.events, run.left.keys));
    }
    return lines_of(lines);
}

bool differs(const reference::Case& one) {
    const auto expected = by_reference(one);
    return expected && *expected != by_engine(one, 1, 4096);
}

/// Leaves out what it can while the case still fails.
reference::Case shrink(reference::Case failing) {
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (reference::Case& candidate : reference::smaller(failing)) {
            if (differs(candidate)) {
                failing = std::move(candidate);
                smaller = true;
                break;
            }
        }
    }
    return failing;
}

std::string report(const reference::Case& one) {
    return fmt::format("rules:\n{}\nrecords:\n{}\nreference:\n{}\nengine:\n{}", one.rules, lines_of(one.lines),
                       by_reference(one).value_or("(too big)"), by_engine(one, 1, 4096));
}

void check_property(const std::string& name, const reference::GeneratorOptions& options) {
    test::check_cases(name, [&](std::uint64_t seed) {
        const reference::Case one = reference::make_case(seed, options);
        if (test::explodes(one.rules, one.lines)) {
            return;
        }
        const auto expected = by_reference(one);
        if (!expected) {
            return;
        }
        const std::string whole = by_engine(one, 1, 4096);
        if (whole != *expected) {
            RC_FAIL(fmt::format("case seed {}\n{}", seed, report(shrink(one))));
        }
        for (const auto& [threads, batch] : {std::pair<unsigned, std::size_t>{1, 1}, {2, 7}, {8, 3}}) {
            if (by_engine(one, threads, batch) != whole) {
                RC_FAIL(fmt::format("case seed {}: {} threads in batches of {} give another output\n{}\nthen:\n{}", seed, threads,
                                    batch, report(one), by_engine(one, threads, batch)));
            }
        }
    });
}

}  // namespace

TEST_CASE("random rules over streams in order give what the reference gives") {
    reference::GeneratorOptions options;
    check_property("engine equals reference", options);
}

TEST_CASE("random windows over streams in order give what the reference gives") {
    reference::GeneratorOptions options;
    options.windows = true;
    options.windows_only = true;
    options.max_events = 60;
    check_property("engine equals reference in windows", options);
}

TEST_CASE("random windows over streams with late records, heartbeats and duplicates give what the reference gives") {
    reference::GeneratorOptions options;
    options.windows = true;
    options.windows_only = true;
    options.max_events = 60;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    check_property("engine equals reference in windows under disorder", options);
}

TEST_CASE("random windows with lateness and early alerts take back and correct what the reference takes back and corrects") {
    reference::GeneratorOptions options;
    options.windows = true;
    options.windows_only = true;
    options.max_events = 60;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    options.lateness = true;
    check_property("engine equals reference in windows with lateness", options);
    options.early = true;
    check_property("engine equals reference in windows with early alerts", options);
}

TEST_CASE("random rules over streams with late records, heartbeats and duplicates give what the reference gives") {
    reference::GeneratorOptions options;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    check_property("engine equals reference under disorder", options);
}

TEST_CASE("random rules with lateness take back and correct what the reference takes back and corrects") {
    reference::GeneratorOptions options;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    options.lateness = true;
    check_property("engine equals reference with lateness", options);
}

TEST_CASE("random rules that look into a table find what the reference finds") {
    reference::GeneratorOptions options;
    options.tables = true;
    options.windows = true;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    check_property("engine equals reference with a table", options);
}

TEST_CASE("random rules that look into a table correct what a late row of it changes") {
    reference::GeneratorOptions options;
    options.tables = true;
    options.windows = true;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    options.lateness = true;
    check_property("engine equals reference with a table and lateness", options);
}

TEST_CASE("random early rules that look into a table show at once what the reference shows") {
    reference::GeneratorOptions options;
    options.tables = true;
    options.windows = true;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    options.lateness = true;
    options.early = true;
    check_property("engine equals reference with a table and early alerts", options);
}

TEST_CASE("random early rules show at once what the reference shows") {
    reference::GeneratorOptions options;
    options.beyond_slack = true;
    options.control = true;
    options.duplicates = true;
    options.lateness = true;
    options.early = true;
    check_property("engine equals reference with early alerts", options);
}
