#include <tocsin/base/time.hpp>

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace tocsin {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

/// Days since 1970-01-01 of a proleptic Gregorian date, and back: Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", days_from_civil and civil_from_days. Eras of 400 years, years that start in March.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

struct Civil {
    std::int64_t year;
    unsigned month;
    unsigned day;
};

constexpr Civil civil_from_days(std::int64_t days) {
    days += 719'468;
    const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
    const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned shifted = (5 * day_of_year + 2) / 153;
    const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
            day_of_year - (153 * shifted + 2) / 5 + 1};
}

constexpr unsigned days_in_month(unsigned year, unsigned month) {
    constexpr std::array<unsigned, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[month];
}

/// What a character that is not a digit gives in `digit`; any sum with it stays above every valid number.
constexpr unsigned kNotADigit = 1U << 20;

constexpr unsigned digit(char c) {
    const auto value = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
    return value <= 9 ? value : kNotADigit;
}
constexpr unsigned two(const char* p) { return digit(p[0]) * 10 + digit(p[1]); }

/// `Z` or `+hh:mm`, the whole of `text`, in seconds east of UTC.
std::optional<std::int64_t> parse_offset(std::string_view text) {
    if (text.size() == 1 && (text[0] == 'Z' || text[0] == 'z')) {
        return 0;
    }
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const unsigned hours = two(text.data() + 1);
    const unsigned minutes = two(text.data() + 4);
    if (hours > 23 || minutes > 59) {
        return std::nullopt;
    }
    const auto seconds = static_cast<std::int64_t>(hours * 3600 + minutes * 60);
    return text[0] == '-' ? -seconds : seconds;
}

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

struct DurationUnit {
    std::string_view name;
    std::int64_t micros;
};
constexpr std::array<DurationUnit, 5> kDurationUnits{
    {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}}};

}  // namespace

std::optional<EventTime> from_epoch(std::int64_t number, TimeUnit unit) {
    std::int64_t micros = number;
    bool overflow = false;
    switch (unit) {
        case TimeUnit::s: overflow = __builtin_mul_overflow(number, kMicrosPerSecond, &micros); break;
        case TimeUnit::ms: overflow = __builtin_mul_overflow(number, std::int64_t{1000}, &micros); break;
        case TimeUnit::us: break;
        case TimeUnit::ns: micros = floor_div(number, 1000); break;
    }
    const EventTime time(micros);
    // The two ends mean "before" and "after every event": no record may have them.
    if (overflow || time == EventTime::lowest() || time == EventTime::highest()) {
        return std::nullopt;
    }
    return time;
}

std::optional<EventTime> parse_rfc3339(std::string_view text) {
    constexpr std::size_t kSecondsEnd = 19;  // of 2026-11-23T10:02:00
    if (text.size() <= kSecondsEnd) {
        return std::nullopt;
    }
    const char* p = text.data();
    const unsigned year = two(p) * 100 + two(p + 2);
    const unsigned month = two(p + 5);
    const unsigned day = two(p + 8);
    const unsigned hour = two(p + 11);
    const unsigned minute = two(p + 14);
    const unsigned second = two(p + 17);
    const bool separators =
        p[4] == '-' && p[7] == '-' && (p[10] == 'T' || p[10] == 't' || p[10] == ' ') && p[13] == ':' && p[16] == ':';
    if (!separators || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 60) {
        return std::nullopt;
    }

    std::size_t at = kSecondsEnd;
    std::int64_t fraction = 0;
    if (text[at] == '.') {
        const std::size_t first = ++at;
        while (at < text.size() && digit(text[at]) != kNotADigit) {
            if (at - first < 6) {
                fraction = fraction * 10 + digit(text[at]);
            }
            ++at;
        }
        const std::size_t digits = at - first;
        if (digits < 1 || digits > 9) {
            return std::nullopt;
        }
        for (std::size_t i = digits; i < 6; ++i) {
            fraction *= 10;
        }
    }
    const auto offset = parse_offset(text.substr(at));
    if (!offset) {
        return std::nullopt;
    }
    const std::int64_t seconds = days_from_civil(year, month, day) * kSecondsPerDay +
                                 static_cast<std::int64_t>(hour * 3600 + minute * 60 + second) - *offset;
    // A leap second is the last one of a UTC day, so what is added up here must be the next day's midnight.
    if (second == 60 && floor_div(seconds, kSecondsPerDay) * kSecondsPerDay != seconds) {
        return std::nullopt;
    }
    // An offset can lead out of the years that RFC 3339 can write.
    if (seconds < days_from_civil(0, 1, 1) * kSecondsPerDay || seconds >= days_from_civil(10'000, 1, 1) * kSecondsPerDay) {
        return std::nullopt;
    }
    return EventTime(seconds * kMicrosPerSecond + fraction);
}

std::string format_rfc3339(EventTime time) {
    const std::int64_t seconds = floor_div(time.micros(), kMicrosPerSecond);
    // Not micros - seconds * 10^6, which overflows in the first second that there is.
    const std::int64_t rest = time.micros() % kMicrosPerSecond;
    const std::int64_t fraction = rest < 0 ? rest + kMicrosPerSecond : rest;
    const std::int64_t days = floor_div(seconds, kSecondsPerDay);
    const std::int64_t of_day = seconds - days * kSecondsPerDay;
    const Civil date = civil_from_days(days);
    std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day, of_day / 3600,
                                  of_day / 60 % 60, of_day % 60);
    if (fraction % 1000 == 0) {
        fmt::format_to(std::back_inserter(out), ".{:03}Z", fraction / 1000);
    } else {
        fmt::format_to(std::back_inserter(out), ".{:06}Z", fraction);
    }
    return out;
}

std::optional<Duration> parse_duration(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || text.front() == '-') {
        return std::nullopt;
    }
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    for (const auto& [name, micros] : kDurationUnits) {
        std::int64_t total = 0;
        if (unit == name && !__builtin_mul_overflow(number, micros, &total)) {
            return Duration(total);
        }
    }
    return std::nullopt;
}

std::string format_duration(Duration duration) {
    const std::int64_t count = duration.count();
    if (count == 0) {
        return "0s";
    }
    for (const auto& [name, micros] : kDurationUnits) {
        if (count % micros == 0) {
            return fmt::format("{}{}", count / micros, name);
        }
    }
    // Differences of two times can be finer than the language's own durations: milliseconds with a fraction.
    std::string out = fmt::format("{}{}.{:03}", count < 0 ? "-" : "", count / 1000 < 0 ? -(count / 1000) : count / 1000,
                                  count % 1000 < 0 ? -(count % 1000) : count % 1000);
    out.erase(out.find_last_not_of('0') + 1);
    return out + "ms";
}

}  // namespace tocsin
