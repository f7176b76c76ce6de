#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tocsin/base/time.hpp>

namespace tocsin::event {

enum class Type : std::uint8_t { null, boolean, integer, floating, string, time, duration, ip };

/// `bool int float string time duration ip`, as the language writes them; nothing for any other word.
[[nodiscard]] std::optional<Type> type_from_name(std::string_view name);
[[nodiscard]] std::string_view type_name(Type type);

/// An IPv6 address, or an IPv4 one mapped into ::ffff:0:0/96, in network order.
struct Ip {
    std::array<std::uint8_t, 16> bytes{};
    friend auto operator<=>(const Ip&, const Ip&) = default;

    template <class Archive>
    void archive(Archive& a) {
        a(bytes);
    }
};
[[nodiscard]] std::optional<Ip> parse_ip(std::string_view text);
/// Dotted for mapped IPv4, RFC 5952 for IPv6.
[[nodiscard]] std::string format_ip(const Ip& ip);

/// `10.0.0.0/8`, `2001:db8::/32`, or a lone address.
struct Network {
    Ip base;
    std::uint8_t prefix_bits{128};  ///< of the mapped form: /8 of IPv4 is 104
    [[nodiscard]] bool contains(const Ip& ip) const;
    friend auto operator<=>(const Network&, const Network&) = default;
};
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

/// One value of a field or of an expression, 24 bytes. Strings are views: whoever makes a Value from a string keeps the
/// bytes alive as long as the Value is used.
class Value {
public:
    constexpr Value() : type_(Type::null), integer_(0) {}
    [[nodiscard]] static constexpr Value of_bool(bool b) { return Value(Type::boolean, b ? 1 : 0); }
    [[nodiscard]] static constexpr Value of_int(std::int64_t i) { return Value(Type::integer, i); }
    /// Not finite becomes null.
    [[nodiscard]] static Value of_float(double d);
    [[nodiscard]] static constexpr Value of_string(std::string_view s) {
        Value v;
        v.type_ = Type::string;
        v.string_ = s;
        return v;
    }
    [[nodiscard]] static constexpr Value of_time(EventTime t) { return Value(Type::time, t.micros()); }
    [[nodiscard]] static constexpr Value of_duration(Duration d) { return Value(Type::duration, d.count()); }
    [[nodiscard]] static constexpr Value of_ip(const Ip& ip) {
        Value v;
        v.type_ = Type::ip;
        v.ip_ = ip;
        return v;
    }

    [[nodiscard]] constexpr Type type() const { return type_; }
    [[nodiscard]] constexpr bool is_null() const { return type_ == Type::null; }
    /// As a condition: null and everything but `true` is false.
    [[nodiscard]] constexpr bool truthy() const { return type_ == Type::boolean && integer_ != 0; }

    // Each requires the type it names.
    [[nodiscard]] constexpr bool as_bool() const { return integer_ != 0; }
    [[nodiscard]] constexpr std::int64_t as_int() const { return integer_; }
    [[nodiscard]] constexpr double as_float() const { return float_; }
    [[nodiscard]] constexpr std::string_view as_string() const { return string_; }
    [[nodiscard]] constexpr EventTime as_time() const { return EventTime(integer_); }
    [[nodiscard]] constexpr Duration as_duration() const { return Duration(integer_); }
    [[nodiscard]] constexpr const Ip& as_ip() const { return ip_; }
    [[nodiscard]] constexpr bool is_number() const { return type_ == Type::integer || type_ == Type::floating; }
    /// Requires: is_number(). An integer beyond 2^53 is rounded.
    [[nodiscard]] constexpr double to_double() const { return type_ == Type::integer ? static_cast<double>(integer_) : float_; }

private:
    constexpr Value(Type type, std::int64_t i) : type_(type), integer_(i) {}
    Type type_;
    union {
        std::int64_t integer_;
        double float_;
        std::string_view string_;
        Ip ip_;
    };
};

/// Same type (int and float count as one) and same value; numbers are compared exactly. Null equals nothing.
[[nodiscard]] bool equal(const Value& a, const Value& b);
/// Order of two values of one type (int and float count as one, compared exactly; strings by bytes); nothing
/// where either is null or the types differ.
[[nodiscard]] std::optional<std::strong_ordering> compare(const Value& a, const Value& b);
/// Equal values (in the sense of `equal`) have equal hashes; nulls hash alike.
[[nodiscard]] std::uint64_t hash(const Value& value);
/// Null first, then by type, then by value: a total order for output that must not depend on chance.
[[nodiscard]] std::strong_ordering total_order(const Value& a, const Value& b);

/// As JSON: strings quoted and escaped (invalid UTF-8 becomes U+FFFD), times as RFC 3339 strings, durations as integer
/// milliseconds, floats in the shortest form that reads back the same.
void append_json(std::string& out, const Value& value);
/// As text in an alert: strings plain, durations as `90s`, null as `null`, else as JSON without quotes.
void append_text(std::string& out, const Value& value);
void append_json_string(std::string& out, std::string_view text);

}  // namespace tocsin::event
