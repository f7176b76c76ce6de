#include <tocsin/plan/program.hpp>

#include <algorithm>

namespace tocsin::plan {

namespace {

/// The rule after those that it needs; each once.
void add_needed(const Program& program, RuleId rule, std::vector<RuleId>& out) {
    if (std::find(out.begin(), out.end(), rule) != out.end()) {
        return;
    }
    for (const SourcePlan& source : program[rule].sources) {
        const StreamPlan& stream = program[source.stream];
        if (stream.made_by_rule()) {
            add_needed(program, RuleId{stream.maker}, out);
        }
    }
    out.push_back(rule);
}

}  // namespace

Program only(const Program& whole, RuleId rule) {
    std::vector<RuleId> needed;
    add_needed(whole, rule, needed);
    Program program = whole;
    program.rules.clear();
    for (const RuleId id : needed) {
        program.rules.push_back(whole[id]);
    }
    for (StreamPlan& stream : program.streams) {
        if (stream.made_by_rule()) {
            const auto at = std::find(needed.begin(), needed.end(), RuleId{stream.maker});
            stream.maker = at == needed.end() ? StreamPlan::kNoMaker : static_cast<std::uint32_t>(at - needed.begin());
        }
    }
    return program;
}

}  // namespace tocsin::plan
