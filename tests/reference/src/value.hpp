// What a field holds, and how two of them compare.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "json.hpp"

namespace reference {

struct Time {
    std::int64_t us = 0;
};
struct Duration {
    std::int64_t us = 0;
};
struct Ip {
    std::array<std::uint8_t, 16> bytes{};
    bool v4 = false;
};

using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Time, Duration, Ip>;

enum class Type { kBool, kInt, kFloat, kString, kTime, kDuration, kIp };
enum class TimeUnit { kSeconds, kMillis, kMicros, kNanos };

inline bool is_null(const Value& v) { return std::holds_alternative<std::monostate>(v); }

// A finite float, else null: NaN and infinities never arise.
Value finite(double d);

// Negative, zero or positive; nothing when the two cannot be compared (null, or different kinds). An int and a float
// compare exactly. A text beside a time or an ip is read as one.
std::optional<int> compare(const Value& a, const Value& b);

std::optional<Time> parse_time(std::string_view rfc3339);
std::string format_time(std::int64_t us);  // RFC 3339 in UTC, with milliseconds or, if needed, microseconds
std::optional<Ip> parse_ip(std::string_view text);
bool in_network(const Ip& address, std::string_view network);
std::optional<std::int64_t> number_as_time(const Json& number, TimeUnit unit);

// The value of a field that is declared with a type; null when the record's value does not fit it.
Value read_field(const Json& json, Type type, TimeUnit unit);

std::string to_json(const Value& v);   // canonical: equal values, equal text
std::string to_text(const Value& v);   // as in an alert's text

}  // namespace reference
