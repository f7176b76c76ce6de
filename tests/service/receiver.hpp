#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tocsin::test {

/// A webhook's other end on a free port of this machine. Connections are served side by side and kept; each call is noted, then
/// answered with what `reply` says for it.
class Receiver {
public:
    struct Call {
        std::map<std::string, std::string> headers;  ///< names in lower case
        std::string body;
        std::chrono::steady_clock::time_point at{};  ///< when it had come
    };
    struct Reply {
        Reply(int code) : status(code) {}  // NOLINT(google-explicit-constructor): most replies are a status
        int status;  ///< 0: the connection is reset
        std::string headers{};  ///< whole lines
        std::string body{};
        std::chrono::milliseconds after{0};
    };
    explicit Receiver(std::function<Reply(const Call&)> reply = [](const Call&) { return 200; });
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
    [[nodiscard]] std::vector<Call> calls() const;
    [[nodiscard]] std::size_t count() const;
    /// As soon as there are so many, or after ten seconds.
    [[nodiscard]] std::vector<Call> wait_for(std::size_t count) const;

private:
    void serve();
    void talk(int connection);
    /// Nothing when the caller has gone.
    [[nodiscard]] bool read_call(int connection, std::string& unread, Call& call) const;
    /// Whether the connection is kept.
    [[nodiscard]] bool answer(int connection, const Reply& reply) const;
    [[nodiscard]] bool wait_readable(int connection) const;

    std::function<Reply(const Call&)> reply_;
    int listener_{-1};
    std::uint16_t port_{0};
    mutable std::mutex mutex_;
    std::vector<Call> calls_;
    std::atomic<bool> stop_{false};
    std::size_t open_{0};  ///< connections, each with a thread
    std::condition_variable closed_;
    std::thread thread_;
};

}  // namespace tocsin::test
