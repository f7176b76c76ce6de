#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tocsin/plan/program.hpp>
#include <tocsin/state/deployment.hpp>

namespace tocsin::service {

/// A rule that starts where its deployment does, as long as nobody knows where that is.
inline constexpr std::uint64_t kAtDeployment = UINT64_MAX;

/// What becomes of each rule when `program` takes the place of what `before` left: rules in the program's order, then those that
/// are removed. A rule is unchanged where name, version and arrival are; it then keeps its first record. Others start at
/// `fill_from`, or, without one, at kAtDeployment.
[[nodiscard]] std::vector<state::DeployedRule> plan_rules(const std::vector<state::DeployedRule>& before,
                                                          const plan::Program& program, std::optional<std::uint64_t> fill_from);

/// The first record of each rule of a program, by plan::RuleId, as its deployment has them.
[[nodiscard]] std::vector<std::uint64_t> first_records(const plan::Program& program,
                                                       const std::vector<state::DeployedRule>& rules);

/// The inputs of the program behind those that are known: ids of inputs never change.
[[nodiscard]] std::vector<std::string> with_inputs_of(const plan::Program& program, std::vector<std::string> known);

}  // namespace tocsin::service
