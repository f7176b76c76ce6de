#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <tocsin/delivery/courier.hpp>
#include <tocsin/delivery/transport.hpp>
#include <tocsin/delivery/webhook.hpp>

#include "delivery/outbox.hpp"
#include "service/receiver.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;

/// An endpoint with a call under way that never ends: its runs wait until they are woken.
class Waiting final : public delivery::Endpoint {
public:
    explicit Waiting(state::Outbox& outbox) : Endpoint("hook", outbox) {}

    [[nodiscard]] Result<std::optional<delivery::WallTime>> run(const std::atomic<bool>& interrupted) override {
        std::unique_lock lock(mutex_);
        ++runs;
        changed_.notify_all();
        changed_.wait(lock, [&] { return woken_; });
        woken_ = false;
        return interrupted ? std::nullopt : std::optional(delivery::WallTime::max());
    }
    void wake() override {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        changed_.notify_all();
    }
    /// As soon as there have been so many runs.
    void await_runs(int count) {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, 10s, [&] { return runs >= count; }));
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_{false};
    int runs{0};
};

TEST_CASE("what is announced reaches an endpoint that waits for a call, and the end does not wait for it") {
    MemoryOutbox outbox;
    auto made = std::make_unique<Waiting>(outbox);
    Waiting& endpoint = *made;
    const auto begin = std::chrono::steady_clock::now();
    {
        delivery::Courier courier(std::move(made));
        endpoint.await_runs(1);
        courier.announce(2);
        endpoint.await_runs(2);
        CHECK(courier.endpoint().counters().pending == 2);
        courier.announce(3);
        endpoint.await_runs(3);
        CHECK(courier.endpoint().counters().pending == 5);
    }
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a courier ends at once with calls under way, and what was called is pending") {
    const Receiver receiver([](const Receiver::Call&) {
        Receiver::Reply reply(200);
        reply.after = 60s;
        return reply;
    });
    MemoryOutbox outbox;
    for (std::uint64_t alert = 1; alert <= 10; ++alert) {
        outbox.add(alert);
    }
    delivery::HttpOptions http;
    http.allow_private = true;
    http.timeout = 60s;
    delivery::WebhookOptions options;
    options.name = "hook";
    options.url = receiver.url();
    auto endpoint = delivery::make_webhook(
        options, std::move(*delivery::make_http_transport(http)), outbox,
        [] { return std::chrono::floor<delivery::Millis>(std::chrono::system_clock::now()); }, 7);
    REQUIRE(endpoint->load().has_value());
    const auto begin = std::chrono::steady_clock::now();
    {
        const delivery::Courier courier(std::move(endpoint));
        CHECK(receiver.wait_for(4).size() == 4);
    }
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(outbox.waiting.size() == 10);
    CHECK(outbox.waiting.begin()->second.tries == 0);
}

}  // namespace
}  // namespace tocsin::test
