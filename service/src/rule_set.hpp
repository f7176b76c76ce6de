#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/state/deployment.hpp>

namespace tocsin::service {

/// Rule texts with what came of them.
struct RuleSet {
    std::vector<state::RuleText> texts;
    std::vector<std::string> suspended;  ///< rules that do not run, as with `mode off`
    SourceMap sources;
    std::vector<dsl::File> files;
    Diagnostics diagnostics;  ///< in order of place
    std::shared_ptr<const plan::Program> program;  ///< null if a diagnostic is an error
};

/// Reads nothing from disk: a list's file is one of the texts. Those of `suspended` that are no rules are left out of the result.
[[nodiscard]] RuleSet compile_rules(std::vector<state::RuleText> texts, const std::vector<std::string>& suspended,
                                    const Limits& limits);

/// Of the texts, whatever the files are called.
[[nodiscard]] std::string hash_of(const std::vector<state::RuleText>& texts);

/// A rule as it is written, and where.
struct WrittenRule {
    std::string file;
    std::uint32_t line{1};
    std::string text;
};
/// Nothing (no file) where the texts have no such rule.
[[nodiscard]] WrittenRule find_rule(const RuleSet& rules, std::string_view name);

}  // namespace tocsin::service
