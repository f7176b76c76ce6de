#include <tocsin/event/value.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <xxhash.h>

namespace tocsin::event {
namespace {

constexpr std::array<std::pair<std::string_view, Type>, 7> kTypeNames{{{"bool", Type::boolean},
                                                                       {"int", Type::integer},
                                                                       {"float", Type::floating},
                                                                       {"string", Type::string},
                                                                       {"time", Type::time},
                                                                       {"duration", Type::duration},
                                                                       {"ip", Type::ip}}};

constexpr double kTwoTo63 = 9223372036854775808.0;

template <class T>
std::strong_ordering order(const T& a, const T& b) {
    if (a < b) {
        return std::strong_ordering::less;
    }
    return b < a ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// Exact: the double's integral part is compared as an integer, its fraction decides a tie.
std::strong_ordering order_int_float(std::int64_t i, double d) {
    if (d >= kTwoTo63) {
        return std::strong_ordering::less;
    }
    if (d < -kTwoTo63) {
        return std::strong_ordering::greater;
    }
    const double whole = std::trunc(d);
    const auto by_whole = order(i, static_cast<std::int64_t>(whole));
    return by_whole != 0 ? by_whole : order(whole, d);
}

std::strong_ordering order_numbers(const Value& a, const Value& b) {
    if (a.type() == Type::integer) {
        return b.type() == Type::integer ? order(a.as_int(), b.as_int()) : order_int_float(a.as_int(), b.as_float());
    }
    if (b.type() == Type::integer) {
        return 0 <=> order_int_float(b.as_int(), a.as_float());
    }
    return order(a.as_float(), b.as_float());
}

/// Requires: same type, not numbers.
std::strong_ordering order_same_type(const Value& a, const Value& b) {
    switch (a.type()) {
        case Type::string: return order(a.as_string().compare(b.as_string()), 0);
        case Type::ip: return order(std::memcmp(a.as_ip().bytes.data(), b.as_ip().bytes.data(), 16), 0);
        case Type::null: return std::strong_ordering::equal;
        default: return order(a.as_int(), b.as_int());
    }
}

/// The finaliser of MurmurHash3, over a word that carries the type.
std::uint64_t mix(std::uint64_t word, std::uint64_t seed) {
    word ^= seed * 0x9e3779b97f4a7c15ULL;
    word = (word ^ (word >> 33)) * 0xff51afd7ed558ccdULL;
    word = (word ^ (word >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return word ^ (word >> 33);
}

/// An integral float hashes as the integer that it equals.
std::uint64_t hash_float(double d) {
    constexpr auto kSeed = static_cast<std::uint64_t>(Type::integer);
    if (d >= -kTwoTo63 && d < kTwoTo63 && std::trunc(d) == d) {
        return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(d)), kSeed);
    }
    std::uint64_t bits = 0;
    std::memcpy(&bits, &d, sizeof bits);
    return mix(bits, kSeed);
}

}  // namespace

std::optional<Type> type_from_name(std::string_view name) {
    const auto found = std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const auto& t) { return t.first == name; });
    return found == kTypeNames.end() ? std::nullopt : std::optional(found->second);
}

std::string_view type_name(Type type) {
    const auto found = std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const auto& t) { return t.second == type; });
    return found == kTypeNames.end() ? std::string_view("null") : found->first;
}

Value Value::of_float(double d) {
    Value v;
    if (std::isfinite(d)) {
        v.type_ = Type::floating;
        v.float_ = d == 0 ? 0.0 : d;  // one zero only: equal values are written alike
    }
    return v;
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) {
        return order_numbers(a, b);
    }
    if (a.type() != b.type() || a.is_null()) {
        return std::nullopt;
    }
    return order_same_type(a, b);
}

bool equal(const Value& a, const Value& b) {
    const auto ordering = compare(a, b);
    return ordering && *ordering == 0;
}

std::uint64_t hash(const Value& value) {
    switch (value.type()) {
        case Type::null: return 0x9ae16a3b2f90404fULL;
        case Type::floating: return hash_float(value.as_float());
        case Type::string: return XXH3_64bits(value.as_string().data(), value.as_string().size());
        case Type::ip: return XXH3_64bits_withSeed(value.as_ip().bytes.data(), 16, static_cast<std::uint64_t>(Type::ip));
        default: return mix(static_cast<std::uint64_t>(value.as_int()), static_cast<std::uint64_t>(value.type()));
    }
}

std::strong_ordering total_order(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) {
        const auto ordering = order_numbers(a, b);
        return ordering != 0 ? ordering : order(a.type(), b.type());
    }
    if (a.type() == b.type()) {
        return order_same_type(a, b);
    }
    // int and float count as one type here, or 1 < 2.0 < 3 would not be a chain.
    const auto rank = [](const Value& v) { return v.type() == Type::floating ? Type::integer : v.type(); };
    return order(rank(a), rank(b));
}

}  // namespace tocsin::event
