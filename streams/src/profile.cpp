#include "profile.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <tocsin/event/value.hpp>

namespace tocsin::streams {
namespace {

template <class T>
bool parses(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

bool is_bool_word(std::string_view text) {
    return text == "true" || text == "false" || text == "True" || text == "False" || text == "TRUE" || text == "FALSE";
}

}  // namespace

void Disorder::add(std::string_view partition, std::int64_t time) {
    const auto [newest, first] = newest_.try_emplace(std::string(partition), time);
    if (!first && time < newest->second) {
        // Times this far apart are no times; the difference must only not overflow.
        std::int64_t behind = 0;
        if (!__builtin_sub_overflow(newest->second, time, &behind)) {
            largest_ = std::max(largest_, behind);
        }
    }
    newest->second = std::max(newest->second, time);
}

FieldProfile& StreamProfile::field(std::string_view path) {
    const auto found = places_.find(path);
    if (found != places_.end()) {
        return fields_[found->second];
    }
    places_.emplace(path, fields_.size());
    fields_.push_back({});
    fields_.back().path = path;
    return fields_.back();
}

void StreamProfile::add_number(FieldProfile& field, std::string_view partition, double value, std::int64_t whole) {
    field.least = std::min(field.least, value);
    field.largest = std::max(field.largest, value);
    field.number_disorder.add(partition, whole);
}

void StreamProfile::add_integer(std::string_view path, std::string_view partition, std::int64_t value) {
    FieldProfile& into = field(path);
    ++into.integers;
    add_number(into, partition, static_cast<double>(value), value);
}

void StreamProfile::add_float(std::string_view path, std::string_view partition, double value) {
    constexpr double kWholeRange = 9e18;
    FieldProfile& into = field(path);
    ++into.floats;
    add_number(into, partition, value, std::abs(value) < kWholeRange ? static_cast<std::int64_t>(std::floor(value)) : 0);
}

void StreamProfile::add_string(std::string_view path, std::string_view partition, std::string_view value) {
    FieldProfile& into = field(path);
    ++into.strings;
    if (const auto time = parse_rfc3339(value)) {
        ++into.times;
        into.time_disorder.add(partition, time->micros());
    } else if (event::parse_ip(value)) {
        ++into.addresses;
    } else if (parse_duration(value)) {
        ++into.durations;
    }
}

void StreamProfile::add_text(std::string_view path, std::string_view partition, std::string_view value) {
    std::int64_t whole = 0;
    double number = 0;
    if (parses(value, whole)) {
        add_integer(path, partition, whole);
    } else if (parses(value, number) && std::isfinite(number)) {
        add_float(path, partition, number);
    } else if (is_bool_word(value)) {
        add_bool(path);
    } else {
        add_string(path, partition, value);
    }
}

bool StreamProfile::same_fields(const StreamProfile& other) const {
    return places_.size() == other.places_.size() &&
           std::equal(places_.begin(), places_.end(), other.places_.begin(),
                      [](const auto& a, const auto& b) { return a.first == b.first; });
}

}  // namespace tocsin::streams
