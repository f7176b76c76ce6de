#include "functions.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace tocsin::matcher {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

/// The byte behind the code point at `at`.
std::size_t next_code_point(std::string_view text, std::size_t at) {
    ++at;
    while (at < text.size() && continues(text[at])) {
        ++at;
    }
    return at;
}

std::chrono::sys_days day_of(EventTime time) {
    const std::chrono::sys_time<std::chrono::microseconds> point{std::chrono::microseconds(time.micros())};
    return std::chrono::floor<std::chrono::days>(point);
}

std::string map_ascii(std::string_view text, char first, char last, int shift) {
    std::string result(text);
    for (char& c : result) {
        if (c >= first && c <= last) {
            c = static_cast<char>(c + shift);
        }
    }
    return result;
}

}  // namespace

bool like(std::string_view text, std::string_view pattern) {
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && pattern[p] == '?') {
            t = next_code_point(text, t);
            ++p;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++t;
            ++p;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            star_text = next_code_point(text, star_text);
            t = star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

std::string lower(std::string_view text) { return map_ascii(text, 'A', 'Z', 'a' - 'A'); }
std::string upper(std::string_view text) { return map_ascii(text, 'a', 'z', 'A' - 'a'); }

std::int64_t length(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); });
}

std::string_view substring(std::string_view text, std::int64_t from, std::optional<std::int64_t> count) {
    if (from < 0) {
        if (count) {
            // What lies before the text counts, and is left out.
            std::int64_t rest = 0;
            count = __builtin_add_overflow(*count, from, &rest) ? 0 : rest;
        }
        from = 0;
    }
    if (count && *count <= 0) {
        return {};
    }
    std::size_t begin = 0;
    for (; from > 0 && begin < text.size(); --from) {
        begin = next_code_point(text, begin);
    }
    if (!count) {
        return text.substr(begin);
    }
    std::size_t end = begin;
    for (std::int64_t left = *count; left > 0 && end < text.size(); --left) {
        end = next_code_point(text, end);
    }
    return text.substr(begin, end - begin);
}

std::int64_t hour(EventTime time) {
    const std::chrono::microseconds since_epoch(time.micros());
    return std::chrono::floor<std::chrono::hours>(since_epoch - day_of(time).time_since_epoch()).count();
}

std::int64_t weekday(EventTime time) {
    return static_cast<std::int64_t>(std::chrono::weekday(day_of(time)).iso_encoding());
}

std::string date(EventTime time) {
    const std::chrono::year_month_day day(day_of(time));
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

double km(double lat1, double lon1, double lat2, double lon2) {
    constexpr double kEarthRadiusKm = 6371.0088;
    constexpr double kRadians = std::numbers::pi / 180.0;
    const double dlat = (lat2 - lat1) * kRadians;
    const double dlon = (lon2 - lon1) * kRadians;
    const double a = std::pow(std::sin(dlat / 2), 2) +
                     std::cos(lat1 * kRadians) * std::cos(lat2 * kRadians) * std::pow(std::sin(dlon / 2), 2);
    return 2 * kEarthRadiusKm * std::asin(std::min(1.0, std::sqrt(a)));
}

}  // namespace tocsin::matcher
