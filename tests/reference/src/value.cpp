#include "value.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

namespace reference {
namespace {

// Howard Hinnant, "chrono-compatible low-level date algorithms": days_from_civil and its inverse.
std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
    y -= m <= 2;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const auto yoe = static_cast<unsigned>(y - era * 400);
    const unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

std::optional<long> digits(std::string_view text, std::size_t from, std::size_t count) {
    long value = 0;
    if (from + count > text.size()) {
        return std::nullopt;
    }
    const auto [stop, error] = std::from_chars(text.data() + from, text.data() + from + count, value);
    if (error != std::errc() || stop != text.data() + from + count) {
        return std::nullopt;
    }
    return value;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - ((a % b != 0) && ((a < 0) != (b < 0)) ? 1 : 0); }

template <class T>
int order(const T& a, const T& b) {
    return a < b ? -1 : (b < a ? 1 : 0);
}

std::optional<long double> as_number(const Value& v) {
    if (const auto* i = std::get_if<std::int64_t>(&v)) {
        return static_cast<long double>(*i);  // 64 bits of mantissa: exact
    }
    if (const auto* d = std::get_if<double>(&v)) {
        return static_cast<long double>(*d);
    }
    return std::nullopt;
}

}  // namespace

Value finite(double d) { return std::isfinite(d) ? Value(d) : Value(); }

std::optional<int> compare(const Value& a, const Value& b) {
    if (is_null(a) || is_null(b)) {
        return std::nullopt;
    }
    const std::optional<long double> x = as_number(a);
    const std::optional<long double> y = as_number(b);
    if (x && y) {
        return order(*x, *y);
    }
    if (const auto* text = std::get_if<std::string>(&b); text != nullptr && a.index() != b.index()) {
        if (std::holds_alternative<Time>(a)) {
            const std::optional<Time> t = parse_time(*text);
            return t ? compare(a, Value(*t)) : std::nullopt;
        }
        if (std::holds_alternative<Ip>(a)) {
            const std::optional<Ip> ip = parse_ip(*text);
            return ip ? compare(a, Value(*ip)) : std::nullopt;
        }
        return std::nullopt;
    }
    if (std::holds_alternative<std::string>(a) && a.index() != b.index()) {
        const std::optional<int> other = std::holds_alternative<std::string>(b) ? std::nullopt : compare(b, a);
        return other ? std::optional<int>(-*other) : std::nullopt;
    }
    if (a.index() != b.index()) {
        return std::nullopt;
    }
    if (const auto* p = std::get_if<bool>(&a)) {
        return order(*p, std::get<bool>(b));
    }
    if (const auto* s = std::get_if<std::string>(&a)) {
        return order(*s, std::get<std::string>(b));
    }
    if (const auto* t = std::get_if<Time>(&a)) {
        return order(t->us, std::get<Time>(b).us);
    }
    if (const auto* d = std::get_if<Duration>(&a)) {
        return order(d->us, std::get<Duration>(b).us);
    }
    return order(std::get<Ip>(a).bytes, std::get<Ip>(b).bytes);
}

std::optional<Time> parse_time(std::string_view s) {
    const auto year = digits(s, 0, 4);
    const auto month = digits(s, 5, 2);
    const auto day = digits(s, 8, 2);
    if (!year || !month || !day || s[4] != '-' || s[7] != '-') {
        return std::nullopt;
    }
    std::int64_t us = days_from_civil(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)) * 86'400'000'000;
    if (s.size() == 10) {
        return Time{us};
    }
    const auto hour = digits(s, 11, 2);
    const auto minute = digits(s, 14, 2);
    const auto second = digits(s, 17, 2);
    if (!hour || !minute || !second) {
        return std::nullopt;
    }
    us += ((*hour * 60 + *minute) * 60 + *second) * std::int64_t{1'000'000};
    std::size_t at = 19;
    if (at < s.size() && (s[at] == '.' || s[at] == ',')) {
        std::int64_t unit = 100'000;
        for (++at; at < s.size() && s[at] >= '0' && s[at] <= '9'; ++at, unit /= 10) {
            us += (s[at] - '0') * unit;
        }
    }
    if (at < s.size() && (s[at] == '+' || s[at] == '-')) {
        const auto zone_hour = digits(s, at + 1, 2);
        const auto zone_minute = digits(s, at + (at + 3 < s.size() && s[at + 3] == ':' ? 4U : 3U), 2);
        if (!zone_hour) {
            return std::nullopt;
        }
        const std::int64_t offset = (*zone_hour * 60 + zone_minute.value_or(0)) * std::int64_t{60'000'000};
        us -= s[at] == '+' ? offset : -offset;
    }
    return Time{us};
}

std::string format_time(std::int64_t us) {
    const std::int64_t days = floor_div(us, 86'400'000'000);
    const std::int64_t rest = us - days * 86'400'000'000;
    const std::int64_t z = days + 719468;
    const std::int64_t era = floor_div(z, 146097);
    const auto doe = static_cast<unsigned>(z - era * 146097);
    const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const unsigned mp = (5 * doy + 2) / 153;
    const unsigned day = doy - (153 * mp + 2) / 5 + 1;
    const unsigned month = mp < 10 ? mp + 3 : mp - 9;
    const std::int64_t year = static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0);
    const std::int64_t seconds = rest / 1'000'000;
    const std::int64_t micros = rest % 1'000'000;
    char out[64];
    const int n = std::snprintf(out, sizeof out, "%04lld-%02u-%02uT%02lld:%02lld:%02lld", static_cast<long long>(year), month, day,
                                static_cast<long long>(seconds / 3600), static_cast<long long>(seconds / 60 % 60),
                                static_cast<long long>(seconds % 60));
    std::string text(out, static_cast<std::size_t>(n));
    std::snprintf(out, sizeof out, micros % 1000 == 0 ? ".%03lldZ" : ".%06lldZ",
                  static_cast<long long>(micros % 1000 == 0 ? micros / 1000 : micros));
    return text + out;
}

std::optional<Ip> parse_ip(std::string_view text) {
    Ip ip;
    if (text.find(':') == std::string_view::npos) {
        ip.v4 = true;
        ip.bytes[10] = ip.bytes[11] = 0xFF;
        const char* at = text.data();
        const char* end = at + text.size();
        for (std::size_t i = 0; i < 4; ++i) {
            unsigned byte = 0;
            const auto [stop, error] = std::from_chars(at, end, byte);
            if (error != std::errc() || byte > 255 || (i < 3 ? stop == end || *stop != '.' : stop != end)) {
                return std::nullopt;
            }
            ip.bytes[12 + i] = static_cast<std::uint8_t>(byte);
            at = stop + 1;
        }
        return ip;
    }
    const std::size_t gap = text.find("::");
    const auto groups = [](std::string_view part, std::vector<unsigned>& out) {
        while (!part.empty()) {
            unsigned group = 0;
            const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), group, 16);
            if (error != std::errc() || group > 0xFFFF) {
                return false;
            }
            out.push_back(group);
            part.remove_prefix(static_cast<std::size_t>(stop - part.data()));
            if (!part.empty()) {
                if (part.front() != ':') {
                    return false;
                }
                part.remove_prefix(1);
            }
        }
        return true;
    };
    std::vector<unsigned> head;
    std::vector<unsigned> tail;
    const bool ok = gap == std::string_view::npos ? groups(text, head)
                                                  : groups(text.substr(0, gap), head) && groups(text.substr(gap + 2), tail);
    if (!ok || head.size() + tail.size() > 8 || (gap == std::string_view::npos && head.size() != 8)) {
        return std::nullopt;
    }
    const auto store = [&ip](std::size_t index, unsigned group) {
        ip.bytes[2 * index] = static_cast<std::uint8_t>(group >> 8);
        ip.bytes[2 * index + 1] = static_cast<std::uint8_t>(group & 0xFF);
    };
    for (std::size_t i = 0; i < head.size(); ++i) {
        store(i, head[i]);
    }
    for (std::size_t i = 0; i < tail.size(); ++i) {
        store(8 - tail.size() + i, tail[i]);
    }
    return ip;
}

bool in_network(const Ip& address, std::string_view network) {
    const std::size_t slash = network.find('/');
    const std::optional<Ip> base = parse_ip(network.substr(0, slash));
    if (!base || base->v4 != address.v4) {
        return false;
    }
    unsigned bits = base->v4 ? 32 : 128;
    if (slash != std::string_view::npos) {
        std::from_chars(network.data() + slash + 1, network.data() + network.size(), bits);
    }
    for (unsigned bit = 0; bit < bits; ++bit) {
        const unsigned at = (base->v4 ? 96U : 0U) + bit;
        if (((base->bytes[at / 8] ^ address.bytes[at / 8]) >> (7 - at % 8) & 1) != 0) {
            return false;
        }
    }
    return true;
}

std::optional<std::int64_t> number_as_time(const Json& number, TimeUnit unit) {
    if (const std::optional<std::int64_t> i = number.integer()) {
        switch (unit) {
            case TimeUnit::kSeconds: return *i * 1'000'000;
            case TimeUnit::kMillis: return *i * 1000;
            case TimeUnit::kMicros: return *i;
            case TimeUnit::kNanos: return floor_div(*i, 1000);
        }
    }
    if (const auto* d = std::get_if<double>(&number.value)) {
        static constexpr long double kScale[] = {1e6L, 1e3L, 1.0L, 1e-3L};
        return static_cast<std::int64_t>(std::floor(static_cast<long double>(*d) * kScale[static_cast<int>(unit)]));
    }
    return std::nullopt;
}

Value read_field(const Json& json, Type type, TimeUnit unit) {
    const std::string* text = json.text();
    const std::optional<std::int64_t> integer = json.integer();
    const double* real = std::get_if<double>(&json.value);
    switch (type) {
        case Type::kBool:
            if (const bool* b = std::get_if<bool>(&json.value)) {
                return *b;
            }
            return {};
        case Type::kInt:
            if (integer) {
                return *integer;
            }
            if (real != nullptr && std::trunc(*real) == *real && std::fabs(*real) < 9e18) {
                return static_cast<std::int64_t>(*real);
            }
            return {};
        case Type::kFloat:
            if (integer) {
                return static_cast<double>(*integer);
            }
            return real != nullptr ? finite(*real) : Value();
        case Type::kString: return text != nullptr ? Value(*text) : Value();
        case Type::kTime:
            if (text != nullptr) {
                const std::optional<Time> t = parse_time(*text);
                return t ? Value(*t) : Value();
            }
            if (const std::optional<std::int64_t> us = number_as_time(json, unit)) {
                return Time{*us};
            }
            return {};
        case Type::kDuration:
            if (integer) {
                return Duration{*integer * 1000};
            }
            return real != nullptr ? Value(Duration{static_cast<std::int64_t>(std::floor(*real * 1000))}) : Value();
        case Type::kIp:
            if (text != nullptr) {
                const std::optional<Ip> ip = parse_ip(*text);
                return ip ? Value(*ip) : Value();
            }
            return {};
    }
    return {};
}

std::string to_json(const Value& v) {
    if (is_null(v)) {
        return "null";
    }
    if (const auto* s = std::get_if<std::string>(&v)) {
        return quote_json(*s);
    }
    if (const auto* d = std::get_if<Duration>(&v)) {
        return std::to_string(d->us / 1000);
    }
    if (std::holds_alternative<Time>(v) || std::holds_alternative<Ip>(v)) {
        return quote_json(to_text(v));
    }
    return to_text(v);
}

std::string to_text(const Value& v) {
    if (const auto* b = std::get_if<bool>(&v)) {
        return *b ? "true" : "false";
    }
    if (const auto* i = std::get_if<std::int64_t>(&v)) {
        return std::to_string(*i);
    }
    if (const auto* d = std::get_if<double>(&v)) {
        char out[64];
        const auto [end, error] = std::to_chars(out, out + sizeof out, *d);
        return {out, end};
    }
    if (const auto* s = std::get_if<std::string>(&v)) {
        return *s;
    }
    if (const auto* t = std::get_if<Time>(&v)) {
        return format_time(t->us);
    }
    if (const auto* d = std::get_if<Duration>(&v)) {
        return std::to_string(d->us / 1000) + "ms";
    }
    if (const auto* ip = std::get_if<Ip>(&v)) {
        std::string out;
        char buffer[8];
        for (std::size_t i = ip->v4 ? 12 : 0; i < 16; i += ip->v4 ? 1 : 2) {
            if (ip->v4) {
                std::snprintf(buffer, sizeof buffer, "%u", static_cast<unsigned>(ip->bytes[i]));
            } else {
                std::snprintf(buffer, sizeof buffer, "%x", static_cast<unsigned>(ip->bytes[i] << 8 | ip->bytes[i + 1]));
            }
            out += (out.empty() ? "" : (ip->v4 ? "." : ":")) + std::string(buffer);
        }
        return out;
    }
    return "null";
}

}  // namespace reference
