#include "literal.hpp"

#include <charconv>
#include <cmath>

namespace tocsin::dsl {

namespace {

void append_utf8(std::string& out, std::uint32_t code) {
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0U | (code >> 6U));
        byte(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        byte(0xE0U | (code >> 12U));
        byte(0x80U | ((code >> 6U) & 0x3FU));
        byte(0x80U | (code & 0x3FU));
    } else {
        byte(0xF0U | (code >> 18U));
        byte(0x80U | ((code >> 12U) & 0x3FU));
        byte(0x80U | ((code >> 6U) & 0x3FU));
        byte(0x80U | (code & 0x3FU));
    }
}

bool is_scalar_value(std::uint32_t code) { return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF); }

/// Reads `{…}` at `at`; returns the place behind it, or nothing.
std::optional<std::size_t> read_code_point(std::string_view content, std::size_t at, std::string& out) {
    if (at >= content.size() || content[at] != '{') {
        return std::nullopt;
    }
    const std::size_t close = content.find('}', at);
    if (close == std::string_view::npos || close == at + 1 || close - at > 7) {
        return std::nullopt;
    }
    std::uint32_t code = 0;
    const char* const end = content.data() + close;
    const auto read = std::from_chars(content.data() + at + 1, end, code, 16);
    if (read.ec != std::errc{} || read.ptr != end || !is_scalar_value(code)) {
        return std::nullopt;
    }
    append_utf8(out, code);
    return close + 1;
}

}  // namespace

Unescaped unescape(std::string_view content) {
    Unescaped result;
    result.value.reserve(content.size());
    for (std::size_t i = 0; i < content.size();) {
        if (content[i] != '\\') {
            result.value += content[i++];
            continue;
        }
        const char escaped = i + 1 < content.size() ? content[i + 1] : '\0';
        std::size_t next = i + 2;
        bool known = true;
        switch (escaped) {
            case '"': result.value += '"'; break;
            case '\\': result.value += '\\'; break;
            case 'n': result.value += '\n'; break;
            case 't': result.value += '\t'; break;
            case 'u':
                if (const auto behind = read_code_point(content, next, result.value)) {
                    next = *behind;
                } else {
                    known = false;
                }
                break;
            default: known = false;
        }
        if (!known && !result.wrong) {
            result.wrong = {i, std::min(next, content.size())};
        }
        i = next;
    }
    return result;
}

std::string escape(std::string_view value) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    out.reserve(value.size());
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\t': out += "\\t"; break;
            default:
                if (byte < 0x20 || byte == 0x7F) {
                    out += "\\u{";
                    if (byte >= 0x10) {
                        out += kHex[byte >> 4U];
                    }
                    out += kHex[byte & 0xFU];
                    out += '}';
                } else {
                    out += c;
                }
        }
    }
    return out;
}

std::string_view between_quotes(std::string_view token) {
    // An unclosed string, already reported, has no closing quote to take away.
    const auto strip = [&token](std::string_view open, std::string_view close) {
        token.remove_prefix(open.size());
        if (token.ends_with(close)) {
            token.remove_suffix(close.size());
        }
        return token;
    };
    if (token.starts_with("r\"")) {
        return strip("r\"", "\"");
    }
    if (token.starts_with("\\\"")) {
        return strip("\\\"", "\\\"");
    }
    if (token.starts_with("\"")) {
        return strip("\"", "\"");
    }
    return token.starts_with("'") ? strip("'", "'") : token;
}

std::string string_value(std::string_view token) {
    const std::string_view content = between_quotes(token);
    return token.starts_with("r\"") ? std::string(content) : unescape(content).value;
}

std::optional<std::uint64_t> integer_magnitude(std::string_view digits) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc{} || value > kLowestMagnitude) {
        return std::nullopt;
    }
    return value;
}

std::optional<double> float_value(std::string_view digits) {
    double value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc{} || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

}  // namespace tocsin::dsl
