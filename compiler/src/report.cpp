#include "report.hpp"

#include <utility>

#include <fmt/format.h>

namespace tocsin::compiler {

void Report::error(std::string code, Span span, std::string message, std::string hint, std::vector<Note> notes) {
    add({std::move(code), Severity::error, span, std::move(message), std::move(hint), std::move(notes)});
}

void Report::warning(std::string code, Span span, std::string message, std::string hint, std::vector<Note> notes) {
    add({std::move(code), Severity::warning, span, std::move(message), std::move(hint), std::move(notes)});
}

void Report::hint(std::string code, Span span, std::string message, std::string hint, std::vector<Note> notes) {
    add({std::move(code), Severity::hint, span, std::move(message), std::move(hint), std::move(notes)});
}

void Report::add(Diagnostic diagnostic) {
    const Span& span = diagnostic.span;
    if (!seen_.emplace(diagnostic.code, span.source, span.begin, span.end, diagnostic.message).second) {
        return;
    }
    errors_ += diagnostic.severity == Severity::error ? 1 : 0;
    found_.push_back(std::move(diagnostic));
}

Diagnostics Report::take() {
    Diagnostics out = std::exchange(found_, {});
    sort_by_place(out);
    seen_.clear();
    errors_ = 0;
    return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates, std::string otherwise) {
    const std::string_view meant = nearest(word, candidates);
    return meant.empty() ? otherwise : fmt::format("did you mean `{}`?", meant);
}

std::string enumerate(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
        out += fmt::format("`{}`", names[i]);
    }
    return out;
}

std::string join_path(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ".")); }

}  // namespace tocsin::compiler
