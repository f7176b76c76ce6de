// Random rules over random streams, for differential tests. The same seed gives the same case on every machine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace reference {

struct GeneratorOptions {
    int max_depth = 3;         // of groups, and/or included
    int max_items = 4;         // of one sequence
    int max_steps = 6;         // of a rule
    int min_events = 5;
    int max_events = 40;
    bool two_streams = true;   // sometimes; sometimes with records that belong to both
    bool partitions = true;    // sometimes two
    bool beyond_slack = false; // events that come too late (or late, with `lateness`)
    bool control = false;      // `$watermark` and `$idle` records; inside the slack they are never wrong
    bool duplicates = false;
    bool lateness = false;     // sometimes a `lateness` clause
    bool early = false;        // sometimes `emit early`
    bool tables = false;       // sometimes a table that the rule looks into
    bool windows = false;      // sometimes a `window` rule
    bool windows_only = false; // with `windows`: always
};

struct CaseModel;

struct Case {
    std::string rules;
    std::vector<std::string> lines;  // NDJSON records in arrival order; every event has its "$offset"
    std::string description;
    std::shared_ptr<const CaseModel> model;  // for smaller()
};

Case make_case(std::uint64_t seed, const GeneratorOptions& options = {});

// Cases with something left out, each still valid, the boldest first: keep the first that still fails, and begin again.
std::vector<Case> smaller(const Case& from);

}  // namespace reference
