#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/service/processor.hpp>
#include <tocsin/service/rule_engine.hpp>
#include <tocsin/state/store.hpp>

#include "rule_set.hpp"

namespace tocsin::service {

/// From where on rules that are new or changed see the log.
struct Backfill {
    std::optional<Duration> since;  ///< what came within this time; nothing: all
};
/// `all`, or a duration.
[[nodiscard]] std::optional<Backfill> parse_backfill(std::string_view text);

struct DeployRequest {
    std::vector<state::RuleText> texts;
    std::string by;
    std::string note;
    state::Deployment::Origin origin{state::Deployment::Origin::request};
    std::uint64_t of{0};  ///< a rollback's
    std::optional<Backfill> backfill;
    bool dry_run{false};
    std::optional<std::vector<std::string>> suspended;  ///< nothing: those that are
};

struct Deployed {
    enum class Outcome : std::uint8_t {
        deployed,
        planned,  ///< a dry run: `deployment` is what it would be now; rules that would start fresh have no first record
        nothing_new,  ///< the texts are those in force
        wrong,  ///< the rules have errors; the old ones are in force
        busy,  ///< another deployment is under way
        failed,  ///< `error`; the old ones are in force, unless the store failed
    } outcome{Outcome::failed};
    std::shared_ptr<const RuleSet> rules;  ///< with its diagnostics; null where it was not looked at
    state::Deployment deployment;  ///< without texts
    std::chrono::microseconds pause{0};
    Error error;
};

inline constexpr const char* kNoRules = "no rules: name them with --rules PATH, or as rules: [PATH] in the config";

/// The errors of rules as they are drawn for people.
[[nodiscard]] std::string errors_of(const RuleSet& rules);

/// What runs, and by which deployment.
struct Running {
    state::Deployment deployment;  ///< without texts
    std::shared_ptr<const RuleSet> rules;
};

/// What a service starts with.
struct Start {
    Running running;
    RulesInForce in_force;
    std::optional<state::Deployment> to_store;  ///< where it is a new deployment
};

/// What was deployed last, or `files`, where they are not what was last deployed from files. Rules that are new or changed by that
/// are filled from the whole log, which a start reads anyway. An empty `files`: the config names none.
/// Fails where there are no rules at all, and where they have errors; the message has them.
[[nodiscard]] Result<Start> plan_start(const state::Store& store, const std::vector<state::RuleText>& files,
                                       const Limits& limits, delivery::WallTime now);

/// Puts rules in force while records come in: compiles them, fills an engine from the log beside the one at work, and has the
/// processor swap the two. A thread of its own does that, one deployment after the other. Thread-safe.
class Deployer {
public:
    struct Options {
        unsigned threads{1};
        Limits limits{};
        delivery::WallClock clock;
    };
    Deployer(Processor& processor, const state::Store& store, Options options, Running running);
    /// As stop().
    ~Deployer();
    Deployer(const Deployer&) = delete;
    Deployer& operator=(const Deployer&) = delete;

    /// `done` is called once, on the deployer's thread or, where it is busy, on this one.
    void deploy(DeployRequest request, std::function<void(const Deployed&)> done);
    [[nodiscard]] std::shared_ptr<const Running> running() const;
    /// Breaks off what is under way: nothing of it is in force then.
    void stop();

private:
    struct Task {
        DeployRequest request;
        std::function<void(const Deployed&)> done;
    };
    void work();
    [[nodiscard]] Deployed carry_out(DeployRequest request);
    [[nodiscard]] Result<std::optional<std::uint64_t>> fill_from(const DeployRequest& request) const;
    [[nodiscard]] Result<std::unique_ptr<RuleEngine>> build(RulesInForce rules);
    [[nodiscard]] Result<void> fill(RuleEngine& engine);
    [[nodiscard]] Deployed put_in_force(Swap swap, std::shared_ptr<const RuleSet> rules);

    Processor& processor_;
    const state::Store& store_;
    const Options options_;

    mutable std::mutex mutex_;
    std::condition_variable news_;
    std::optional<Task> task_;
    bool busy_{false};
    std::atomic<bool> stopping_{false};
    std::shared_ptr<const Running> running_;
    std::thread thread_;
};

}  // namespace tocsin::service
