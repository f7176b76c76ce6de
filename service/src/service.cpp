#include <tocsin/service/service.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <tocsin/delivery/courier.hpp>
#include <tocsin/service/http.hpp>
#include <tocsin/service/processor.hpp>
#include <tocsin/state/store.hpp>

#include "api.hpp"
#include "endpoints.hpp"

namespace tocsin::service {

namespace {

/// Where the service listens, and to whom.
struct Door {
    ListenAddress listen;
    Tokens tokens;
};

Result<Door> make_door(const Config& config) {
    auto tokens = Tokens::load(config.tokens);
    auto listen = parse_listen(config.http.listen);
    if (!tokens || !listen) {
        return tl::unexpected(!tokens ? tokens.error() : listen.error());
    }
    if (config.tokens.empty() && !listen->loopback && !config.http.allow_anonymous) {
        return fail(Errc::invalid, fmt::format("{} can be reached from other machines: name tokens, or set http.allow_anonymous", config.http.listen));
    }
    return Door{std::move(*listen), std::move(*tokens)};
}

/// What waits for an endpoint that the config does not have any more is kept, and said.
Result<void> report_forgotten(const state::Store& store, const std::vector<std::string>& names) {
    return store.endpoints_with_pending().map([&](const std::vector<std::string>& pending) {
        for (const std::string& name : pending) {
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                spdlog::warn("alerts wait for the endpoint '{}', which the config does not have", name);
            }
        }
    });
}

class RunningService final : public Service {
public:
    explicit RunningService(std::unique_ptr<state::Store> store) : store_(std::move(store)) {}
    ~RunningService() override {
        if (server_) {
            server_->stop();
        }
        if (processor_) {
            processor_->stop();
        }
    }

    [[nodiscard]] Result<void> start(const Config& config, std::shared_ptr<const plan::Program> program);
    [[nodiscard]] std::uint16_t port() const override { return server_->port(); }
    [[nodiscard]] std::optional<Error> failure() const override { return processor_->failure(); }

private:
    [[nodiscard]] Result<void> start_endpoints(const Config& config);
    [[nodiscard]] Result<void> start_processor(const Config& config, const std::shared_ptr<const plan::Program>& program);
    [[nodiscard]] Result<void> start_server(const Config& config, const std::shared_ptr<const plan::Program>& program, Door door);

    // Each uses those above it, and ends before them; answers under way hold parts of the server, which ends last of the two.
    std::unique_ptr<state::Store> store_;
    std::vector<std::unique_ptr<delivery::Courier>> couriers_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<Api> api_;
    std::optional<Processor> processor_;
};

Result<void> RunningService::start_endpoints(const Config& config) {
    auto endpoints = make_endpoints(config, *store_);
    if (!endpoints) {
        return tl::unexpected(endpoints.error());
    }
    std::vector<std::string> names;
    for (const auto& endpoint : *endpoints) {
        if (const auto loaded = endpoint->load(); !loaded) {
            return loaded;
        }
        names.push_back(endpoint->name());
    }
    for (auto& endpoint : *endpoints) {
        couriers_.push_back(std::make_unique<delivery::Courier>(std::move(endpoint)));
    }
    return report_forgotten(*store_, names);
}

Result<void> RunningService::start_processor(const Config& config, const std::shared_ptr<const plan::Program>& program) {
    ProcessorOptions options;
    options.threads = config.threads;
    options.queue_bytes = config.http.queue;
    options.min_free = config.min_free;
    options.clock = wall_time;
    for (const auto& courier : couriers_) {
        options.endpoints.push_back(courier->endpoint().name());
    }
    options.announce = [this](const std::vector<std::uint64_t>& sequences) {
        for (const auto& courier : couriers_) {
            courier->announce(sequences.size());
        }
    };
    return Processor::create(program, *store_, std::move(options)).map([&](Processor&& made) { processor_.emplace(std::move(made)); });
}

Result<void> RunningService::start_server(const Config& config, const std::shared_ptr<const plan::Program>& program, Door door) {
    std::vector<const delivery::Endpoint*> endpoints;
    for (const auto& courier : couriers_) {
        endpoints.push_back(&courier->endpoint());
    }
    api_ = std::make_unique<Api>(Api::Parts{*processor_, *store_, program, std::move(endpoints), std::move(door.tokens), Limits{}});
    const HttpConfig& http = config.http;
    return HttpServer::start({door.listen.address, door.listen.port, http.threads, http.max_body, http.max_connections, http.idle_timeout, http.read_timeout},
                             [api = api_.get()](HttpRequest request, const Respond& respond) { api->handle(std::move(request), respond); })
        .map([&](std::unique_ptr<HttpServer>&& server) { server_ = std::move(server); });
}

Result<void> RunningService::start(const Config& config, std::shared_ptr<const plan::Program> program) {
    auto door = make_door(config);
    if (!door) {
        return tl::unexpected(door.error());
    }
    return start_endpoints(config)
        .and_then([&] { return start_processor(config, program); })
        .and_then([&] { return start_server(config, program, std::move(*door)); });
}

}  // namespace

Result<std::unique_ptr<Service>> Service::start(const Config& config, std::shared_ptr<const plan::Program> program) {
    auto store = state::open_store(config.data, state::Access::write);
    if (!store) {
        return tl::unexpected(store.error());
    }
    auto service = std::make_unique<RunningService>(std::move(*store));
    return service->start(config, std::move(program)).map([&]() -> std::unique_ptr<Service> { return std::move(service); });
}

}  // namespace tocsin::service
