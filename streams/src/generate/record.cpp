#include "record.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace tocsin::streams {

namespace {

void append_number(std::string& out, std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

/// RFC 3339. Neighbours mostly lie in one second, so its text is kept.
void append_time(std::string& out, EventTime time) {
    constexpr std::int64_t kSecond = 1'000'000;
    constexpr std::size_t kPrefix = std::string_view("2026-01-05T00:00:00.").size();
    thread_local std::int64_t kept_second = -1;
    thread_local std::string kept;
    const std::int64_t second = time.micros() / kSecond;
    if (second != kept_second) {
        kept = format_rfc3339(EventTime(second * kSecond)).substr(0, kPrefix);
        kept_second = second;
    }
    const auto millis = static_cast<unsigned>(time.micros() % kSecond / 1000);
    const auto digit = [](unsigned value) { return static_cast<char>('0' + value % 10); };
    out.append(kept).append({digit(millis / 100), digit(millis / 10), digit(millis), 'Z'});
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    out += '"';
}

std::string key_json(std::initializer_list<std::pair<std::string_view, std::string_view>> parts) {
    std::string out;
    for (const auto& [name, value] : parts) {
        out += out.empty() ? '{' : ',';
        append_quoted(out, name);
        out += ':';
        append_quoted(out, value);
    }
    return out + '}';
}

Record::Record(std::string_view type, EventTime time) : time_(time) {
    text_.reserve(256);
    text_.append(R"({"type":")").append(type).append(R"(","ts":")");
    append_time(text_, time);
    text_ += '"';
}

void Record::begin(std::string_view name) { text_.append(",\"").append(name).append("\":"); }

Record& Record::text(std::string_view name, std::string_view value) {
    begin(name);
    append_quoted(text_, value);
    return *this;
}

Record& Record::number(std::string_view name, std::int64_t value) {
    begin(name);
    append_number(text_, value);
    return *this;
}

Record& Record::hundredths(std::string_view name, std::int64_t hundredths) {
    begin(name);
    if (hundredths < 0) {
        text_ += '-';
        hundredths = -hundredths;
    }
    append_number(text_, hundredths / 100);
    text_ += '.';
    text_ += static_cast<char>('0' + hundredths / 10 % 10);
    text_ += static_cast<char>('0' + hundredths % 10);
    return *this;
}

Record& Record::flag(std::string_view name, bool value) {
    begin(name);
    text_ += value ? "true" : "false";
    return *this;
}

std::string Record::line() && {
    text_ += "}\n";
    return std::move(text_);
}

}  // namespace tocsin::streams
