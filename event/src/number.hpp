#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// Whether eight bytes are digits, all of them.
[[nodiscard]] inline bool digits_only(std::uint64_t word) {
    constexpr std::uint64_t kHigh = 0xf0f0f0f0f0f0f0f0ULL;
    return ((word & kHigh) | (((word + 0x0606060606060606ULL) & kHigh) >> 4)) == 0x3333333333333333ULL;
}

/// Whether `length` bytes are a whole number of 1 to 8 digits, for what need not be known. Requires: eight bytes can be
/// read at `begin`, and little-endian words.
[[nodiscard]] inline bool is_short_whole_number(const char* begin, std::size_t length) {
    if (length - 1 >= 8 || (*begin == '0' && length > 1)) {
        return false;
    }
    std::uint64_t word = 0;
    std::memcpy(&word, begin, sizeof word);
    // The digits go to the high end; the zero bits below them are made the digit 0.
    const std::size_t shift = 8 * (8 - length);
    return digits_only(word << shift | (0x3030303030303030ULL & ((std::uint64_t{1} << shift) - 1)));
}

/// Whether `length` bytes are a whole number as most are: 1 to 16 digits, no sign, no leading zero. Eight digits at a
/// time, without a branch for each (Lemire, "Quickly parsing eight digits", 2018). Requires: eight bytes can be read at
/// `begin`, and little-endian words.
[[nodiscard]] inline bool scan_whole_number(const char* begin, std::size_t length, Decimal& number) {
    constexpr std::uint64_t kZeros = 0x3030303030303030ULL;
    const auto eight = [](const char* place) {
        std::uint64_t word = 0;
        std::memcpy(&word, place, sizeof word);
        return word;
    };
    const auto value = [](std::uint64_t word) {
        word = (word & 0x0f0f0f0f0f0f0f0fULL) * 2561 >> 8;
        word = (word & 0x00ff00ff00ff00ffULL) * 6553601 >> 16;
        return (word & 0x0000ffff0000ffffULL) * 42949672960001ULL >> 32;
    };
    if (length - 1 >= 16 || (*begin == '0' && length > 1)) {
        return false;
    }
    // The first up to eight digits, with zeros before them.
    const std::size_t first = length > 8 ? length - 8 : length;
    const std::size_t shift = 8 * (8 - first);
    const std::uint64_t head = shift == 0 ? eight(begin) : eight(begin) << shift | kZeros >> (64 - shift);
    const std::uint64_t tail = length > 8 ? eight(begin + first) : kZeros;
    if (!digits_only(head) || !digits_only(tail)) {
        return false;
    }
    number = Decimal{};
    number.digits = length > 8 ? value(head) * 100'000'000 + value(tail) : value(head);
    return true;
}

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
