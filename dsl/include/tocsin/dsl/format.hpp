#pragma once

#include <string>

#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>

namespace tocsin::dsl {

/// The one canonical form of a file: clauses one a line in the order of the reference, keywords in a column, comments
/// kept where they stood. Requires: `file` was parsed from `sources` without errors.
/// Ensures: parsing the result gives an equal tree (spans apart), and formatting it again gives the same text.
[[nodiscard]] std::string format(const File& file, const SourceMap& sources);

/// One expression or pattern on one line, as the formatter writes it: for explain, diagnostics and version hashes.
[[nodiscard]] std::string format_expr(const File& file, ExprId expr);
[[nodiscard]] std::string format_pattern(const File& file, PatternId pattern);

}  // namespace tocsin::dsl
