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
        interrupted_ = true;
    }
    news_.notify_one();
    endpoint_->wake();
    thread_.join();
}

void Courier::announce(std::size_t rows) {
    {
        const std::lock_guard lock(mutex_);
        announced_ += rows;
        interrupted_ = true;
    }
    news_.notify_one();
    endpoint_->wake();
}

std::optional<std::size_t> Courier::take_news() {
    const std::lock_guard lock(mutex_);
    if (stop_) {
        return std::nullopt;
    }
    interrupted_ = false;
    return std::exchange(announced_, 0);
}

void Courier::work() {
    while (const auto rows = take_news()) {
        endpoint_->add(*rows);
        const auto next = endpoint_->run(interrupted_);
        std::unique_lock lock(mutex_);
        if (!next) {
            spdlog::error("{}: {}", endpoint_->name(), next.error().message);
            news_.wait_for(lock, kOutboxRetry, [&] { return stop_; });
            continue;
        }
        Millis wait = kLongestWait;
        if (*next) {
            const WallTime now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
            wait = std::clamp<Millis>(**next - now, Millis(0), kLongestWait);
        }
        news_.wait_for(lock, wait, [&] { return stop_ || announced_ > 0; });
    }
}

}  // namespace tocsin::delivery
