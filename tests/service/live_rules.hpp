#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/event/decode.hpp>
#include <tocsin/service/processor.hpp>
#include <tocsin/state/store.hpp>

#include "deployer.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {

/// A processor and a deployer over a store on disk, without HTTP, on a clock that stands still.
class LiveRules {
public:
    explicit LiveRules(std::string files) { start(std::move(files)); }
    ~LiveRules() { stop(); }
    LiveRules(const LiveRules&) = delete;
    LiveRules& operator=(const LiveRules&) = delete;

    /// `files`: what the config's rule files say now.
    void start(std::string files) {
        auto store = state::open_store(folder_.path("data"), state::Access::write);
        REQUIRE(store.has_value());
        store_ = std::move(*store);
        std::vector<state::RuleText> texts;
        if (!files.empty()) {
            texts.push_back({"rules.tocsin", std::move(files)});
        }
        auto planned = service::plan_start(*store_, texts, {}, now());
        INFO((planned ? "" : planned.error().message));
        REQUIRE(planned.has_value());
        service::ProcessorOptions options;
        options.min_free = 1;
        options.clock = [this] { return now(); };
        options.endpoints = {"hook"};
        options.announce = [](const std::vector<std::uint64_t>&) {};
        auto made =
            service::Processor::create(std::move(planned->in_force), *store_, std::move(options), std::move(planned->to_store));
        INFO((made ? "" : made.error().message));
        REQUIRE(made.has_value());
        processor_.emplace(std::move(*made));
        deployer_ = std::make_unique<service::Deployer>(
            *processor_, *store_, service::Deployer::Options{1, {}, [this] { return now(); }}, std::move(planned->running));
    }
    void stop() {
        deployer_.reset();
        processor_.reset();
        store_.reset();
    }

    [[nodiscard]] delivery::WallTime now() const { return delivery::WallTime(std::chrono::seconds(now_.load())); }
    void pass(std::chrono::seconds time) { now_ += time.count(); }

    /// Waits until they are on disk.
    void send(const std::string& lines) {
        std::promise<service::Taken> taken;
        const auto rules = processor_->in_force();
        event::Decoder decoder(event::Format::ndjson, rules->program->projection, {});
        REQUIRE(processor_->submit({"events", decoder.decode(event::InputId{0}, event::make_block(lines, 1)), lines,
                                    [&](const service::Taken& one) { taken.set_value(one); }, rules->program}));
        REQUIRE(taken.get_future().get().outcome == service::Taken::Outcome::taken);
    }

    [[nodiscard]] service::Deployed deploy(service::DeployRequest request) {
        std::promise<service::Deployed> done;
        deployer_->deploy(std::move(request), [&](const service::Deployed& deployed) { done.set_value(deployed); });
        return done.get_future().get();
    }
    [[nodiscard]] service::Deployed deploy(const std::string& rules, const std::string& backfill = "") {
        service::DeployRequest request;
        request.texts = {{"rules.tocsin", rules}};
        request.by = "ann";
        request.backfill = service::parse_backfill(backfill);
        return deploy(std::move(request));
    }

    [[nodiscard]] state::Store& store() { return *store_; }
    [[nodiscard]] service::Processor& processor() { return *processor_; }
    [[nodiscard]] service::Deployer& deployer() { return *deployer_; }
    [[nodiscard]] std::vector<state::OutboxRow> rows() const {
        std::vector<state::OutboxRow> rows;
        REQUIRE(store_
                    ->each_row([&](const state::OutboxRow& row) -> Result<void> {
                        rows.push_back(row);
                        return {};
                    })
                    .has_value());
        return rows;
    }
    [[nodiscard]] std::vector<state::Deployment> deployments() const {
        std::vector<state::Deployment> all;
        REQUIRE(store_
                    ->each_deployment([&](const state::Deployment& one) -> Result<void> {
                        all.push_back(one);
                        return {};
                    })
                    .has_value());
        return all;
    }
    /// `alert guessed`, `retract guessed`, in their order.
    [[nodiscard]] std::vector<std::string> shown() const {
        std::vector<std::string> out;
        for (const state::OutboxRow& row : rows()) {
            out.push_back(row.op + " " + row.rule);
        }
        return out;
    }

private:
    TemporaryFolder folder_;
    std::atomic<std::int64_t> now_{1'800'000'000};
    std::unique_ptr<state::Store> store_;
    std::optional<service::Processor> processor_;
    std::unique_ptr<service::Deployer> deployer_;
};

}  // namespace tocsin::test
