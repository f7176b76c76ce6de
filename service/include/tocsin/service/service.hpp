#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/service/config.hpp>
#include <tocsin/state/deployment.hpp>

namespace tocsin::service {

/// Reads the rule files that the config names, and the files of their lists; from any thread. Gives none where it names none.
using RuleReader = std::function<Result<std::vector<state::RuleText>>()>;

/// All of `tocsin serve` but its command line: store, processor, endpoints, HTTP. Owned by one thread.
class Service {
public:
    /// When it returns the engine is as it was when the store was last written, deliveries go on, and the port answers.
    [[nodiscard]] static Result<std::unique_ptr<Service>> start(const Config& config, RuleReader read_rules);
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    /// Answers what came in, commits it, breaks off deliveries, which go on at the next start.
    virtual ~Service() = default;

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    /// How many are in force.
    [[nodiscard]] virtual std::size_t rules() const = 0;
    /// Reads the rule files again and deploys them, in the background; what came of it is logged.
    virtual void reload() = 0;
    /// What makes going on pointless.
    [[nodiscard]] virtual std::optional<Error> failure() const = 0;
};

}  // namespace tocsin::service
