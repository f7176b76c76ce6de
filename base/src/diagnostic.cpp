#include <tocsin/base/diagnostic.hpp>

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t kTabWidth = 4;
/// Of a line with more bytes than this, what stands around the span is shown.
constexpr std::size_t kShownColumns = 160;
constexpr std::size_t kShownBefore = 60;

struct Style {
    std::string_view on;
    std::string_view off;
};

struct Palette {
    Style error, warning, hint, place, gutter;
};

constexpr Palette kPlain{};
constexpr std::string_view kReset = "\x1b[0m";
constexpr Palette kBright{
    .error = {"\x1b[1;31m", kReset},
    .warning = {"\x1b[1;33m", kReset},
    .hint = {"\x1b[1;36m", kReset},
    .place = {"\x1b[1m", kReset},
    .gutter = {"\x1b[34m", kReset},
};

std::string paint(Style style, std::string_view text) { return fmt::format("{}{}{}", style.on, text, style.off); }

std::string_view word_for(Severity severity) {
    switch (severity) {
        case Severity::error: return "error";
        case Severity::warning: return "warning";
        case Severity::hint: return "hint";
    }
    return "error";
}

Style style_for(Severity severity, const Palette& palette) {
    switch (severity) {
        case Severity::error: return palette.error;
        case Severity::warning: return palette.warning;
        case Severity::hint: return palette.hint;
    }
    return palette.error;
}

/// Length in bytes of the well-formed code point at `at`, or 0.
std::size_t code_point_length(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (length == 0 || lead > 0xF4 || at + length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    return length;
}

/// One shown cell of a source line: what is printed, how wide, and the byte it came from.
struct Cell {
    std::string shown;
    std::size_t width;
    std::size_t byte;
    std::size_t bytes;
};

/// Tabs become blanks, and what cannot be printed becomes U+FFFD, so that the underline stays below its text.
std::vector<Cell> cells_of(std::string_view line) {
    std::vector<Cell> cells;
    std::size_t column = 0;
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t length = code_point_length(line, i);
        Cell cell{"\xEF\xBF\xBD", 1, i, std::max<std::size_t>(length, 1)};
        if (line[i] == '\t') {
            cell.width = kTabWidth - column % kTabWidth;
            cell.shown.assign(cell.width, ' ');
        } else if (length > 0 && static_cast<unsigned char>(line[i]) >= 0x20 && line[i] != 0x7F) {
            cell.shown = line.substr(i, length);
        }
        column += cell.width;
        i += cell.bytes;
        cells.push_back(std::move(cell));
    }
    return cells;
}

/// The part of a line that is worth showing: all of it, or what stands around `from`.
std::string_view shown_part(std::string_view line, std::size_t from) {
    if (line.size() <= kShownColumns) {
        return line;
    }
    std::size_t begin = from > kShownBefore ? std::min(from, line.size()) - kShownBefore : 0;
    std::size_t end = std::min(line.size(), begin + kShownColumns);
    const auto inside_code_point = [line](std::size_t at) {
        return at > 0 && at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U;
    };
    for (int i = 0; i < 3; ++i) {
        begin += inside_code_point(begin) ? 1U : 0U;
        end -= inside_code_point(end) ? 1U : 0U;
    }
    return line.substr(begin, end - begin);
}

/// The source line and, below it, a caret or a run of `~` under the part of the span that is on the line.
std::string draw_line(Span span, const SourceMap& sources, Style mark, const Palette& palette) {
    const std::string_view line = sources.line(span.source, span.begin);
    const auto offset = [&sources, span](std::string_view part) {
        return static_cast<std::size_t>(part.data() - sources.text(span.source).data());
    };
    const std::string_view part = shown_part(line, span.begin - offset(line));
    const std::size_t start = offset(part);
    const std::size_t from = span.begin - std::min<std::size_t>(start, span.begin);
    const std::size_t to = span.end - std::min<std::size_t>(start, span.end);

    std::string text = part.data() == line.data() ? "" : "…";
    std::size_t before = part.data() == line.data() ? 0 : 1;
    std::size_t under = 0;
    for (const Cell& cell : cells_of(part)) {
        text += cell.shown;
        before += cell.byte + cell.bytes <= from ? cell.width : 0;
        under += cell.byte + cell.bytes > from && cell.byte < to ? cell.width : 0;
    }
    if (part.data() + part.size() != line.data() + line.size()) {
        text += "…";
    }
    const std::string number = std::to_string(sources.locate(span.source, span.begin).line);
    return fmt::format(" {} {}\n {}{}{}\n", paint(palette.gutter, number + " |"), text,
                       paint(palette.gutter, std::string(number.size(), ' ') + " |"), std::string(before + 1, ' '),
                       paint(mark, under > 1 ? std::string(under, '~') : "^"));
}

bool points_somewhere(Span span, const SourceMap& sources) {
    return span != Span{} && static_cast<std::size_t>(span.source) < sources.size();
}

std::string place_of(Span span, const SourceMap& sources) {
    const LineColumn at = sources.locate(span.source, span.begin);
    return fmt::format("{}:{}:{}: ", sources.name(span.source), at.line, at.column);
}

}  // namespace

bool has_errors(const Diagnostics& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void sort_by_place(Diagnostics& diagnostics) {
    std::sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.span.source, a.span.begin, a.span.end, a.code, a.message) <
               std::tie(b.span.source, b.span.begin, b.span.end, b.code, b.message);
    });
}

std::string render(const Diagnostic& diagnostic, const SourceMap& sources, Colour colour) {
    const Palette& palette = colour == Colour::on ? kBright : kPlain;
    const Style mark = style_for(diagnostic.severity, palette);
    const bool placed = points_somewhere(diagnostic.span, sources);

    std::string out = placed ? paint(palette.place, place_of(diagnostic.span, sources)) : "";
    out += paint(mark, fmt::format("{}[{}]:", word_for(diagnostic.severity), diagnostic.code));
    out += fmt::format(" {}\n", diagnostic.message);
    if (placed) {
        out += draw_line(diagnostic.span, sources, mark, palette);
    }
    if (!diagnostic.hint.empty()) {
        out += fmt::format("  {} {}\n", paint(palette.hint, "hint:"), diagnostic.hint);
    }
    for (const Note& note : diagnostic.notes) {
        const bool note_placed = points_somewhere(note.span, sources);
        out += fmt::format("  {}{} {}\n", note_placed ? place_of(note.span, sources) : "", paint(palette.hint, "note:"),
                           note.message);
        if (note_placed) {
            out += draw_line(note.span, sources, palette.hint, palette);
        }
    }
    return out;
}

std::string render(const Diagnostics& diagnostics, const SourceMap& sources, Colour colour) {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) {
        out += render(diagnostic, sources, colour);
    }
    return out;
}

}  // namespace tocsin
