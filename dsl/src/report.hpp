#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include <tocsin/base/diagnostic.hpp>

namespace tocsin::dsl {

/// Collects the errors of one file, and stops at a bound so that a file of junk does not fill the memory.
class Report {
public:
    explicit Report(SourceId source) : source_(source) {}

    void error(std::string code, Span span, std::string message, std::string hint = {}, std::vector<Note> notes = {}) {
        add({std::move(code), Severity::error, span, std::move(message), std::move(hint), std::move(notes)});
    }

    void add(Diagnostic diagnostic) {
        ++count_;
        if (count_ < kMost) {
            diagnostics_.push_back(std::move(diagnostic));
        } else if (count_ == kMost) {
            diagnostics_.push_back(
                {"E0100", Severity::error, diagnostic.span, "too many errors; the rest is not shown", {}, {}});
        }
    }

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] bool full() const { return count_ >= kMost; }
    [[nodiscard]] bool has_error_at(Span span) const {
        return std::any_of(diagnostics_.begin(), diagnostics_.end(), [span](const Diagnostic& d) { return d.span == span; });
    }
    /// Any that touches the span.
    [[nodiscard]] bool has_error_in(Span span) const {
        return std::any_of(diagnostics_.begin(), diagnostics_.end(),
                           [span](const Diagnostic& d) { return d.span.begin < span.end && d.span.end >= span.begin; });
    }
    [[nodiscard]] Span span(std::size_t begin, std::size_t end) const {
        return {source_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    }
    [[nodiscard]] Diagnostics take() { return std::move(diagnostics_); }

private:
    static constexpr std::size_t kMost = 100;

    SourceId source_;
    Diagnostics diagnostics_;
    std::size_t count_{0};
};

}  // namespace tocsin::dsl
