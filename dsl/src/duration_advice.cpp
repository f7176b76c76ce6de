#include "duration_advice.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace tocsin::dsl {

namespace {

bool is_unit(std::string_view unit) { return unit == "ms" || unit == "s" || unit == "m" || unit == "h" || unit == "d"; }

bool is_whole(std::string_view number) { return number.find_first_of(".eE") == std::string_view::npos; }

/// How people begin the long names of the units, the longer beginnings last.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kBeginnings{{{"S", "s"},
                                                                                     {"M", "m"},
                                                                                     {"H", "h"},
                                                                                     {"D", "d"},
                                                                                     {"se", "s"},
                                                                                     {"mi", "m"},
                                                                                     {"ho", "h"},
                                                                                     {"hr", "h"},
                                                                                     {"da", "d"},
                                                                                     {"ms", "ms"},
                                                                                     {"mill", "ms"}}};

}  // namespace

std::string what_is_wrong_with(std::string_view number, std::string_view unit) {
    if (!is_unit(unit)) {
        return fmt::format("`{}` is no unit of time", unit);
    }
    return is_whole(number) ? "this duration is out of range" : "a duration is a whole number of one unit";
}

std::string advice_on(std::string_view number, std::string_view unit) {
    if (is_unit(unit)) {
        return is_whole(number) ? "" : "take a smaller unit: 1.5h is 90m";
    }
    if (unit == "w" || unit.starts_with("week")) {
        return "units are ms, s, m, h and d; a week is 7d";
    }
    std::string_view meant;
    for (const auto& [beginning, canonical] : kBeginnings) {
        meant = unit.starts_with(beginning) ? canonical : meant;
    }
    return meant.empty() ? "units are ms, s, m, h and d, as in 30s or 5m; a name does not start with a digit"
                         : fmt::format("write {}{}; units are ms, s, m, h and d", number, meant);
}

}  // namespace tocsin::dsl
