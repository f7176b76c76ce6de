#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tocsin::test {

/// A webhook's other end on a free port of this machine: one call after the other, each noted, then answered with what `status`
/// says for it.
class Receiver {
public:
    struct Call {
        std::map<std::string, std::string> headers;     ///< names in lower case
        std::string body;
    };
    explicit Receiver(std::function<int(const Call&)> status = [](const Call&) { return 200; });
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
    [[nodiscard]] std::vector<Call> calls() const;
    /// As soon as there are so many, or after ten seconds.
    [[nodiscard]] std::vector<Call> wait_for(std::size_t count) const;

private:
    void serve();
    void answer(int connection);

    std::function<int(const Call&)> status_;
    int listener_{-1};
    std::uint16_t port_{0};
    mutable std::mutex mutex_;
    std::vector<Call> calls_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace tocsin::test
