#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "names.hpp"

namespace tocsin::streams {

struct City {
    std::string_view country;
    std::int64_t lat;  ///< in hundredths of a degree
    std::int64_t lon;
    std::uint32_t region{0};  ///< cities of different regions are more than 3,000 km apart
};
inline constexpr std::array kCities{
    City{"GB", 5151, -13, 0},    City{"FR", 4886, 235, 0},   City{"DE", 5252, 1340, 0},  City{"ES", 4042, -370, 0},
    City{"US", 4071, -7401, 1},  City{"US", 4188, -8763, 1}, City{"CA", 4365, -7938, 1}, City{"BR", -2355, -4663, 2},
    City{"AR", -3460, -5838, 2}, City{"NG", 652, 338, 3},    City{"GH", 560, -19, 3},    City{"IN", 1908, 7288, 4},
    City{"IN", 2861, 7721, 4},   City{"SG", 135, 10382, 5},  City{"MY", 314, 10169, 5},  City{"AU", -3387, 15121, 6},
};

[[nodiscard]] inline const City& home_of(std::uint32_t user) { return chosen(kCities, user); }

/// A city in another region than `home`.
[[nodiscard]] inline const City& far_from(const City& home, Random& random) {
    while (true) {
        const City& city = kCities[random.below(kCities.size())];
        if (city.region != home.region) {
            return city;
        }
    }
}

[[nodiscard]] inline std::string card_name(std::uint32_t card) { return "400000" + ten_digits(card); }
[[nodiscard]] inline std::string account_name(std::uint32_t account) { return "GB29" + ten_digits(account); }
[[nodiscard]] inline std::string merchant_name(std::uint32_t merchant) {
    constexpr std::array<std::string_view, 12> kTrades{"grocer", "fuel",   "books",  "hotel",    "parking", "pharmacy",
                                                       "games",  "travel", "coffee", "hardware", "music",   "shoes"};
    return std::string(kTrades[merchant % kTrades.size()]) + "-" + padded(merchant, 4);
}
/// An account to which money is sent: not one of those that are looked at.
[[nodiscard]] inline std::string payee_name(std::uint64_t payee) {
    return "DE89" + ten_digits(static_cast<std::uint32_t>(payee % (1u << 31)));
}

}  // namespace tocsin::streams
