#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>
#include <tocsin/service/http.hpp>
#include <tocsin/service/service.hpp>
#include <tocsin/state/store.hpp>

#include "deployer.hpp"
#include "tokens.hpp"

namespace tocsin::service {

/// What the service answers about its rules, and how it takes new ones. Thread-safe; what it refers to outlives it.
class RulesApi {
public:
    struct Parts {
        Deployer& deployer;
        const state::Store& store;
        RuleReader read_files;  ///< those that the config names
    };
    explicit RulesApi(Parts parts) : parts_(std::move(parts)) {}

    /// How a path may be asked for; nothing: it is none of these paths.
    struct Route {
        std::string_view method;
        Scope scope;
    };
    [[nodiscard]] static std::optional<Route> route(const HttpRequest& request);
    /// `by`: the name of the token. Requires: route(request), its method and scope.
    void handle(const HttpRequest& request, const std::string& by, const Respond& respond);
    /// Reads the config's files again.
    void reload(const std::string& by, const std::function<void(const Deployed&)>& done);

private:
    void deploy(const HttpRequest& request, const std::string& by, const Respond& respond);
    void roll_back(const HttpRequest& request, const std::string& by, const Respond& respond);
    void switch_rule(std::string_view name, bool suspend, const std::string& by, const Respond& respond);
    [[nodiscard]] HttpResponse show_deployment(std::string_view number) const;
    [[nodiscard]] HttpResponse show_deployments() const;
    [[nodiscard]] HttpResponse show_history(std::string_view rule) const;
    [[nodiscard]] HttpResponse show_rule(std::string_view rule) const;

    Parts parts_;
};

}  // namespace tocsin::service
