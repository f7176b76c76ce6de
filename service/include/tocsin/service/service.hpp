#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <tocsin/base/result.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/service/config.hpp>

namespace tocsin::service {

/// All of `tocsin serve` but its command line: store, processor, endpoints, HTTP. Owned by one thread.
class Service {
public:
    /// When it returns the engine is as it was when the store was last written, deliveries go on, and the port answers.
    [[nodiscard]] static Result<std::unique_ptr<Service>> start(const Config& config, std::shared_ptr<const plan::Program> program);
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    /// Answers what came in, commits it, breaks off deliveries, which go on at the next start.
    virtual ~Service() = default;

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    /// What makes going on pointless.
    [[nodiscard]] virtual std::optional<Error> failure() const = 0;
};

}  // namespace tocsin::service
