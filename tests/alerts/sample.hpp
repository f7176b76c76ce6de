#pragma once

#include <tocsin/alerts/alert.hpp>

namespace tocsin::test {

/// The alert of the language reference.
inline alerts::Alert sample_alert() {
    const auto at = [](const char* text) { return parse_rfc3339(text).value(); };
    alerts::Alert alert;
    alert.id = 0x9f2c4be0c1d7a6e3;
    alert.rule = "guessed_password";
    alert.version = 0x5be10c44;
    alert.severity = alerts::Severity::high;
    alert.key = {{"user", "\"ann\""}};
    alert.time = at("2026-11-23T10:02:00Z");
    alert.first = at("2026-11-23T10:00:00Z");
    alert.last = at("2026-11-23T10:02:00Z");
    const alerts::AlertEvent fail{"auth.ndjson", "0", 17, {{"user", "\"ann\""}, {"status", "\"fail\""}}};
    const alerts::AlertEvent success{"auth.ndjson", "0", 20, {{"user", "\"ann\""}, {"status", "\"ok\""}}};
    alert.steps = {{"f", {fail}, 0}, {"s", {success}, 0}};
    alert.text = "ann: 3 failures, then success from 10.0.0.7";
    return alert;
}

inline alerts::LateRecord sample_late() {
    return {"Login", 4200, {"guessed_password"}, {"auth.ndjson", "0", 21, {{"ts", "\"2026-11-23T10:01:00.000Z\""}}}};
}

}  // namespace tocsin::test
