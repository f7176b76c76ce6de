#include <tocsin/service/webhook_trial.hpp>

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include <tocsin/alerts/json.hpp>
#include <tocsin/alerts/names.hpp>

#include "endpoints.hpp"

namespace tocsin::service {

namespace {

state::OutboxRow sample_row(const WebhookConfig& config, const SampleAlert& sample) {
    alerts::Alert alert;
    alert.id = sample.id;
    alert.op = sample.retract ? alerts::Op::retract : alerts::Op::alert;
    alert.rule = "tocsin_test";
    alert.severity = alerts::Severity::info;
    alert.key = {{"webhook", fmt::format("\"{}\"", config.name)}};
    alert.time = EventTime::from_millis(sample.time.time_since_epoch().count());
    alert.first = alert.time;
    alert.last = alert.time;
    alert.text = fmt::format("A test of the webhook {}: nothing has happened", config.name);
    state::OutboxRow row{1, sample.id, std::string(alerts::op_name(alert.op)), 1, alert.rule, {}, false};
    alerts::append_json(row.body, alert);
    return row;
}

}  // namespace

Result<WebhookTrial> try_webhook(const WebhookConfig& config, const SampleAlert& sample) {
    const auto options = webhook_options(config);
    const auto transport = webhook_transport(config);
    if (!options || !transport) {
        return tl::unexpected(!options ? options.error() : transport.error());
    }
    auto request = delivery::webhook_request(*options, sample_row(config, sample), wall_time());
    if (!request) {
        return tl::unexpected(request.error());
    }
    const auto begin = std::chrono::steady_clock::now();
    delivery::Answer answer = delivery::call_once(**transport, *request);
    const auto took = std::chrono::ceil<delivery::Millis>(std::chrono::steady_clock::now() - begin);
    return WebhookTrial{std::move(*request), std::move(answer), took};
}

}  // namespace tocsin::service
