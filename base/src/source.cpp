#include <tocsin/base/source.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace tocsin {

namespace {

bool continues_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Where the first line starts for a reader: an editor shows no byte order mark and does not count it.
std::size_t visible_start(std::string_view text, std::size_t line_start) {
    return line_start == 0 && text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : line_start;
}

}  // namespace

SourceId SourceMap::add(std::string name, std::string text) {
    Source source{std::move(name), std::move(text), {0}};
    for (std::size_t i = 0; i < source.text.size(); ++i) {
        if (source.text[i] == '\n') {
            source.line_starts.push_back(static_cast<std::uint32_t>(i + 1));
        }
    }
    sources_.push_back(std::move(source));
    return static_cast<SourceId>(sources_.size() - 1);
}

const SourceMap::Source& SourceMap::at(SourceId id) const {
    const auto index = static_cast<std::size_t>(id);
    assert(index < sources_.size() && "a source id of another map");
    return sources_[index];
}

std::string_view SourceMap::name(SourceId id) const { return at(id).name; }

std::string_view SourceMap::text(SourceId id) const { return at(id).text; }

LineColumn SourceMap::locate(SourceId id, std::uint32_t offset) const {
    const Source& source = at(id);
    const auto next = std::upper_bound(source.line_starts.begin(), source.line_starts.end(), offset);
    const auto line = static_cast<std::uint32_t>(next - source.line_starts.begin());
    const std::size_t start = visible_start(source.text, *(next - 1));
    const std::size_t end = std::min<std::size_t>(offset, source.text.size());
    std::uint32_t column = 1;
    for (std::size_t i = start; i < end; ++i) {
        // The byte that ends a code point moves the column, so an offset inside one still names that one.
        if (i + 1 >= source.text.size() || !continues_code_point(source.text[i + 1])) {
            ++column;
        }
    }
    return {line, column};
}

std::string_view SourceMap::line(SourceId id, std::uint32_t offset) const {
    const Source& source = at(id);
    const auto next = std::upper_bound(source.line_starts.begin(), source.line_starts.end(), offset);
    const std::size_t start = visible_start(source.text, *(next - 1));
    const std::size_t end = next == source.line_starts.end() ? source.text.size() : *next - 1;
    std::string_view line = std::string_view(source.text).substr(start, end - start);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

std::string_view SourceMap::slice(Span span) const {
    const std::string_view whole = text(span.source);
    const std::size_t begin = std::min<std::size_t>(span.begin, whole.size());
    const std::size_t end = std::clamp<std::size_t>(span.end, begin, whole.size());
    return whole.substr(begin, end - begin);
}

}  // namespace tocsin
