#pragma once

#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/source.hpp>
#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/tree.hpp>

#include "lists.hpp"
#include "program_builder.hpp"
#include "report.hpp"
#include "symbols.hpp"

namespace tocsin::compiler {

/// What all passes over one load share.
struct Load {
    Load(const SourceMap& all_sources, std::span<const dsl::File> all_files, const Limits& all_limits, const ListReader& list_reader)
        : sources(all_sources), files(all_files), limits(all_limits), read_list(list_reader), symbols(all_files, report) {}

    const SourceMap& sources;
    std::span<const dsl::File> files;
    const Limits& limits;
    const ListReader& read_list;
    Report report;
    Symbols symbols;
    std::deque<Table> tables;  ///< by plan::TableId
    ProgramBuilder builder;
    ListFiles list_files;
    /// What an alert shows by name, so that tests can be checked: of every rule without errors.
    struct Shown {
        std::vector<std::pair<std::string, event::Type>> values;  ///< key, lets, returns, labels and what every alert has
        std::vector<std::pair<std::string, const Stream*>> steps;  ///< `step.field` is the field of its last event
    };
    std::unordered_map<const dsl::RuleDecl*, Shown> shown;
};

/// What was written there, on one line and not too long, for a message.
[[nodiscard]] std::string quoted(const Load& load, Span span);
/// `Login[status = "fail"]`
[[nodiscard]] std::string condition_text(const dsl::File& file, const dsl::EventRef& event);

}  // namespace tocsin::compiler
