#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tocsin/base/time.hpp>
#include <tocsin/event/value.hpp>

/// The functions of the language that are more than one operation. None of them fails: null means no answer.
namespace tocsin::matcher {

/// `*` any run of bytes, `?` one code point. Linear in practice: only the last `*` is retried.
[[nodiscard]] bool like(std::string_view text, std::string_view pattern);

/// ASCII letters only: what a byte-wise comparison needs, and the same on every machine.
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);
/// In code points.
[[nodiscard]] std::int64_t length(std::string_view text);
/// Code points [from, from + count) from 0; what lies outside the text is left out.
[[nodiscard]] std::string_view substring(std::string_view text, std::int64_t from, std::optional<std::int64_t> count);

[[nodiscard]] std::int64_t hour(EventTime time);
/// Monday is 1, Sunday 7.
[[nodiscard]] std::int64_t weekday(EventTime time);
[[nodiscard]] std::string date(EventTime time);

/// Great-circle distance (haversine, mean radius 6371.0088 km) between two places in degrees.
[[nodiscard]] double km(double lat1, double lon1, double lat2, double lon2);

}  // namespace tocsin::matcher
