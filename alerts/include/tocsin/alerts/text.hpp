#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tocsin/alerts/alert.hpp>

namespace tocsin::alerts {

// Parts of alerts as a person reads them.

/// `2026-11-23 10:02:00.000`, cut to milliseconds so that a column holds.
[[nodiscard]] std::string time_text(EventTime time);
/// A JSON value as a person writes it: a string without its quotes. Not printable() by itself.
[[nodiscard]] std::string plain_text(std::string_view json);
/// `user=ann ip=10.0.0.7`, printable().
[[nodiscard]] std::string pairs_text(const std::vector<NamedJson>& pairs);
/// Its text, or its values where it has none, with what it is if that is not simply an alert; printable().
[[nodiscard]] std::string alert_text(const Alert& alert);

}  // namespace tocsin::alerts
