#include "deployment_plan.hpp"

#include <algorithm>
#include <map>

#include "rule_arrival.hpp"

namespace tocsin::service {

namespace {

using state::DeployedRule;
using Outcome = DeployedRule::Outcome;

std::string why_changed(const DeployedRule* old, const DeployedRule& rule) {
    if (old == nullptr) {
        return "new";
    }
    return old->version != rule.version ? "changed" : "how its events arrive, or when it shows alerts, changed";
}

}  // namespace

std::vector<DeployedRule> plan_rules(const std::vector<DeployedRule>& before, const plan::Program& program,
                                     std::optional<std::uint64_t> fill_from) {
    std::map<std::string, const DeployedRule*> old;
    for (const DeployedRule& rule : before) {
        if (rule.outcome != Outcome::removed) {
            old.emplace(rule.name, &rule);
        }
    }
    const std::vector<std::uint64_t> arrivals = arrival_hashes(program);
    std::vector<DeployedRule> rules;
    for (std::size_t r = 0; r < program.rules.size(); ++r) {
        DeployedRule rule{program.rules[r].name, program.rules[r].version, arrivals[r], 1, Outcome::unchanged, {}};
        const auto found = old.find(rule.name);
        const DeployedRule* const was = found == old.end() ? nullptr : found->second;
        if (was != nullptr && was->version == rule.version && was->arrival == rule.arrival) {
            rule.first = was->first;
        } else {
            rule.first = fill_from.value_or(kAtDeployment);
            rule.outcome = fill_from ? Outcome::filled : Outcome::fresh;
            rule.reason = why_changed(was, rule);
        }
        if (was != nullptr) {
            old.erase(found);
        }
        rules.push_back(std::move(rule));
    }
    for (const DeployedRule& rule : before) {
        if (old.contains(rule.name) && rule.outcome != Outcome::removed) {
            rules.push_back({rule.name, rule.version, rule.arrival, rule.first, Outcome::removed, {}});
        }
    }
    return rules;
}

std::vector<std::uint64_t> first_records(const plan::Program& program, const std::vector<DeployedRule>& rules) {
    std::map<std::string, std::uint64_t> first;
    for (const DeployedRule& rule : rules) {
        if (rule.outcome != Outcome::removed) {
            first[rule.name] = rule.first;
        }
    }
    std::vector<std::uint64_t> result;
    for (const plan::RulePlan& rule : program.rules) {
        const auto found = first.find(rule.name);
        result.push_back(found == first.end() ? 1 : found->second);
    }
    return result;
}

std::vector<std::string> with_inputs_of(const plan::Program& program, std::vector<std::string> known) {
    for (const plan::StreamPlan& stream : program.streams) {
        if (stream.from && std::find(known.begin(), known.end(), *stream.from) == known.end()) {
            known.push_back(*stream.from);
        }
    }
    return known;
}

}  // namespace tocsin::service
