#include "json_string.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tocsin::event {
namespace {

constexpr std::size_t kUnicodeEscape = 6;  // \u1234
constexpr std::uint32_t kReplacement = 0xfffd;
constexpr std::uint32_t kBadDigit = 1U << 16;

std::uint32_t hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<std::uint32_t>(c - '0');
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? static_cast<std::uint32_t>(lower - 'a' + 10) : kBadDigit;
}

/// The four digits of \u1234; kBadDigit or more if some is none.
std::uint32_t code_unit(const char* backslash) {
    std::uint32_t unit = 0;
    for (std::size_t i = 2; i < kUnicodeEscape; ++i) {
        const std::uint32_t digit = hex_digit(backslash[i]);
        if (digit == kBadDigit) {
            return kBadDigit;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

bool is_high(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

char* put_utf8(char* out, std::uint32_t code_point) {
    const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | (code_point >> shift & 0x3fU)); };
    if (code_point < 0x80) {
        *out++ = static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        *out++ = static_cast<char>(0xc0U | code_point >> 6);
        *out++ = tail(0);
    } else if (code_point < 0x10000) {
        *out++ = static_cast<char>(0xe0U | code_point >> 12);
        *out++ = tail(6);
        *out++ = tail(0);
    } else {
        *out++ = static_cast<char>(0xf0U | code_point >> 18);
        *out++ = tail(12);
        *out++ = tail(6);
        *out++ = tail(0);
    }
    return out;
}

char plain_escape(char c) {
    switch (c) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return c;
    }
}

}  // namespace

std::size_t escape_length(const char* backslash, const char* end) {
    const auto left = static_cast<std::size_t>(end - backslash);
    if (left < 2) {
        return 0;
    }
    if (backslash[1] == 'u') {
        return left >= kUnicodeEscape && code_unit(backslash) != kBadDigit ? kUnicodeEscape : 0;
    }
    return std::string_view("\"\\/bfnrt").find(backslash[1]) != std::string_view::npos ? 2 : 0;
}

std::size_t unescape(std::string_view raw, char* out) {
    char* const begin = out;
    const char* p = raw.data();
    const char* const end = p + raw.size();
    while (p < end) {
        const char* const backslash = std::find(p, end, '\\');
        out = std::copy(p, backslash, out);
        p = backslash;
        if (p == end) {
            break;
        }
        if (p[1] != 'u') {
            *out++ = plain_escape(p[1]);
            p += 2;
            continue;
        }
        std::uint32_t code_point = code_unit(p);
        p += kUnicodeEscape;
        if (is_high(code_point)) {
            const bool paired =
                end - p >= static_cast<std::ptrdiff_t>(kUnicodeEscape) && p[0] == '\\' && p[1] == 'u' && is_low(code_unit(p));
            code_point = paired ? 0x10000 + ((code_point - 0xd800) << 10) + (code_unit(p) - 0xdc00) : kReplacement;
            p += paired ? kUnicodeEscape : 0;
        } else if (is_low(code_point)) {
            code_point = kReplacement;
        }
        out = put_utf8(out, code_point);
    }
    return static_cast<std::size_t>(out - begin);
}

}  // namespace tocsin::event
