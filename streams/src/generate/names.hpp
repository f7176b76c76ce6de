#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "random.hpp"

namespace tocsin::streams {

/// `number` in `width` digits, with zeros in front.
[[nodiscard]] inline std::string padded(std::uint64_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

/// Ten digits that differ for different numbers below 2^31, and do not show their order: multiplication by a number that is
/// prime to 10^10 is one to one.
[[nodiscard]] inline std::string ten_digits(std::uint32_t number) {
    return padded((std::uint64_t{number} * 7'654'321'237 + 4'242'424'243) % 10'000'000'000, 10);
}

[[nodiscard]] inline std::string user_name(std::uint32_t who) {
    constexpr std::array<std::string_view, 32> kNames{"ann",   "bob",  "carla", "dmitri", "elif", "farid", "greta", "hugo",
                                                      "ines",  "jun",  "kofi",  "lena",   "marc", "nadia", "olga",  "pedro",
                                                      "quinn", "rosa", "sven",  "tara",   "uma",  "vera",  "wei",   "xenia",
                                                      "yusuf", "zoe",  "amir",  "bela",   "chen", "dana",  "emil",  "fatma"};
    return std::string(kNames[who % kNames.size()]) + "." + padded(who / kNames.size(), 3);
}

/// An address inside a company, one for each number below 2^24.
[[nodiscard]] inline std::string inside_address(std::uint32_t who) {
    return "10." + std::to_string(who >> 16 & 255) + "." + std::to_string(who >> 8 & 255) + "." + std::to_string(who & 255);
}

/// An address outside, from the networks 198.18.0.0/15 (RFC 2544), which belong to nobody.
[[nodiscard]] inline std::string outside_address(std::uint32_t who) {
    return "198." + std::to_string(18 + (who >> 16 & 1)) + "." + std::to_string(who >> 8 & 255) + "." +
           std::to_string(who & 255);
}

/// A choice from a table that is always the same for the same number.
template <class Table>
[[nodiscard]] const auto& chosen(const Table& table, std::uint64_t who) {
    return table[Random::mixed(who) % table.size()];
}

}  // namespace tocsin::streams
