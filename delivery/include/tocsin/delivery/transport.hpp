#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/schedule.hpp>

namespace tocsin::delivery {

struct Request {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// One HTTP POST after the other. Owned by one thread.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;
    /// Ends soon after `stop` becomes true, with Answer::aborted.
    [[nodiscard]] virtual Answer post(const Request& request, const std::atomic<bool>& stop) = 0;
};

struct HttpOptions {
    Millis timeout{std::chrono::seconds(15)};   ///< for the whole try
    bool allow_private{false};                  ///< whether addresses may be is_private()
    std::string ca_file;                        ///< certificates to trust; empty: the system's
};

/// Over libcurl. HTTP and HTTPS only, no proxy, no redirects, certificates verified. The address is looked at when the socket is
/// opened, so it is the one that is connected to, whatever the name resolves to later. Connections are kept for further calls.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_http_transport(HttpOptions options);

}  // namespace tocsin::delivery
