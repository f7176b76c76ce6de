#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::event {

/// A decimal number as it was written: ± digits × 10^exponent. The first 19 significant digits are kept, which an
/// int64 never needs more of; `more` says that a digit other than 0 was left out behind them.
struct Decimal {
    std::uint64_t digits{0};
    std::int32_t exponent{0};
    bool negative{false};
    bool more{false};
};

/// Reads a number by JSON's grammar from the start of [begin, end); where it ends, or null if there is none.
[[nodiscard]] const char* scan_json_number(const char* begin, const char* end, Decimal& number);
/// The whole of a text that people and spreadsheets write: also `+5`, `007`, `.5`, `5.`.
[[nodiscard]] bool scan_plain_number(std::string_view text, Decimal& number);

/// Nothing unless the number is exactly an int64: 5.0 and 1e3 are, 5.5 is not.
[[nodiscard]] std::optional<std::int64_t> to_int64(Decimal number);
/// floor(number × 10^power), if it fits.
[[nodiscard]] std::optional<std::int64_t> floor_scaled(Decimal number, int power);
/// The nearest double; what is too small is 0, what is too large is nothing. `text` is what was scanned.
[[nodiscard]] std::optional<double> to_double(const Decimal& number, std::string_view text);

}  // namespace tocsin::event
