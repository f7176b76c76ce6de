#include <tocsin/alerts/terminal_text.hpp>

#include "support/test.hpp"

using namespace tocsin::alerts;

using Lines = std::vector<std::string>;

TEST_CASE("an escape sequence in an event never reaches the terminal") {
    CHECK(printable("a\x1b[31mred") == "a\\u{1b}[31mred");
    CHECK(printable("one\ntwo\tthree\x7f") == "one\\ntwo\\tthree\\u{7f}");
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\u{9b}31m");
}

TEST_CASE("marks that turn the direction of text are shown, not obeyed") {
    CHECK(printable("user\xe2\x80\xaegpj.exe") == "user\\u{202e}gpj.exe");
}

TEST_CASE("invalid UTF-8 is replaced, valid text is kept") {
    CHECK(printable("caf\xc3\xa9") == "caf\xc3\xa9");
    CHECK(printable("a\xff"
                    "b\xc3") ==
          "a\xef\xbf\xbd"
          "b\xef\xbf\xbd");
    CHECK(printable("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(printable("\xf4\x90\x80\x80").substr(0, 3) == "\xef\xbf\xbd");
}

TEST_CASE("wide characters count as two columns and combining marks as none") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("東京") == 4);
    CHECK(display_width("e\xcc\x81") == 1);
    CHECK(display_width("🔔") == 2);
    CHECK(display_width("é") == 1);
}

TEST_CASE("text is broken at blanks") {
    CHECK(wrap("one two three", 7, 7) == Lines{"one two", "three"});
    CHECK(wrap("one two three", 3, 20) == Lines{"one", "two three"});
    CHECK(wrap("", 10, 10) == Lines{""});
}

TEST_CASE("a word longer than a line is broken, and no character is lost") {
    CHECK(wrap("abcdefgh", 3, 3) == Lines{"abc", "def", "gh"});
    CHECK(wrap("東京都", 3, 3) == Lines{"東", "京", "都"});
    CHECK(wrap("ab", 0, 0) == Lines{"a", "b"});
}
