#pragma once

#include <memory>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/delivery/webhook.hpp>
#include <tocsin/service/config.hpp>
#include <tocsin/state/outbox.hpp>

namespace tocsin::service {

[[nodiscard]] delivery::WallTime wall_time();

/// With its secrets read. The error does not show them.
[[nodiscard]] Result<delivery::WebhookOptions> webhook_options(const WebhookConfig& config);
[[nodiscard]] Result<std::unique_ptr<delivery::Transport>> webhook_transport(const WebhookConfig& config);

/// All that a config names, not loaded yet.
[[nodiscard]] Result<std::vector<std::unique_ptr<delivery::Endpoint>>> make_endpoints(const Config& config,
                                                                                      state::Outbox& outbox);

}  // namespace tocsin::service
