#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <tocsin/delivery/endpoint.hpp>

namespace tocsin::delivery {

/// One endpoint with a thread of its own, so that it never waits for another. Thread-safe.
class Courier {
public:
    /// Requires: the endpoint is loaded.
    explicit Courier(std::unique_ptr<Endpoint> endpoint);
    /// Breaks off what is under way; it goes on when the endpoint is loaded next.
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    [[nodiscard]] const Endpoint& endpoint() const { return *endpoint_; }
    /// New rows of the outbox, in order. Does not wait.
    void announce(const std::vector<std::uint64_t>& sequences);

private:
    void work();

    std::unique_ptr<Endpoint> endpoint_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<std::uint64_t> announced_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace tocsin::delivery
