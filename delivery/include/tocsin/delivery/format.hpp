#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>
#include <tocsin/state/outbox.hpp>

namespace tocsin::delivery {

/// What a webhook is sent.
enum class Format : std::uint8_t {
    tocsin,  ///< the alert's JSON
    cloudevents,  ///< CloudEvents 1.0, structured: the alert's JSON as the event's data
    alertmanager,  ///< an array of one alert for Prometheus Alertmanager's /api/v2/alerts; what is taken back is resolved
    slack,  ///< a message for an incoming webhook of Slack
    pagerduty,  ///< PagerDuty's Events API v2: trigger, and resolve for what is taken back
};

struct Content {
    std::string type;  ///< of media
    std::string body;
};

/// The same row gives the same bytes, each time. `routing_key`: PagerDuty's, for others without meaning. An error
/// (Errc::bad_data) where the row's body is no alert.
[[nodiscard]] Result<Content> format_alert(Format format, const state::OutboxRow& row, std::string_view routing_key);

}  // namespace tocsin::delivery
