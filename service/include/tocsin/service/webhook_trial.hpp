#pragma once

#include <cstdint>
#include <string>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/transport.hpp>
#include <tocsin/service/config.hpp>

namespace tocsin::service {

/// A call that was made to see what a webhook says.
struct WebhookTrial {
    delivery::Request request;  ///< with secrets in its headers
    delivery::Answer answer;
    delivery::Millis took{0};
};

/// An alert of the rule `tocsin_test` that says that nothing has happened.
struct SampleAlert {
    std::uint64_t id{0};
    delivery::WallTime time{};
    bool retract{false};  ///< what takes it back, in its place
};

/// Calls a webhook once, without a store. An error is one of the settings.
[[nodiscard]] Result<WebhookTrial> try_webhook(const WebhookConfig& config, const SampleAlert& sample);

}  // namespace tocsin::service
