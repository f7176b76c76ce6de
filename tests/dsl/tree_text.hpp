#pragma once

#include <string>

#include <tocsin/dsl/tree.hpp>

namespace tocsin::test {

/// The tree as text, spans left out: two files are equal when their texts are. Brackets show what belongs together,
/// so that precedence can be read.
[[nodiscard]] std::string tree_text(const dsl::File& file);
[[nodiscard]] std::string tree_text(const dsl::File& file, dsl::ExprId expr);
[[nodiscard]] std::string tree_text(const dsl::File& file, dsl::PatternId pattern);

}  // namespace tocsin::test
