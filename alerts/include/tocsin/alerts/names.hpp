#pragma once

#include <string_view>

#include <tocsin/alerts/alert.hpp>

namespace tocsin::alerts {

/// `alert`, `retract`, `correct`, as they are written in output.
[[nodiscard]] std::string_view op_name(Op op);
/// `info` … `critical`, as the language writes them.
[[nodiscard]] std::string_view severity_name(Severity severity);

}  // namespace tocsin::alerts
