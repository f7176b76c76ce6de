#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "names.hpp"

namespace tocsin::streams {

inline constexpr std::string_view kLsass = R"(c:\windows\system32\lsass.exe)";
/// The parent of what a user starts; no process of an episode has this id.
inline constexpr std::int64_t kDesktopPid = 1'004;

[[nodiscard]] inline std::string host_name(std::uint32_t host) {
    constexpr std::array<std::string_view, 4> kKinds{"ws", "ws", "ws", "srv"};
    return std::string(kKinds[host % kKinds.size()]) + "-" + padded(host, 5);
}

}  // namespace tocsin::streams
