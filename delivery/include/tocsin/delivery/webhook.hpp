#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/breaker.hpp>
#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/delivery/format.hpp>
#include <tocsin/delivery/schedule.hpp>
#include <tocsin/delivery/signature.hpp>
#include <tocsin/delivery/transport.hpp>

namespace tocsin::delivery {

/// Which rows wait until an earlier one was taken or given up.
enum class Order : std::uint8_t {
    alert,  ///< those of the same alert: what takes it back or corrects it never overtakes it
    key,  ///< those of the same rule and key
};

struct WebhookOptions {
    std::string name;
    std::string url;
    Format format{Format::tocsin};
    std::string routing_key;  ///< PagerDuty's
    std::vector<Secret> secrets;  ///< one, or two while the receiver changes from one to the other; none: not signed
    Headers headers;  ///< besides those that each call has
    RetrySchedule schedule;
    BreakerOptions breaker;
    Order order{Order::alert};
    unsigned concurrency{4};  ///< calls under way at once, at most
};

/// Rows that a webhook holds in memory at most, about 100 bytes each; the rest waits in the outbox.
inline constexpr std::size_t kMostHeld = 100'000;

/// Calls a URL with each row, as Standard Webhooks says. Each row has its own schedule; a later one does not wait for an earlier
/// one that failed, but where `order` says so. A 429 or 503 with Retry-After holds back all calls for that time. After a 410
/// nothing is tried until the endpoint is made anew. `seed` is for the jitter.
[[nodiscard]] std::unique_ptr<Endpoint> make_webhook(WebhookOptions options, std::unique_ptr<Transport> transport,
                                                     state::Outbox& outbox, WallClock clock, std::uint64_t seed);

/// The call for a row as it is made at `now`. An error (Errc::bad_data) where the row is no alert.
[[nodiscard]] Result<Request> webhook_request(const WebhookOptions& options, const state::OutboxRow& row, WallTime now);

}  // namespace tocsin::delivery
