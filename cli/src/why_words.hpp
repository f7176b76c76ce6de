#pragma once

#include <optional>
#include <string>

#include <tocsin/engine/engine.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/matcher/why.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::cli {

/// What `explain --why` found out.
struct WhyReport {
    const plan::Program* program;
    const plan::RulePlan* rule;
    engine::Engine* engine;  ///< which names records
    std::string key;  ///< as matcher::encode_key makes it
    std::optional<std::string> about;  ///< `logins.ndjson:17`: the event asked about
    matcher::Why why;
};

/// A value in an explanation: strings quoted, everything else as alerts show it.
[[nodiscard]] std::string value_words(const event::Value& value);

[[nodiscard]] std::string why_text(const WhyReport& report);
[[nodiscard]] std::string why_json(const WhyReport& report);

}  // namespace tocsin::cli
