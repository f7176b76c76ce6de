#include "number.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace tocsin::event {
namespace {

constexpr std::uint64_t kTen18 = 1'000'000'000'000'000'000;
constexpr std::int32_t kExponentBound = 100'000;  // far outside every range, and sums of it do not overflow

bool is_digit(const char* p, const char* end) { return p < end && static_cast<unsigned char>(*p - '0') <= 9; }

void add_digit(Decimal& number, char c, bool fraction) {
    const auto value = static_cast<std::uint64_t>(c - '0');
    if (number.digits < kTen18) {
        number.digits = number.digits * 10 + value;
        number.exponent -= fraction ? 1 : 0;
    } else {
        number.more = number.more || value != 0;
        number.exponent += fraction ? 0 : 1;
    }
}

const char* scan_digits(const char* p, const char* end, Decimal& number, bool fraction) {
    for (; is_digit(p, end); ++p) {
        add_digit(number, *p, fraction);
    }
    return p;
}

/// `e5 E+5 e-5` if there is one; null if an `e` has no digits behind it.
const char* scan_exponent(const char* p, const char* end, Decimal& number) {
    if (p == end || (*p != 'e' && *p != 'E')) {
        return p;
    }
    ++p;
    const bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) {
        ++p;
    }
    if (!is_digit(p, end)) {
        return nullptr;
    }
    std::int32_t exponent = 0;
    for (; is_digit(p, end); ++p) {
        exponent = exponent < kExponentBound ? exponent * 10 + (*p - '0') : exponent;
    }
    number.exponent += negative ? -exponent : exponent;
    return p;
}

std::optional<std::int64_t> with_sign(std::uint64_t magnitude, bool negative) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (magnitude > kMax + (negative ? 1 : 0)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

constexpr std::array<std::uint64_t, 20> kPowersOfTen = [] {
    std::array<std::uint64_t, 20> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}();

/// Multiplies by 10^exponent, if that is more than 1; false on overflow.
bool scale_up(std::uint64_t& digits, std::int32_t exponent) {
    if (exponent <= 0 || digits == 0) {
        return true;
    }
    return static_cast<std::size_t>(exponent) < kPowersOfTen.size() &&
           !__builtin_mul_overflow(digits, kPowersOfTen[static_cast<std::size_t>(exponent)], &digits);
}

}  // namespace

const char* scan_json_number(const char* begin, const char* end, Decimal& number) {
    const char* p = begin;
    number = Decimal{};
    number.negative = p < end && *p == '-';
    p += number.negative ? 1 : 0;
    if (!is_digit(p, end)) {
        return nullptr;
    }
    if (*p == '0') {
        ++p;
        if (is_digit(p, end)) {
            return nullptr;
        }
    } else {
        p = scan_digits(p, end, number, false);
    }
    if (p < end && *p == '.') {
        ++p;
        if (!is_digit(p, end)) {
            return nullptr;
        }
        p = scan_digits(p, end, number, true);
    }
    return scan_exponent(p, end, number);
}

bool scan_plain_number(std::string_view text, Decimal& number) {
    const char* p = text.data();
    const char* const end = p + text.size();
    number = Decimal{};
    if (p < end && (*p == '-' || *p == '+')) {
        number.negative = *p++ == '-';
    }
    const char* const whole = p;
    p = scan_digits(p, end, number, false);
    auto digits = p - whole;
    if (p < end && *p == '.') {
        const char* const fraction = ++p;
        p = scan_digits(p, end, number, true);
        digits += p - fraction;
    }
    return digits > 0 && scan_exponent(p, end, number) == end;
}

std::optional<std::int64_t> to_int64(Decimal number) {
    if (number.more) {
        return std::nullopt;  // 20 significant digits: too large, or not integral
    }
    for (; number.exponent < 0 && number.digits != 0; ++number.exponent) {
        if (number.digits % 10 != 0) {
            return std::nullopt;
        }
        number.digits /= 10;
    }
    if (!scale_up(number.digits, number.exponent)) {
        return std::nullopt;
    }
    return with_sign(number.digits, number.negative);
}

std::optional<std::int64_t> floor_scaled(Decimal number, int power) {
    number.exponent += power;
    for (; number.exponent < 0 && number.digits != 0; ++number.exponent) {
        number.more = number.more || number.digits % 10 != 0;
        number.digits /= 10;
    }
    if (!scale_up(number.digits, number.exponent)) {
        return std::nullopt;
    }
    return with_sign(number.digits + (number.negative && number.more ? 1 : 0), number.negative);
}

std::optional<double> to_double(const Decimal& number, std::string_view text) {
    // Both factors are exact doubles, so one rounding is left (Clinger, "How to Read Floating Point Numbers
    // Accurately", 1990, the fast path).
    constexpr std::array<double, 23> kPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    constexpr std::uint64_t kExact = 1ULL << 53;
    if (number.digits == 0) {
        return 0.0;
    }
    if (!number.more && number.digits <= kExact && number.exponent >= -22 && number.exponent <= 22) {
        const auto digits = static_cast<double>(number.digits);
        const double magnitude = number.exponent < 0 ? digits / kPowers[static_cast<std::size_t>(-number.exponent)]
                                                     : digits * kPowers[static_cast<std::size_t>(number.exponent)];
        return number.negative ? -magnitude : magnitude;
    }
    if (text.front() == '+') {
        text.remove_prefix(1);
    }
    double value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
        return number.exponent < -19 ? std::optional(0.0) : std::nullopt;
    }
    return value;
}

}  // namespace tocsin::event
