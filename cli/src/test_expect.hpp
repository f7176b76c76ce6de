#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/dsl/tree.hpp>

namespace tocsin::cli {

/// A literal of a rule file as JSON: durations as integer milliseconds, as in output.
[[nodiscard]] std::string literal_json(const dsl::File& file, dsl::ExprId literal);

/// One `expect` line, with its literals as JSON.
struct Expectation {
    dsl::TestExpect::Kind kind{dsl::TestExpect::Kind::nothing};
    std::vector<std::pair<std::string, std::string>> fields;  ///< path and JSON
    std::optional<EventTime> at;
};
[[nodiscard]] Expectation make_expectation(const dsl::File& file, const dsl::TestExpect& expect);

/// What an output has under a path that an `expect` may name: a part of the key, a value of `return` or `let`, a label,
/// `severity`, `text`, `first`, `last`, or `step.field` of the step's last event; for a late record a field of it, `stream` or
/// `behind_ms`. As JSON; nothing if there is no such thing.
[[nodiscard]] std::optional<std::string> output_json(const alerts::Output& output, std::string_view path);

/// The same JSON value; numbers by value, times as times.
[[nodiscard]] bool same_json(const std::string& a, const std::string& b);

[[nodiscard]] bool fits(const Expectation& expectation, const alerts::Output& output);

/// Pairs expectations with outputs, each at most once, as many as can be paired; the order does not matter.
struct Pairing {
    std::vector<std::optional<std::size_t>> output_of;  ///< by expectation
    std::vector<bool> used;  ///< by output
    [[nodiscard]] bool complete() const;
};
[[nodiscard]] Pairing pair_up(const std::vector<Expectation>& expectations, const std::vector<alerts::Output>& outputs);

/// Lines of a group side by side: `  ` fulfilled, `- ` expected and not written, `+ ` written and not expected.
[[nodiscard]] std::string draw_difference(const std::vector<Expectation>& expectations,
                                          const std::vector<alerts::Output>& outputs, const Pairing& pairing);

}  // namespace tocsin::cli
