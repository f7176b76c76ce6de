#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/service/http.hpp>
#include <tocsin/service/processor.hpp>

#include "rules_api.hpp"
#include "tokens.hpp"

namespace tocsin::service {

/// What the service answers. Thread-safe; what it refers to outlives it.
class Api {
public:
    struct Parts {
        Processor& processor;
        const state::Store& store;
        RulesApi& rules;
        std::vector<const delivery::Endpoint*> endpoints;
        Tokens tokens;
        Limits limits;
    };
    explicit Api(Parts parts) : parts_(std::move(parts)) {}

    void handle(HttpRequest request, const Respond& respond);

private:
    /// The answer to a request that must not go on.
    [[nodiscard]] std::optional<HttpResponse> refusal(const HttpRequest& request, std::string_view method, Scope scope) const;
    void take_events(HttpRequest& request, const Respond& respond);
    void show_metrics(const Respond& respond) const;
    [[nodiscard]] HttpResponse ready() const;
    [[nodiscard]] static std::string check_query(const HttpRequest& request, const RulesInForce& in_force);
    [[nodiscard]] event::Batch decode(const std::shared_ptr<const plan::Program>& program, event::InputId input,
                                      std::string lines);

    Parts parts_;
    std::mutex mutex_;
    std::vector<event::Decoder> decoders_;  ///< those that no request uses now
    std::shared_ptr<const plan::Program> decoders_of_;  ///< what they decode for
};

}  // namespace tocsin::service
