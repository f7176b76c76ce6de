// A generated case as a value that can be printed, and cut down while it stays valid.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "../generate.hpp"

namespace reference {

// A condition or a clause, and the steps that it refers to ("prev": the event taken last).
struct Phrase {
    std::string text;
    std::vector<std::string> steps;
};

struct PatternEvent {
    std::string stream;
    std::vector<Phrase> conditions;
};

struct PatternNode {
    enum class Kind { kStep, kGroup, kAnd, kOr, kNot };
    Kind kind = Kind::kStep;
    std::string name;                   // kStep
    PatternEvent event;                 // kStep, kNot
    std::vector<PatternNode> children;  // kGroup: a sequence; kAnd, kOr: items
    std::vector<std::string> links;     // kGroup: links[i] stands before children[i + 1]
    std::string times;
    std::string words;
    std::optional<PatternEvent> until;
    int in_seconds = 0;                 // 0: none

    bool can_be_skipped() const { return times == "*" || times == "?" || times.starts_with("{0"); }
};

struct CaseModel {
    std::string streams;
    std::string window;                // a window rule: its clause; else the pattern counts
    PatternNode pattern;               // a kGroup
    std::string key;                   // of `by`; what it says of T goes when the rule does not see T
    std::vector<std::string> needed;   // clauses that stay
    std::vector<Phrase> clauses;       // clauses that may go
    std::vector<std::string> lines;
    std::string description;
};

// Takes out what refers to steps that are not there, or not before it.
void drop_dangling(CaseModel& model);

Case to_case(CaseModel model);

}  // namespace reference
