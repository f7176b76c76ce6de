#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include <tocsin/delivery/address.hpp>

#include "support/test.hpp"

namespace tocsin::test {
namespace {

bool is_private(const std::string& text) {
    INFO(text);
    sockaddr_storage storage{};
    if (text.find(':') == std::string::npos) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
        v4.sin_family = AF_INET;
        REQUIRE(::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
        v6.sin6_family = AF_INET6;
        REQUIRE(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
    }
    return delivery::is_private(reinterpret_cast<const sockaddr&>(storage));
}

/// The first and the last address of a range are private, those before and behind it are not.
struct Range {
    const char* before;
    const char* first;
    const char* last;
    const char* behind;
};

TEST_CASE("each special range of IPv4 is private, to its edges") {
    const auto range = GENERATE(values<Range>({
        {"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
        {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
        {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
        {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
        {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
        {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
        {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
        {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
        {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
        {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
        {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
        {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
        {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
        {"223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
        {"", "240.0.0.0", "255.255.255.255", ""},
    }));
    CHECK(is_private(range.first));
    CHECK(is_private(range.last));
    if (*range.before != '\0') {
        CHECK_FALSE(is_private(range.before));
    }
    if (*range.behind != '\0') {
        CHECK_FALSE(is_private(range.behind));
    }
}

TEST_CASE("the cloud's metadata address is private") {
    CHECK(is_private("169.254.169.254"));
    CHECK(is_private("fd00:ec2::254"));
}

TEST_CASE("of IPv6 only what is the internet's is not private") {
    for (const char* const text : {"::", "::1", "fe80::1", "febf::1", "fc00::1", "fdff::1", "ff02::1", "100::1", "2001::1",
                                   "2001:1ff::1", "2001:db8::1", "64:ff9b:1::808:808", "4000::1", "1fff::1"}) {
        CHECK(is_private(text));
    }
    for (const char* const text : {"2001:200::1", "2606:4700::1111", "2a00:1450:4001:80b::200e", "2000::1", "3fff:ffff::1"}) {
        CHECK_FALSE(is_private(text));
    }
}

TEST_CASE("an IPv6 address that carries an IPv4 address is as private as that") {
    for (const char* const text : {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::127.0.0.1",
                                   "64:ff9b::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1"}) {
        CHECK(is_private(text));
    }
    for (const char* const text : {"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
        CHECK_FALSE(is_private(text));
    }
    // Deprecated, and of no network.
    CHECK(is_private("::127.0.0.1"));
    CHECK(is_private("::8.8.8.8"));
}

TEST_CASE("what is no IP address counts as private") {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    CHECK(delivery::is_private(reinterpret_cast<const sockaddr&>(local)));
}

}  // namespace
}  // namespace tocsin::test
