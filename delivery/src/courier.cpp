#include <tocsin/delivery/courier.hpp>

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

namespace tocsin::delivery {

namespace {

/// After a failure of the outbox itself.
constexpr std::chrono::seconds kOutboxRetry{5};
/// The wall clock may be set while we wait for a time of it.
constexpr Millis kLongestWait = std::chrono::minutes(1);

}  // namespace

Courier::Courier(std::unique_ptr<Endpoint> endpoint) : endpoint_(std::move(endpoint)), thread_([this] { work(); }) {}

Courier::~Courier() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    news_.notify_one();
    thread_.join();
}

void Courier::announce(const std::vector<std::uint64_t>& sequences) {
    {
        const std::lock_guard lock(mutex_);
        announced_.insert(announced_.end(), sequences.begin(), sequences.end());
    }
    news_.notify_one();
}

void Courier::work() {
    std::vector<std::uint64_t> fresh;
    while (!stop_) {
        endpoint_->add(std::exchange(fresh, {}));
        const auto next = endpoint_->run(stop_);
        Millis wait = kLongestWait;
        if (!next) {
            spdlog::error("{}: {}", endpoint_->name(), next.error().message);
            wait = kOutboxRetry;
        } else if (*next) {
            const WallTime now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
            wait = std::clamp<Millis>(**next - now, Millis(0), kLongestWait);
        }
        std::unique_lock lock(mutex_);
        news_.wait_for(lock, wait, [&] { return stop_ || !announced_.empty(); });
        fresh.swap(announced_);
    }
}

}  // namespace tocsin::delivery
