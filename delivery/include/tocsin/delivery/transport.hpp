#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/schedule.hpp>

namespace tocsin::delivery {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string url;
    Headers headers;
    std::string body;
};

/// A call that is over.
struct Ended {
    std::uint64_t call{0};
    Answer answer;
};

/// HTTP POSTs, several under way at once. Owned by one thread, but for wake(). At its end, calls under way are broken off.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Begins a call. Requires: none with this number is under way.
    virtual void start(std::uint64_t call, Request request) = 0;
    /// The calls that have ended. Waits for one, no longer than `limit`, nor beyond a wake().
    [[nodiscard]] virtual std::vector<Ended> wait(Millis limit) = 0;
    /// Ends the wait under way, or else the next one. Thread-safe.
    virtual void wake() = 0;
};

/// Makes one call and waits for its end. Requires: none is under way.
[[nodiscard]] Answer call_once(Transport& transport, Request request);

struct HttpOptions {
    Millis timeout{std::chrono::seconds(15)};  ///< for a whole try
    bool allow_private{false};  ///< whether addresses may be is_private()
    std::string ca_file;  ///< certificates to trust, in PEM; empty: the system's
    std::string cert_file;  ///< a certificate to show to the receiver, with those it was signed by, in PEM;
    std::string key_file;  ///< and its key. Both or none
    unsigned connections{4};  ///< to keep for further calls, at most
};

/// Over libcurl. HTTP and HTTPS (TLS from 1.2 on) only, no proxy, no redirects, certificates verified. The address is looked at
/// when the socket is opened, so it is the one that is connected to, whatever the name resolves to later. Files that do not hold
/// what they should are errors here, not at the first call.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_http_transport(HttpOptions options);

}  // namespace tocsin::delivery
