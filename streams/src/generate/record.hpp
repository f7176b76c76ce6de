#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <tocsin/base/time.hpp>

namespace tocsin::streams {

/// An NDJSON record on its way: `{"type":…,"ts":…` and what is added, in that order. Times are whole milliseconds.
class Record {
public:
    Record(std::string_view type, EventTime time);

    Record& text(std::string_view name, std::string_view value);
    Record& number(std::string_view name, std::int64_t value);
    /// `hundredths` / 100, always with two digits behind the point.
    Record& hundredths(std::string_view name, std::int64_t hundredths);
    Record& flag(std::string_view name, bool value);

    [[nodiscard]] EventTime time() const { return time_; }
    /// The line, its end included.
    [[nodiscard]] std::string line() &&;

private:
    void begin(std::string_view name);

    EventTime time_;
    std::string text_;
};

/// A JSON string with what must be escaped in paths and names: quotes and backslashes.
void append_quoted(std::string& out, std::string_view text);

/// `{"card":"4000…"}`: names and values in turn, as an alert's key has them.
[[nodiscard]] std::string key_json(std::initializer_list<std::pair<std::string_view, std::string_view>> parts);

}  // namespace tocsin::streams
