#include "fields.hpp"

#include <algorithm>

namespace tocsin::event {
namespace {

constexpr int kMillisToMicros = 3;

int power_to_micros(TimeUnit unit) {
    switch (unit) {
        case TimeUnit::s: return 6;
        case TimeUnit::ms: return kMillisToMicros;
        case TimeUnit::us: return 0;
        case TimeUnit::ns: return -3;
    }
    return 0;
}

template <class T>
bool store_integer(Column& column, std::size_t row, const std::optional<T>& value) {
    if (!value) {
        return false;
    }
    if constexpr (std::is_same_v<T, EventTime>) {
        column.set_integer(row, value->micros());
    } else if constexpr (std::is_same_v<T, Duration>) {
        column.set_integer(row, value->count());
    } else {
        column.set_integer(row, *value);
    }
    return true;
}

std::string_view trim_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

std::optional<bool> bool_from_text(std::string_view text) {
    if (text == "1" || equals_ignoring_case(text, "true")) {
        return true;
    }
    if (text == "0" || equals_ignoring_case(text, "false")) {
        return false;
    }
    return std::nullopt;
}

}  // namespace

std::optional<EventTime> epoch_time(const Decimal& number, TimeUnit unit) {
    // The common case: whole milliseconds of this age of the world.
    constexpr std::uint64_t kFarFuture = 1'000'000'000'000'000;
    if (unit == TimeUnit::ms && number.exponent == 0 && !number.negative && number.digits < kFarFuture) {
        return EventTime::from_millis(static_cast<std::int64_t>(number.digits));
    }
    const auto micros = floor_scaled(number, power_to_micros(unit));
    return micros ? from_epoch(*micros, TimeUnit::us) : std::nullopt;
}

bool store_string(Column& column, const ColumnSpec& spec, std::size_t row, std::string_view text) {
    switch (spec.type) {
        case Type::string: column.set_string(row, text); return true;
        case Type::time: return store_integer(column, row, parse_rfc3339(text));
        case Type::duration: return store_integer(column, row, parse_duration(text));
        case Type::ip: {
            const auto ip = parse_ip(text);
            if (ip) {
                column.set_ip(row, *ip);
            }
            return ip.has_value();
        }
        default: return false;
    }
}

bool store_number(Column& column, const ColumnSpec& spec, std::size_t row, const Decimal& number, std::string_view text) {
    switch (spec.type) {
        case Type::integer: return store_integer(column, row, to_int64(number));
        case Type::time: return store_integer(column, row, epoch_time(number, spec.unit));
        case Type::duration: return store_integer(column, row, floor_scaled(number, kMillisToMicros));
        case Type::floating: {
            const auto value = to_double(number, text);
            if (value) {
                column.set_float(row, *value);
            }
            return value.has_value();
        }
        default: return false;
    }
}

bool store_bool(Column& column, const ColumnSpec& spec, std::size_t row, bool value) {
    if (spec.type != Type::boolean) {
        return false;
    }
    column.set_integer(row, value ? 1 : 0);
    return true;
}

bool store_text(Column& column, const ColumnSpec& spec, std::size_t row, std::string_view text) {
    if (spec.type == Type::string) {
        column.set_string(row, text);
        return true;
    }
    text = trim_blanks(text);
    if (spec.type == Type::boolean) {
        const auto value = bool_from_text(text);
        return value && store_bool(column, spec, row, *value);
    }
    Decimal number;
    return scan_plain_number(text, number) ? store_number(column, spec, row, number, text)
                                           : store_string(column, spec, row, text);
}

}  // namespace tocsin::event
