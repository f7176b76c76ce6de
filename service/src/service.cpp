#include <tocsin/service/service.hpp>

#include <algorithm>
#include <filesystem>
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
#include "deployer.hpp"
#include "endpoints.hpp"
#include "rules_api.hpp"

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
        return fail(
            Errc::invalid,
            fmt::format("{} can be reached from other machines: name tokens, or set http.allow_anonymous", config.http.listen));
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
        if (deployer_) {
            deployer_->stop();  // whoever waits for a deployment is answered
        }
        if (server_) {
            server_->stop();
        }
        if (processor_) {
            processor_->stop();
        }
    }

    [[nodiscard]] Result<void> start(const Config& config, RuleReader read_rules);
    [[nodiscard]] std::uint16_t port() const override { return server_->port(); }
    [[nodiscard]] std::size_t rules() const override { return processor_->in_force()->program->rules.size(); }
    void reload() override;
    [[nodiscard]] std::optional<Error> failure() const override { return processor_->failure(); }

private:
    [[nodiscard]] Result<void> start_endpoints(const Config& config);
    [[nodiscard]] Result<void> start_processor(const Config& config, RuleReader read_rules);
    [[nodiscard]] Result<void> start_server(const Config& config, Door door);

    // Each uses those above it, and ends before them; answers under way hold parts of the server, which ends last of the two.
    std::unique_ptr<state::Store> store_;
    std::vector<std::unique_ptr<delivery::Courier>> couriers_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<Api> api_;
    std::optional<Processor> processor_;
    std::unique_ptr<Deployer> deployer_;
    std::unique_ptr<RulesApi> rules_api_;
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

Result<void> RunningService::start_processor(const Config& config, RuleReader read_rules) {
    ProcessorOptions options;
    options.threads = config.threads;
    options.queue_bytes = config.http.queue;
    options.min_free = config.min_free;
    options.checkpoints = config.data + "/checkpoints";
    options.checkpoint_every = config.checkpoint_every;
    options.clock = wall_time;
    for (const auto& courier : couriers_) {
        options.endpoints.push_back(courier->endpoint().name());
    }
    options.announce = [this](const std::vector<std::uint64_t>& sequences) {
        for (const auto& courier : couriers_) {
            courier->announce(sequences.size());
        }
    };
    return read_rules()
        .and_then(
            [&](const std::vector<state::RuleText>& files) { return plan_start(*store_, files, options.limits, wall_time()); })
        .and_then([&](Start&& start) {
            const Deployer::Options of_deployer{options.threads, options.limits, options.clock};
            return Processor::create(std::move(start.in_force), *store_, std::move(options), std::move(start.to_store))
                .map([&](Processor&& made) {
                    processor_.emplace(std::move(made));
                    deployer_ = std::make_unique<Deployer>(*processor_, *store_, of_deployer, std::move(start.running));
                    rules_api_ = std::make_unique<RulesApi>(RulesApi::Parts{*deployer_, *store_, std::move(read_rules)});
                });
        });
}

Result<void> RunningService::start_server(const Config& config, Door door) {
    std::vector<const delivery::Endpoint*> endpoints;
    for (const auto& courier : couriers_) {
        endpoints.push_back(&courier->endpoint());
    }
    api_ = std::make_unique<Api>(
        Api::Parts{*processor_, *store_, *rules_api_, std::move(endpoints), std::move(door.tokens), Limits{}});
    const HttpConfig& http = config.http;
    return HttpServer::start(
               {door.listen.address, door.listen.port, http.threads, http.max_body, http.max_connections, http.idle_timeout,
                http.read_timeout},
               [api = api_.get()](HttpRequest request, const Respond& respond) { api->handle(std::move(request), respond); })
        .map([&](std::unique_ptr<HttpServer>&& server) { server_ = std::move(server); });
}

void RunningService::reload() {
    rules_api_->reload("SIGHUP", [](const Deployed& deployed) {
        switch (deployed.outcome) {
            case Deployed::Outcome::wrong:
                spdlog::error("reload: the rules in force stay; those in the files have errors:\n{}",
                              errors_of(*deployed.rules));
                break;
            case Deployed::Outcome::nothing_new: spdlog::info("reload: the rules are as they were"); break;
            case Deployed::Outcome::deployed: break;  // which the deployer says
            default: spdlog::error("reload: {}; the rules in force stay", deployed.error.message);
        }
    });
}

Result<void> RunningService::start(const Config& config, RuleReader read_rules) {
    auto door = make_door(config);
    if (!door) {
        return tl::unexpected(door.error());
    }
    return start_endpoints(config).and_then([&] { return start_processor(config, std::move(read_rules)); }).and_then([&] {
        return start_server(config, std::move(*door));
    });
}

}  // namespace

Result<std::unique_ptr<Service>> Service::start(const Config& config, RuleReader read_rules) {
    const auto files = read_rules();
    if (!files) {
        return tl::unexpected(files.error());
    }
    std::error_code error;
    if (files->empty() && !std::filesystem::exists(config.data, error)) {
        return fail(Errc::invalid, kNoRules);
    }
    auto store = state::open_store(config.data, state::Access::write);
    if (!store) {
        return tl::unexpected(store.error());
    }
    auto service = std::make_unique<RunningService>(std::move(*store));
    return service->start(config, std::move(read_rules)).map([&]() -> std::unique_ptr<Service> { return std::move(service); });
}

}  // namespace tocsin::service
