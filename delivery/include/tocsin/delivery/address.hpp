#pragma once

struct sockaddr;

namespace tocsin::delivery {

/// Whether an address belongs to the machine or a network around it rather than to the internet: loopback, private, link-local,
/// shared, multicast and reserved ranges (the special-purpose registries of RFC 6890), and IPv6 forms that carry such an IPv4
/// address (mapped, compatible, NAT64, 6to4). What is no IP address counts as private.
[[nodiscard]] bool is_private(const sockaddr& address);

}  // namespace tocsin::delivery
