#pragma once

#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/state/deployment.hpp>

namespace tocsin::cli {

/// The texts of the rule files that `paths` name (see find_rule_files), and those of the files of their lists. A list's file that
/// cannot be read is left out: whoever compiles the texts says so, with its place.
[[nodiscard]] Result<std::vector<state::RuleText>> read_rule_texts(const std::vector<std::string>& paths, const Limits& limits);

}  // namespace tocsin::cli
