#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::compiler {

struct CompileResult {
    std::shared_ptr<const plan::Program> program;  ///< null if there are errors, also of syntax
    Diagnostics diagnostics;  ///< errors, warnings and hints, in order of place
};

/// The text of a list's file, by its path: that of the file which names it, and the name behind it. Nothing where it cannot be read.
using ListReader = std::function<std::optional<std::string>(const std::string& path)>;

/// Checks all files of one load as one program and lowers it: names, types, keys, bounds on state; then predicates are
/// pooled and patterns become automata. List files are read by `read_list`; without one, from disk.
/// A file that is not whole has its other declarations checked, and gives no program: what needs the name of a declaration
/// that could not be read is no error, as the user knows of that already.
/// Requires: each file came from `dsl::parse` over `sources`, and stays as it is until this returns.
[[nodiscard]] CompileResult compile(const SourceMap& sources, std::span<const dsl::File> files, const Limits& limits = {},
                                    const ListReader& read_list = {});

}  // namespace tocsin::compiler
