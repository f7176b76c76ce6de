#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tocsin/plan/expr.hpp>

namespace tocsin::matcher {

/// Bytes that a text must hold at a certain place for a condition on it to be true.
struct TextForm {
    enum class At : std::uint8_t { whole, start, end, anywhere };
    At at;
    std::string_view literal;       ///< a view into the pattern; not empty, but for At::whole
    bool exact;                     ///< they are all that the condition asks
    friend bool operator==(const TextForm&, const TextForm&) = default;
};

/// What `op` (like, contains, starts_with or ends_with) demands of a text with this right side; of several pieces between
/// wildcards the longest one. Nothing where it demands no bytes.
[[nodiscard]] std::optional<TextForm> text_form(plan::Op op, std::string_view pattern);

}  // namespace tocsin::matcher
