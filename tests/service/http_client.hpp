#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tocsin::test {

struct HttpAnswer {
    int status{0};  ///< 0: there was none
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

/// One request over a connection of its own, to a port of this machine. Blocks.
[[nodiscard]] HttpAnswer http(std::uint16_t port, const std::string& method, const std::string& target,
                              const std::string& body = "", const std::vector<std::string>& headers = {});

/// Sends these bytes and gives all that comes back until the other side closes.
[[nodiscard]] std::string raw_http(std::uint16_t port, const std::string& bytes);

}  // namespace tocsin::test
