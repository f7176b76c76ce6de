#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::dsl {

/// A string's content and, where an escape is wrong, the first wrong place (bytes of the content as written).
struct Unescaped {
    std::string value;
    struct Wrong {
        std::size_t begin;
        std::size_t end;
    };
    std::optional<Wrong> wrong;
};

/// Resolves `\"` `\\` `\n` `\t` `\u{…}`.
[[nodiscard]] Unescaped unescape(std::string_view content);

/// The other way round: what stands between the quotes for `value`.
[[nodiscard]] std::string escape(std::string_view value);

/// What stands between the quotes of a string token: `"…"`, `r"…"`, or `\"…\"` inside an alert's text.
[[nodiscard]] std::string_view between_quotes(std::string_view token);

/// The content of a string or raw string token.
[[nodiscard]] std::string string_value(std::string_view token);

/// A decimal integer up to 2^63 (which only a minus before it makes valid); nothing above.
[[nodiscard]] std::optional<std::uint64_t> integer_magnitude(std::string_view digits);

/// A finite decimal number; nothing when it is out of range.
[[nodiscard]] std::optional<double> float_value(std::string_view digits);

inline constexpr std::uint64_t kLowestMagnitude = std::uint64_t{1} << 63U;

}  // namespace tocsin::dsl
