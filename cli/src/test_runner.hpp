#pragma once

#include <string>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::cli {

struct TestResult {
    std::string rule;
    std::string title;
    std::string file;
    std::uint32_t line{0};
    bool passed{false};
    std::string detail;  ///< why it failed, as lines for a person
    double seconds{0};
};

/// Runs one `test … for …` block: its rule alone, each row as a record of its stream that goes the way of any record.
/// An `expect` compares all that was written since the `expect`s before it, in any order; the last ones stand after the end
/// of the input. Requires: `file` is one of those that `program` was compiled from.
[[nodiscard]] TestResult run_test(const plan::Program& program, const dsl::File& file, const dsl::TestDecl& test,
                                  const SourceMap& sources, const Limits& limits);

/// The row as the NDJSON record that is read: `$stream`, the row's time in the stream's time field, the fields.
[[nodiscard]] std::string row_record(const dsl::File& file, const dsl::TestRow& row, const plan::StreamPlan& stream);

}  // namespace tocsin::cli
