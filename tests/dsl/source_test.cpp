#include <tocsin/base/source.hpp>

#include "support/test.hpp"

using tocsin::SourceMap;
using tocsin::Span;

namespace {

std::pair<unsigned, unsigned> locate(const SourceMap& sources, std::uint32_t offset) {
    const auto at = sources.locate(tocsin::SourceId{0}, offset);
    return {at.line, at.column};
}

using Place = std::pair<unsigned, unsigned>;

}  // namespace

TEST_CASE("lines and columns count from one") {
    SourceMap sources;
    const auto id = sources.add("f", "ab\ncd\n\ne");
    CHECK(locate(sources, 0) == Place{1, 1});
    CHECK(locate(sources, 1) == Place{1, 2});
    CHECK(locate(sources, 2) == Place{1, 3});
    CHECK(locate(sources, 3) == Place{2, 1});
    CHECK(locate(sources, 6) == Place{3, 1});
    CHECK(locate(sources, 7) == Place{4, 1});
    CHECK(locate(sources, 8) == Place{4, 2});
    CHECK(sources.line(id, 4) == "cd");
    CHECK(sources.line(id, 6).empty());
    CHECK(sources.line(id, 8) == "e");
}

TEST_CASE("a column counts code points") {
    SourceMap sources;
    sources.add("f", "\xC3\xA4\xF0\x9F\x98\x80x");
    CHECK(locate(sources, 0) == Place{1, 1});
    CHECK(locate(sources, 2) == Place{1, 2});
    CHECK(locate(sources, 6) == Place{1, 3});
}

TEST_CASE("a line is shown without its CRLF") {
    SourceMap sources;
    const auto id = sources.add("f", "ab\r\ncd\r\n");
    CHECK(sources.line(id, 0) == "ab");
    CHECK(sources.line(id, 4) == "cd");
    CHECK(locate(sources, 5) == Place{2, 2});
}

TEST_CASE("a byte order mark is no column") {
    SourceMap sources;
    const auto id = sources.add("f",
                                "\xEF\xBB\xBF"
                                "ab");
    CHECK(locate(sources, 3) == Place{1, 1});
    CHECK(locate(sources, 4) == Place{1, 2});
    CHECK(sources.line(id, 3) == "ab");
}

TEST_CASE("a slice never leaves the text") {
    SourceMap sources;
    const auto id = sources.add("f", "abcdef");
    CHECK(sources.slice(Span{id, 1, 3}) == "bc");
    CHECK(sources.slice(Span{id, 4, 99}) == "ef");
    CHECK(sources.slice(Span{id, 99, 100}).empty());
}

TEST_CASE("texts keep their place when more are added") {
    SourceMap sources;
    const auto first = sources.add("a", "short");
    const std::string_view text = sources.text(first);
    for (int i = 0; i < 100; ++i) {
        sources.add("b", "x");
    }
    CHECK(text == "short");
    CHECK(sources.text(first).data() == text.data());
}
