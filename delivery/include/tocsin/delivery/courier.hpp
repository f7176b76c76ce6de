#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

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
    /// So many new rows are in the outbox. Does not wait.
    void announce(std::size_t rows);

private:
    void work();
    /// What was announced since; nothing when the work is over.
    [[nodiscard]] std::optional<std::size_t> take_news();

    std::unique_ptr<Endpoint> endpoint_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::size_t announced_{0};
    bool stop_{false};
    std::atomic<bool> interrupted_{false};
    std::thread thread_;
};

}  // namespace tocsin::delivery
