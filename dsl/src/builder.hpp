#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/dsl/tree.hpp>

#include "report.hpp"
#include "token.hpp"

namespace tocsin::dsl {

/// Ends the parse of a clause; caught where clauses are put in a row, never leaves the folder.
struct SyntaxError {
    Diagnostic diagnostic;
};

/// Where the parsers put the nodes of one file. Owned by one parse.
class Builder {
public:
    Builder(File& file, std::string_view text, const Limits& limits, Report& report)
        : file_(file), text_(text), limits_(limits), report_(report) {}

    ExprId add(Span span, decltype(Expr::node) node);
    PatternId add(Span span, decltype(Pattern::node) node);

    [[nodiscard]] Expr& operator[](ExprId id) { return file_.exprs[static_cast<std::size_t>(id)]; }
    [[nodiscard]] Pattern& operator[](PatternId id) { return file_.patterns[static_cast<std::size_t>(id)]; }

    /// The literal 9223372036854775808 is valid only behind a minus: it is marked here until the minus is seen.
    ExprId add_lowest_magnitude(Span span);
    [[nodiscard]] bool is_lowest_magnitude(ExprId id) const { return lowest_magnitude_ == id; }
    void settle_lowest_magnitude() { lowest_magnitude_ = kNone; }

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }
    [[nodiscard]] Report& report() { return report_; }

    /// Counts an open bracket as long as it lives. Throws SyntaxError beyond Limits::nesting, so that the parsers'
    /// recursion has a bound.
    class Nested {
    public:
        Nested(Builder& builder, Span place);
        ~Nested() { --builder_.nesting_; }
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;

    private:
        Builder& builder_;
    };

private:
    static constexpr ExprId kNone{UINT32_MAX};

    [[nodiscard]] std::uint32_t depth(ExprId id) const { return depths_[static_cast<std::size_t>(id)]; }
    [[nodiscard]] std::uint32_t depth_of(const decltype(Expr::node)& node) const;

    File& file_;
    std::string_view text_;
    const Limits& limits_;
    Report& report_;
    std::vector<std::uint32_t> depths_;  ///< of the tree below each expression
    std::size_t nesting_{0};
    ExprId lowest_magnitude_{kNone};
};

[[noreturn]] void fail(std::string code, Span span, std::string message, std::string hint = {}, std::vector<Note> notes = {});

[[nodiscard]] std::string in_backticks(std::string_view word);

/// From the begin of `first` to the end of `last`.
[[nodiscard]] Span join(Span first, Span last);

}  // namespace tocsin::dsl
