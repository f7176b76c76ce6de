#include <tocsin/event/value.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

namespace tocsin::event {
namespace {

constexpr std::size_t kMappedBytes = 12;  // the prefix ::ffff:0:0/96
constexpr std::uint8_t kMappedBits = 96;
constexpr std::size_t kLongestIpv6 = 45;  // eight groups, the last two dotted

bool is_mapped(const Ip& ip) {
    return std::all_of(ip.bytes.begin(), ip.bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
           ip.bytes[10] == 0xff && ip.bytes[11] == 0xff;
}

/// Four decimal numbers without leading zeros; the only form that is not read as octal somewhere.
std::optional<Ip> parse_ipv4(std::string_view text) {
    Ip ip;
    ip.bytes[10] = ip.bytes[11] = 0xff;
    std::size_t at = 0;
    for (std::size_t part = 0; part < 4; ++part) {
        if (part > 0 && (at >= text.size() || text[at++] != '.')) {
            return std::nullopt;
        }
        const std::size_t first = at;
        unsigned number = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - first < 3) {
            number = number * 10 + static_cast<unsigned>(text[at++] - '0');
        }
        if (at == first || number > 255 || (text[first] == '0' && at - first > 1)) {
            return std::nullopt;
        }
        ip.bytes[kMappedBytes + part] = static_cast<std::uint8_t>(number);
    }
    return at == text.size() ? std::optional(ip) : std::nullopt;
}

std::optional<Ip> parse_ipv6(std::string_view text) {
    if (text.size() > kLongestIpv6 || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    std::array<char, kLongestIpv6 + 1> terminated{};
    std::copy(text.begin(), text.end(), terminated.begin());
    Ip ip;
    return inet_pton(AF_INET6, terminated.data(), ip.bytes.data()) == 1 ? std::optional(ip) : std::nullopt;
}

/// The longest run of two or more zero groups, the first of equals: what RFC 5952 writes as `::`.
struct ZeroRun {
    std::size_t begin{8};
    std::size_t length{0};
};
ZeroRun longest_zero_run(const std::array<unsigned, 8>& groups) {
    ZeroRun best;
    for (std::size_t i = 0; i < groups.size();) {
        std::size_t end = i;
        while (end < groups.size() && groups[end] == 0) {
            ++end;
        }
        if (end - i >= 2 && end - i > best.length) {
            best = {i, end - i};
        }
        i = std::max(end, i + 1);
    }
    return best;
}

}  // namespace

std::optional<Ip> parse_ip(std::string_view text) {
    return text.find(':') == std::string_view::npos ? parse_ipv4(text) : parse_ipv6(text);
}

std::string format_ip(const Ip& ip) {
    if (is_mapped(ip)) {
        return fmt::format("{}.{}.{}.{}", ip.bytes[12], ip.bytes[13], ip.bytes[14], ip.bytes[15]);
    }
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i] = static_cast<unsigned>(ip.bytes[2 * i] << 8 | ip.bytes[2 * i + 1]);
    }
    const ZeroRun zeros = longest_zero_run(groups);
    std::string out;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (i == zeros.begin) {
            out += "::";
            i += zeros.length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':') {
            out += ':';
        }
        fmt::format_to(std::back_inserter(out), "{:x}", groups[i]);
    }
    return out;
}

bool Network::contains(const Ip& ip) const {
    const std::size_t whole = prefix_bits / 8U;
    if (std::memcmp(base.bytes.data(), ip.bytes.data(), whole) != 0) {
        return false;
    }
    const unsigned rest = prefix_bits % 8U;
    return rest == 0 || ((base.bytes[whole] ^ ip.bytes[whole]) >> (8U - rest)) == 0;
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view address = text.substr(0, slash);
    const auto ip = parse_ip(address);
    if (!ip) {
        return std::nullopt;
    }
    Network network{*ip, 128};
    if (slash == std::string_view::npos) {
        return network;
    }
    const std::string_view bits = text.substr(slash + 1);
    const bool ipv4 = address.find(':') == std::string_view::npos;
    unsigned number = 0;
    const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), number);
    if (error != std::errc{} || end != bits.data() + bits.size() || number > (ipv4 ? 32U : 128U)) {
        return std::nullopt;
    }
    network.prefix_bits = static_cast<std::uint8_t>(ipv4 ? kMappedBits + number : number);
    // Host bits are cleared, so that networks compare equal when they hold the same addresses.
    for (std::size_t i = 0; i < network.base.bytes.size(); ++i) {
        const int kept = std::clamp(static_cast<int>(network.prefix_bits) - static_cast<int>(8 * i), 0, 8);
        network.base.bytes[i] = static_cast<std::uint8_t>(network.base.bytes[i] & (0xff00U >> kept));
    }
    return network;
}

}  // namespace tocsin::event
