#include <tocsin/delivery/address.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tocsin::delivery {

namespace {

struct Range4 {
    std::uint32_t network;
    int bits;
};

constexpr std::uint32_t quad(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array kPrivate4{
    Range4{quad(0, 0, 0, 0), 8},      Range4{quad(10, 0, 0, 0), 8},     Range4{quad(100, 64, 0, 0), 10},
    Range4{quad(127, 0, 0, 0), 8},    Range4{quad(169, 254, 0, 0), 16}, Range4{quad(172, 16, 0, 0), 12},
    Range4{quad(192, 0, 0, 0), 24},   Range4{quad(192, 0, 2, 0), 24},   Range4{quad(192, 88, 99, 0), 24},
    Range4{quad(192, 168, 0, 0), 16}, Range4{quad(198, 18, 0, 0), 15},  Range4{quad(198, 51, 100, 0), 24},
    Range4{quad(203, 0, 113, 0), 24}, Range4{quad(224, 0, 0, 0), 4},    Range4{quad(240, 0, 0, 0), 4},
};

bool is_private4(std::uint32_t address) {
    return std::any_of(kPrivate4.begin(), kPrivate4.end(),
                       [&](const Range4& range) { return (address ^ range.network) >> (32 - range.bits) == 0; });
}

using Bytes = std::array<std::uint8_t, 16>;

std::uint32_t quad_at(const Bytes& bytes, std::size_t place) {
    return quad(bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3]);
}

bool starts_with(const Bytes& bytes, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_private6(const Bytes& bytes) {
    if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}) ||  // IPv4-mapped
        starts_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {  // NAT64
        return is_private4(quad_at(bytes, 12));
    }
    if (starts_with(bytes, {0x20, 0x02})) {  // 6to4
        return is_private4(quad_at(bytes, 2));
    }
    // Only 2000::/3 is the internet; of it, not Teredo and other protocols (2001::/23), nor documentation.
    const bool global = bytes[0] >> 5 == 1;
    const bool protocols = starts_with(bytes, {0x20, 0x01}) && bytes[2] < 2;
    return !global || protocols || starts_with(bytes, {0x20, 0x01, 0x0d, 0xb8});
}

}  // namespace

bool is_private(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return is_private4(ntohl(v4.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        Bytes bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return is_private6(bytes);
    }
    return true;
}

}  // namespace tocsin::delivery
