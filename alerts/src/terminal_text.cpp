#include <tocsin/alerts/terminal_text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

namespace tocsin::alerts {

namespace {

constexpr char32_t kReplacement = 0xfffd;

struct Decoded {
    char32_t code_point;
    std::size_t length;
};

/// The code point at the start of `text`, which is not empty; U+FFFD of length 1 where it is not well-formed UTF-8.
Decoded decode(std::string_view text) {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
        return {kReplacement, 1};
    }
    auto code_point = static_cast<char32_t>(lead & (0x7f >> length));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return {kReplacement, 1};
        }
        code_point = (code_point << 6) | (byte(i) & 0x3fu);
    }
    constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < kSmallest[length] || code_point > 0x10ffff || surrogate) {
        return {kReplacement, 1};
    }
    return {code_point, length};
}

struct Range {
    char32_t first;
    char32_t last;
};

/// Blocks of characters that take no column of their own: combining marks, joiners, variation selectors.
constexpr std::array kZeroWidth = std::to_array<Range>({
    {0x0300, 0x036f},   {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x06d6, 0x06dc},
    {0x0900, 0x0902},   {0x093c, 0x093c},   {0x0941, 0x0948}, {0x094d, 0x094d}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a},
    {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064},
    {0x20d0, 0x20ff},   {0x302a, 0x302d},   {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
    {0x1f3fb, 0x1f3ff}, {0xe0000, 0xe01ef},
});

/// Blocks that Unicode's East Asian Width calls wide or full-width.
constexpr std::array kWide = std::to_array<Range>({
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x26a1, 0x26a1},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26d4, 0x26d4},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},   {0x2b1b, 0x2b1c},
    {0x2b50, 0x2b50},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a},
    {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3fa}, {0x1f400, 0x1f4fc},
    {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f567}, {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6d7}, {0x1f6e0, 0x1f6ec}, {0x1f7e0, 0x1f7eb},
    {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
});

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t code_point) {
    const auto after = std::upper_bound(ranges.begin(), ranges.end(), code_point,
                                        [](char32_t c, const Range& range) { return c < range.first; });
    return after != ranges.begin() && code_point <= std::prev(after)->last;
}

std::size_t width_of(char32_t code_point) {
    if (within(kZeroWidth, code_point)) {
        return 0;
    }
    return within(kWide, code_point) ? 2 : 1;
}

/// C0, DEL and C1.
bool is_control(char32_t code_point) { return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0); }

/// Marks that turn the direction of what follows: a text could use them to look like another.
bool is_direction_mark(char32_t code_point) {
    return (code_point >= 0x202a && code_point <= 0x202e) || (code_point >= 0x2066 && code_point <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Decoded next = decode(text);
        if (next.code_point == '\n') {
            out += "\\n";
        } else if (next.code_point == '\t') {
            out += "\\t";
        } else if (is_control(next.code_point) || is_direction_mark(next.code_point)) {
            fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", static_cast<std::uint32_t>(next.code_point));
        } else if (next.code_point == kReplacement) {
            out += "\xef\xbf\xbd";
        } else {
            out += text.substr(0, next.length);
        }
        text.remove_prefix(next.length);
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Decoded next = decode(text);
        width += width_of(next.code_point);
        text.remove_prefix(next.length);
    }
    return width;
}

std::vector<std::string> wrap(std::string_view text, std::size_t first, std::size_t rest) {
    std::vector<std::string> lines(1);
    std::size_t used = 0;
    std::size_t room = std::max<std::size_t>(first, 1);
    const auto next_line = [&] {
        lines.emplace_back();
        used = 0;
        room = std::max<std::size_t>(rest, 1);
    };
    while (!text.empty()) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        std::string_view word = text.substr(0, blank);
        text.remove_prefix(std::min(blank + 1, text.size()));
        const std::size_t width = display_width(word);
        if (used > 0 && used + 1 + width > room) {
            next_line();
        } else if (used > 0) {
            lines.back() += ' ';
            ++used;
        }
        while (!word.empty()) {
            const Decoded next = decode(word);
            const std::size_t columns = width_of(next.code_point);
            if (used > 0 && used + columns > room) {
                next_line();
            }
            lines.back() += word.substr(0, next.length);
            used += columns;
            word.remove_prefix(next.length);
        }
    }
    return lines;
}

}  // namespace tocsin::alerts
