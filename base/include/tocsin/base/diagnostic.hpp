#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/source.hpp>

namespace tocsin {

enum class Severity { error, warning, hint };

struct Note {
    Span span;
    std::string message;
};

/// Something a user wrote that is wrong or doubtful. Codes are stable and documented in docs/diagnostics.md:
/// E01xx syntax, E02xx names, E03xx types, E04xx patterns and clauses, E05xx not supported yet,
/// W06xx warnings, H07xx hints.
struct Diagnostic {
    std::string code;
    Severity severity{Severity::error};
    Span span;
    std::string message;
    std::string hint;           ///< what to do about it, or empty
    std::vector<Note> notes;
};

using Diagnostics = std::vector<Diagnostic>;

[[nodiscard]] bool has_errors(const Diagnostics& diagnostics);

/// Sorts by source and place, so that the order does not depend on which pass found what.
void sort_by_place(Diagnostics& diagnostics);

enum class Colour { off, on };

/// The one place where diagnostics are drawn: `file:line:col: error[E0231]: message`, the source line, a
/// caret line below it, then hint and notes. Ends with a line end.
[[nodiscard]] std::string render(const Diagnostic& diagnostic, const SourceMap& sources, Colour colour = Colour::off);
[[nodiscard]] std::string render(const Diagnostics& diagnostics, const SourceMap& sources, Colour colour = Colour::off);

/// The candidate nearest to `word` by edit distance (Damerau, optimal string alignment), if it is near enough to
/// be what was meant; else empty. Ties go to the first candidate.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace tocsin
