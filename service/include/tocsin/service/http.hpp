#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/schedule.hpp>

namespace tocsin::service {

struct HttpRequest {
    std::string method;
    std::string path;
    std::map<std::string, std::string> query;  ///< decoded; of two with one name the first
    std::string authorization;
    std::string content_encoding;
    std::map<std::string, std::string> headers;  ///< all, with names in lower case; of two with one name the first
    std::string body;
};

struct HttpResponse {
    int status{200};
    std::string content_type{"application/json"};
    std::string body;
    std::optional<unsigned> retry_after;  ///< seconds
};

/// Sends the answer. From any thread, once; to be called for every request.
using Respond = std::function<void(HttpResponse)>;
/// Called on the server's threads, several at once.
using HttpHandler = std::function<void(HttpRequest, Respond)>;

struct HttpOptions {
    std::string address{"127.0.0.1"};
    std::uint16_t port{0};
    unsigned threads{2};
    std::uint64_t max_body{16U << 20};
    std::uint64_t max_connections{1000};
    delivery::Millis idle_timeout{std::chrono::seconds(30)};
    delivery::Millis read_timeout{std::chrono::seconds(30)};
};

/// HTTP/1.1 with bounds on everything that a client sends: heads of 16 KiB, bodies, connections and times as given. A connection
/// costs memory, not a thread. What is too large or malformed is answered (413, 431, 400) and the connection closed. Thread-safe.
class HttpServer {
public:
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, HttpHandler handler);
    HttpServer() = default;
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    /// As stop().
    virtual ~HttpServer() = default;

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::uint64_t connections() const = 0;
    /// Takes no more requests, waits until those that the handler has are answered, and closes all connections.
    virtual void stop() = 0;
};

/// `ADDRESS:PORT`, `[IPV6]:PORT`.
struct ListenAddress {
    std::string address;
    std::uint16_t port{0};
    bool loopback{false};
};
[[nodiscard]] Result<ListenAddress> parse_listen(const std::string& text);

}  // namespace tocsin::service
