#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::cli {

/// The rule files that `paths` name: a file as it is, a folder with every `*.tocsin` below it in order of path; each file
/// once. An error for a path that is not there and a folder without a rule file.
[[nodiscard]] Result<std::vector<std::string>> find_rule_files(const std::vector<std::string>& paths);

/// Moves what names rules, a `.tocsin` file or a folder, from a command's arguments to its rule paths: so that
/// `--rules a.tocsin b.tocsin events.ndjson` means what it says.
void move_rule_paths(std::vector<std::string>& arguments, std::vector<std::string>& rules);

/// One load: its texts, trees, findings and, where nothing is wrong, its program.
struct Rules {
    SourceMap sources;
    std::vector<dsl::File> files;
    Diagnostics diagnostics;
    std::shared_ptr<const plan::Program> program;  ///< null if a diagnostic is an error
};

/// Reads, parses and compiles. An Error is about reading; what is wrong in the rules is all in `diagnostics`, of all files and
/// in order of place.
[[nodiscard]] Result<Rules> load_rules(const std::vector<std::string>& paths, const Limits& limits);

/// The diagnostics of `severity` and above.
[[nodiscard]] Diagnostics at_least(const Diagnostics& diagnostics, Severity severity);

}  // namespace tocsin::cli
