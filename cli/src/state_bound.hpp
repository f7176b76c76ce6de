#pragma once

#include <string>

#include <tocsin/base/limits.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::cli {

/// `user, ip`, or `-` for a rule without a key.
[[nodiscard]] std::string key_text(const plan::RulePlan& rule);

/// How much a rule can hold for one key, and how long, in one sentence.
[[nodiscard]] std::string state_bound(const plan::RulePlan& rule, const Limits& limits);

}  // namespace tocsin::cli
