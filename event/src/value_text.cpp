#include <tocsin/event/value.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace tocsin::event {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7), 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto tail = [&](std::size_t i) { return at(i) >= 0x80 && at(i) <= 0xbf; };
    const unsigned lead = at(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return tail(1) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool fits = (lead != 0xe0 || at(1) >= 0xa0) && (lead != 0xed || at(1) <= 0x9f);
        return fits && tail(1) && tail(2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool fits = (lead != 0xf0 || at(1) >= 0x90) && (lead != 0xf4 || at(1) <= 0x8f);
        return fits && tail(1) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    }
}

std::int64_t floor_millis(Duration duration) { return std::chrono::floor<std::chrono::milliseconds>(duration).count(); }

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain])) {
            ++plain;
        }
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            append_escaped(out, text[0]);
            text.remove_prefix(1);
            continue;
        }
        const std::size_t length = utf8_sequence(text);
        out.append(length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length));
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

void append_json(std::string& out, const Value& value) {
    switch (value.type()) {
        case Type::null: out += "null"; return;
        case Type::boolean: out += value.as_bool() ? "true" : "false"; return;
        case Type::integer: fmt::format_to(std::back_inserter(out), "{}", value.as_int()); return;
        case Type::floating: fmt::format_to(std::back_inserter(out), "{}", value.as_float()); return;
        case Type::string: append_json_string(out, value.as_string()); return;
        case Type::time: fmt::format_to(std::back_inserter(out), "\"{}\"", format_rfc3339(value.as_time())); return;
        case Type::duration: fmt::format_to(std::back_inserter(out), "{}", floor_millis(value.as_duration())); return;
        case Type::ip: fmt::format_to(std::back_inserter(out), "\"{}\"", format_ip(value.as_ip())); return;
    }
}

void append_text(std::string& out, const Value& value) {
    switch (value.type()) {
        case Type::string: out += value.as_string(); return;
        case Type::time: out += format_rfc3339(value.as_time()); return;
        case Type::duration: out += format_duration(value.as_duration()); return;
        case Type::ip: out += format_ip(value.as_ip()); return;
        default: append_json(out, value);
    }
}

}  // namespace tocsin::event
