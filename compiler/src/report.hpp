#pragma once

#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <tocsin/base/diagnostic.hpp>

namespace tocsin::compiler {

/// Where all passes put what they find. The same finding twice (a define used in ten places) is kept once.
class Report {
public:
    void error(std::string code, Span span, std::string message, std::string hint = {}, std::vector<Note> notes = {});
    void warning(std::string code, Span span, std::string message, std::string hint = {}, std::vector<Note> notes = {});
    void hint(std::string code, Span span, std::string message, std::string hint = {}, std::vector<Note> notes = {});

    /// Something is wrong because of an error that a user has been shown already: counted as an error, and not shown.
    void follow_up() { ++errors_; }

    [[nodiscard]] std::size_t errors() const { return errors_; }
    /// Of all kinds, those that `take` gives.
    [[nodiscard]] std::size_t shown() const { return found_.size(); }
    /// In order of place. Leaves the report empty.
    [[nodiscard]] Diagnostics take();

private:
    void add(Diagnostic diagnostic);
    Diagnostics found_;
    std::set<std::tuple<std::string, SourceId, std::uint32_t, std::uint32_t, std::string>> seen_;
    std::size_t errors_{0};
};

/// "did you mean `x`?" for the nearest candidate, or `otherwise`.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates,
                                       std::string otherwise = {});
/// `a`, `b` and `c`
[[nodiscard]] std::string enumerate(const std::vector<std::string>& names);
[[nodiscard]] std::string join_path(const std::vector<std::string>& parts);

}  // namespace tocsin::compiler
