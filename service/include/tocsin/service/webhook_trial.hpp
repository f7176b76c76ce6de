#pragma once

#include <cstdint>
#include <string>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/transport.hpp>
#include <tocsin/service/config.hpp>

namespace tocsin::service {

/// A call that was made to see what a webhook says.
struct WebhookTrial {
    delivery::Request request;      ///< with secrets in its headers
    delivery::Answer answer;
    delivery::Millis took{0};
};

/// Calls a webhook once, without a store, with an alert that says that it is none: of the rule `tocsin_test` with this id, or what
/// takes it back. An error is one of the settings.
[[nodiscard]] Result<WebhookTrial> try_webhook(const WebhookConfig& config, std::uint64_t alert, bool retract);

}  // namespace tocsin::service
