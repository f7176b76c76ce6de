#pragma once

#include <string>
#include <string_view>

#include "deployer.hpp"

/// What the service says of rules and deployments, as JSON; docs/deploy.md has the members.
namespace tocsin::service {

[[nodiscard]] std::string json_string(std::string_view text);

/// Those of this severity and worse: `[{"file":…,"line":…,"column":…,"severity":…,"code":…,"message":…,"hint":…},…]`
[[nodiscard]] std::string json_of_diagnostics(const RuleSet& rules, Severity worst);
/// The members of an object, without its braces: all but the texts.
[[nodiscard]] std::string json_members(const state::Deployment& deployment);
[[nodiscard]] std::string json_of_texts(const std::vector<state::RuleText>& texts);
[[nodiscard]] std::string json_of(const Deployed& deployed);
/// The rules in force, those that are suspended among them.
[[nodiscard]] std::string json_of_rules(const Running& running);
/// One of them with its text; empty where there is none.
[[nodiscard]] std::string json_of_rule(const Running& running, std::string_view name);

}  // namespace tocsin::service
