#include <tocsin/base/diagnostic.hpp>

#include "support/test.hpp"

using namespace tocsin;

namespace {

std::string draw(std::string text, std::uint32_t begin, std::uint32_t end) {
    SourceMap sources;
    const SourceId id = sources.add("f.tocsin", std::move(text));
    return render(Diagnostic{"E0101", Severity::error, {id, begin, end}, "wrong", {}, {}}, sources);
}

}  // namespace

TEST_CASE("a diagnostic shows place, line and underline") {
    CHECK(draw("one\ntwo three\n", 8, 13) ==
          "f.tocsin:2:5: error[E0101]: wrong\n"
          " 2 | two three\n"
          "   |     ~~~~~\n");
}

TEST_CASE("a span of one column has a caret") {
    CHECK(draw("abc", 1, 2) ==
          "f.tocsin:1:2: error[E0101]: wrong\n"
          " 1 | abc\n"
          "   |  ^\n");
}

TEST_CASE("a span behind the last character points behind it") {
    CHECK(draw("abc", 3, 3) ==
          "f.tocsin:1:4: error[E0101]: wrong\n"
          " 1 | abc\n"
          "   |    ^\n");
}

TEST_CASE("a span over several lines is underlined on its first") {
    CHECK(draw("abc\ndef\n", 1, 7) ==
          "f.tocsin:1:2: error[E0101]: wrong\n"
          " 1 | abc\n"
          "   |  ~~\n");
}

TEST_CASE("tabs are drawn as blanks, so that the underline stays below its text") {
    CHECK(draw("\ta\tbc", 3, 5) ==
          "f.tocsin:1:4: error[E0101]: wrong\n"
          " 1 |     a   bc\n"
          "   |         ~~\n");
}

TEST_CASE("a code point is one column wide, and what is no text is shown as one") {
    CHECK(draw("\xC3\xA4\xFFx", 3, 4) ==
          "f.tocsin:1:3: error[E0101]: wrong\n"
          " 1 | \xC3\xA4\xEF\xBF\xBDx\n"
          "   |   ^\n");
}

TEST_CASE("of a long line the part around the span is shown") {
    const std::string drawn = draw(std::string(5000, 'a') + "b" + std::string(5000, 'c'), 5000, 5001);
    CHECK(drawn.size() < 500);
    CHECK(drawn.find("…aaa") != std::string::npos);
    CHECK(drawn.find("ccc…") != std::string::npos);
    const std::size_t line = drawn.find('\n') + 1;
    const std::size_t under = drawn.find('\n', line) + 1;
    // The ellipsis takes three bytes and one column.
    CHECK(drawn.find('b', line) - line - 2 == drawn.find('^', under) - under);
}

TEST_CASE("hint and notes follow the line") {
    SourceMap sources;
    const SourceId id = sources.add("f", "abc def");
    Diagnostic diagnostic{"W0601", Severity::warning, {id, 4, 7}, "twice", "leave one out", {}};
    diagnostic.notes.push_back({{id, 0, 3}, "the first one is here"});
    CHECK(render(diagnostic, sources) ==
          "f:1:5: warning[W0601]: twice\n"
          " 1 | abc def\n"
          "   |     ~~~\n"
          "  hint: leave one out\n"
          "  f:1:1: note: the first one is here\n"
          " 1 | abc def\n"
          "   | ~~~\n");
}

TEST_CASE("a diagnostic without a place has no line") {
    CHECK(render(Diagnostic{"E0401", Severity::error, {}, "no streams", {}, {}}, SourceMap{}) == "error[E0401]: no streams\n");
}

TEST_CASE("colours change nothing but escape sequences") {
    SourceMap sources;
    const SourceId id = sources.add("f", "abc def");
    const Diagnostic diagnostic{"E0101", Severity::error, {id, 4, 7}, "wrong", "better", {}};
    std::string coloured = render(diagnostic, sources, Colour::on);
    CHECK(coloured.find("\x1b[") != std::string::npos);
    for (std::size_t at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b')) {
        coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    CHECK(coloured == render(diagnostic, sources));
}

TEST_CASE("diagnostics are sorted by place, whichever pass found them first") {
    SourceMap sources;
    const SourceId id = sources.add("f", "abc def");
    Diagnostics diagnostics;
    diagnostics.push_back({"E0202", Severity::error, {id, 4, 7}, "b", {}, {}});
    diagnostics.push_back({"E0101", Severity::error, {id, 0, 3}, "a", {}, {}});
    diagnostics.push_back({"E0101", Severity::error, {id, 4, 7}, "c", {}, {}});
    sort_by_place(diagnostics);
    CHECK(diagnostics[0].message == "a");
    CHECK(diagnostics[1].message == "c");
    CHECK(diagnostics[2].message == "b");
}

TEST_CASE("nearest finds what was misspelt") {
    CHECK(nearest("witin", {"when", "within", "where"}) == "within");
    CHECK(nearest("wihtin", {"when", "within", "where"}) == "within");
    CHECK(nearest("WHEN", {"when", "within"}) == "when");
    CHECK(nearest("alrt", {"emit", "alert"}) == "alert");
    CHECK(nearest("by", {"by"}) == "by");
}

TEST_CASE("nearest does not guess") {
    CHECK(nearest("ip", {"in", "or"}).empty());
    CHECK(nearest("user", {"where", "stream"}).empty());
    CHECK(nearest("", {"a"}).empty());
    CHECK(nearest("abc", {}).empty());
    CHECK(nearest(std::string(100'000, 'a'), {"aaaa"}).empty());
}

TEST_CASE("nearest takes the first of two that are equally near") {
    CHECK(nearest("hash", {"dash", "cash"}) == "dash");
    CHECK(nearest("hash", {"cash", "dash"}) == "cash");
}
