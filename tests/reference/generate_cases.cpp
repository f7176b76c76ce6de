// generate_cases FIRST COUNT [DIRECTORY]: runs generated cases through the reference; with a directory, writes each as
// SEED.tocsin, SEED.ndjson and SEED.expected. For looking at what the generator makes.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "generate.hpp"
#include "reference/reference.hpp"

namespace {

std::vector<reference::Record> records_of(const std::vector<std::string>& lines) {
    std::vector<reference::Record> records;
    for (const std::string& line : lines) {
        records.push_back({line, "in", static_cast<std::int64_t>(records.size() + 1)});
    }
    return records;
}

std::string printed(std::vector<reference::Alert> alerts) {
    std::vector<std::string> lines;
    for (reference::Alert& a : alerts) {
        lines.push_back(reference::to_json_line(a));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

// What must always hold, of the reference itself: where nothing is too late, the arrival order changes nothing in the end,
// and neither does showing early.
bool consistent(const reference::Case& c, const reference::Output& output) {
    const auto live = reference::net(output.alerts);
    for (const auto& [rule, n] : output.counters) {
        if (n.received != n.on_time + n.late_accepted + n.too_late + n.duplicate) {
            return false;
        }
    }
    if (!output.late.empty()) {
        return true;
    }
    std::vector<std::string> events;
    for (const std::string& line : c.lines) {
        if (line.find("\"$offset\"") != std::string::npos && std::find(events.begin(), events.end(), line) == events.end()) {
            events.push_back(line);
        }
    }
    std::stable_sort(events.begin(), events.end(), [](const std::string& a, const std::string& b) {
        return a.substr(a.find("\"ts\"")) < b.substr(b.find("\"ts\""));
    });
    std::string rules = c.rules;
    if (const std::size_t early = rules.find("  emit     early\n"); early != std::string::npos) {
        rules.erase(early, 17);
    }
    const auto program = reference::parse(rules);
    if (program) {
        const reference::Output sorted = reference::run(*program, records_of(events));
        return printed(live) == printed(reference::net(sorted.alerts));
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
    const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100;
    reference::GeneratorOptions options;
    const std::string flags = argc > 4 ? argv[4] : "";
    options.beyond_slack = flags.find('b') != std::string::npos;
    options.control = flags.find('c') != std::string::npos;
    options.duplicates = flags.find('d') != std::string::npos;
    options.lateness = flags.find('l') != std::string::npos;
    options.early = flags.find('e') != std::string::npos;
    options.windows = flags.find('w') != std::string::npos;
    int with_alerts = 0;
    int too_big = 0;
    std::size_t alerts = 0;
    int inconsistent = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const reference::Case c = reference::make_case(seed, options);
        const auto program = reference::parse(c.rules);
        if (!program) {
            std::cout << c.description << ": " << program.error() << "\n" << c.rules;
            return 1;
        }
        const std::vector<reference::Record> records = records_of(c.lines);
        std::string text;
        for (const std::string& line : c.lines) {
            text += line + "\n";
        }
        const auto began = std::chrono::steady_clock::now();
        const reference::Output output = reference::run(*program, records);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        if (seconds > 1) {
            std::cout << c.description << " took " << seconds << " s\n" << c.rules;
        }
        if (!consistent(c, output)) {
            std::cout << c.description << " is inconsistent\n";
            ++inconsistent;
        }
        with_alerts += output.alerts.empty() ? 0 : 1;
        too_big += output.too_big ? 1 : 0;
        alerts += output.alerts.size();
        if (argc > 3 && std::string(argv[3]) != "-") {
            const std::string base = std::string(argv[3]) + "/" + std::to_string(seed);
            std::ofstream(base + ".tocsin") << c.rules;
            std::ofstream(base + ".ndjson") << text;
            std::ofstream expected(base + ".expected");
            for (const reference::Alert& a : output.alerts) {
                expected << reference::to_json_line(a) << "\n";
            }
        }
    }
    std::cout << count << " cases, " << with_alerts << " with alerts, " << alerts << " alerts, " << too_big << " too big, " << inconsistent
              << " inconsistent\n";
    return inconsistent == 0 ? 0 : 1;
}
