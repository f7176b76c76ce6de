#pragma once

#include <string>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>

namespace tocsin::dsl {

struct ParseResult {
    File file;  ///< every declaration that could be read, and the names of the others
    Diagnostics diagnostics;  ///< all errors of the file, in order of place
};

/// Reads one file of `sources`. Never throws and never stops at the first error: each declaration is parsed by
/// itself, and after an error in a rule the next clause goes on.
/// Ensures: no errors in `diagnostics` means that `file` is whole: it holds every declaration of the text.
[[nodiscard]] ParseResult parse(const SourceMap& sources, SourceId source, const Limits& limits = {});

}  // namespace tocsin::dsl
