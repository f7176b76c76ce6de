#include "deployer.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "deployment_plan.hpp"

namespace tocsin::service {

namespace {

using state::DeployedRule;
using state::Deployment;
using Outcome = Deployed::Outcome;
using Clock = std::chrono::steady_clock;

/// How long the last pass over the log may have taken when the swap is asked for: its pause is about that.
constexpr std::chrono::milliseconds kShortPass{3};
/// From this on commits are kept small, so that passes get shorter.
constexpr std::chrono::milliseconds kNearPass{500};
/// Where records come faster than they are replayed no pass is short; then the pause is what it is.
constexpr int kMostPasses = 200;
constexpr std::uint64_t kProgressEvery = 1'000'000;

Deployed failed(Error error) {
    Deployed result;
    result.error = std::move(error);
    return result;
}

Deployment without_texts(Deployment deployment) {
    deployment.texts.clear();
    return deployment;
}

}  // namespace

std::string errors_of(const RuleSet& rules) {
    Diagnostics errors;
    std::copy_if(rules.diagnostics.begin(), rules.diagnostics.end(), std::back_inserter(errors),
                 [](const Diagnostic& one) { return one.severity == Severity::error; });
    return render(errors, rules.sources);
}

namespace {

/// As this build counts versions, which an older one may have counted otherwise: the rules are the same.
void refresh_versions(Deployment& deployment, const plan::Program& program) {
    std::vector<DeployedRule> fresh = plan_rules({}, program, 1);
    for (DeployedRule& rule : deployment.rules) {
        const auto found =
            std::find_if(fresh.begin(), fresh.end(), [&](const DeployedRule& one) { return one.name == rule.name; });
        if (found != fresh.end() && rule.outcome != DeployedRule::Outcome::removed) {
            rule.version = found->version;
            rule.arrival = found->arrival;
        }
    }
}

/// `2 unchanged, 1 fresh`
std::string counts_of(const Deployment& deployment) {
    std::map<std::string_view, std::size_t> counts;
    for (const DeployedRule& rule : deployment.rules) {
        ++counts[state::outcome_name(rule.outcome)];
    }
    std::string out;
    for (const auto& [outcome, count] : counts) {
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, outcome);
    }
    return out.empty() ? "no rules" : out;
}

struct Stored {
    std::optional<Deployment> last;
    std::string files_hash;  ///< of those deployed last from files
};

Result<Stored> stored_deployments(const state::Store& store) {
    Stored stored;
    return store
        .each_deployment([&](const Deployment& deployment) -> Result<void> {
            stored.last = deployment;
            if (deployment.origin == Deployment::Origin::files) {
                stored.files_hash = deployment.hash;
            }
            return {};
        })
        .map([&] { return std::move(stored); });
}

/// The inputs that the engine knew before there were deployments.
std::vector<std::string> known_inputs(const state::Position& position) {
    std::vector<std::string> inputs{kDefaultInput};
    for (const auto& [input, offset] : position.inputs) {
        if (input != kDefaultInput) {
            inputs.push_back(input);
        }
    }
    return inputs;
}

/// A deployment that takes the place of `before` (number 0: of nothing), without what is known only when it does.
Deployment next_deployment(const Deployment& before, const RuleSet& rules, std::optional<std::uint64_t> fill_from) {
    Deployment next;
    next.number = before.number + 1;
    next.hash = hash_of(rules.texts);
    next.inputs = with_inputs_of(*rules.program, before.inputs);
    next.suspended = rules.suspended;
    next.rules = plan_rules(before.rules, *rules.program, fill_from);
    next.texts = rules.texts;
    return next;
}

}  // namespace

std::optional<Backfill> parse_backfill(std::string_view text) {
    if (text == "all") {
        return Backfill{};
    }
    const auto since = parse_duration(text);
    return since && since->count() > 0 ? std::optional(Backfill{since}) : std::nullopt;
}

Result<Start> plan_start(const state::Store& store, const std::vector<state::RuleText>& files, const Limits& limits,
                         delivery::WallTime now) {
    auto stored = stored_deployments(store);
    const auto position = store.position();
    if (!stored || !position) {
        return tl::unexpected(!stored ? stored.error() : position.error());
    }
    const std::string hash = hash_of(files);
    const bool same = stored->last && (stored->files_hash == hash || stored->last->hash == hash);
    if (files.empty() && !stored->last) {
        return fail(Errc::invalid, kNoRules);
    }
    Deployment before = stored->last ? *stored->last : Deployment{};
    if (!stored->last) {
        before.inputs = known_inputs(*position);
    }
    const bool from_files = !files.empty() && !same;
    auto rules = std::make_shared<RuleSet>(compile_rules(from_files ? files : before.texts, before.suspended, limits));
    if (!rules->program) {
        const std::string whose = from_files ? "the rules in the config's files"
                                             : fmt::format("the rules of deployment {}, which is stored,", before.number);
        return fail(Errc::invalid, fmt::format("{} have errors:\n{}", whose, errors_of(*rules)));
    }
    Start start;
    start.running.rules = rules;
    if (from_files) {
        Deployment next = next_deployment(before, *rules, 1);
        for (DeployedRule& rule : next.rules) {
            const bool of_nothing = rule.outcome == DeployedRule::Outcome::filled && position->records == 0;
            rule.outcome = of_nothing ? DeployedRule::Outcome::fresh : rule.outcome;
        }
        next.records = position->records;
        next.time_ms = now.time_since_epoch().count();
        next.by = "start";
        start.to_store = next;
        start.running.deployment = without_texts(std::move(next));
    } else {
        refresh_versions(before, *rules->program);
        start.running.deployment = without_texts(std::move(before));
    }
    start.in_force = {rules->program, start.running.deployment.inputs,
                      first_records(*rules->program, start.running.deployment.rules)};
    return start;
}

Deployer::Deployer(Processor& processor, const state::Store& store, Options options, Running running)
    : processor_(processor),
      store_(store),
      options_(std::move(options)),
      running_(std::make_shared<const Running>(std::move(running))),
      thread_([this] { work(); }) {}

Deployer::~Deployer() { stop(); }

void Deployer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    news_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::shared_ptr<const Running> Deployer::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

void Deployer::deploy(DeployRequest request, std::function<void(const Deployed&)> done) {
    Deployed refused;
    {
        const std::lock_guard lock(mutex_);
        if (!busy_ && !stopping_) {
            busy_ = true;
            task_.emplace(Task{std::move(request), std::move(done)});
            news_.notify_one();
            return;
        }
        refused.outcome = stopping_ ? Outcome::failed : Outcome::busy;
    }
    refused.error = {Errc::limit, stopping_ ? "the service is stopping" : "another deployment is under way"};
    done(refused);
}

void Deployer::work() {
    for (;;) {
        std::optional<Task> task;
        {
            std::unique_lock lock(mutex_);
            news_.wait(lock, [&] { return task_ || stopping_; });
            if (!task_) {
                return;
            }
            task.swap(task_);
        }
        const Deployed result = carry_out(std::move(task->request));
        {
            const std::lock_guard lock(mutex_);
            busy_ = false;
        }
        task->done(result);
    }
}

Result<std::optional<std::uint64_t>> Deployer::fill_from(const DeployRequest& request) const {
    if (!request.backfill) {
        return std::nullopt;
    }
    if (!request.backfill->since) {
        return 1;
    }
    const delivery::WallTime since = options_.clock() - std::chrono::ceil<delivery::Millis>(*request.backfill->since);
    return store_.first_since(since.time_since_epoch().count()).map([](std::uint64_t record) { return std::optional(record); });
}

Deployed Deployer::carry_out(DeployRequest request) {
    const auto before = running();
    auto rules = std::make_shared<const RuleSet>(
        compile_rules(std::move(request.texts), request.suspended.value_or(before->deployment.suspended), options_.limits));
    if (!rules->program) {
        Deployed wrong;
        wrong.outcome = Outcome::wrong;
        wrong.rules = std::move(rules);
        return wrong;
    }
    const auto from = fill_from(request);
    if (!from) {
        return failed(from.error());
    }
    Deployment next = next_deployment(before->deployment, *rules, *from);
    next.by = std::move(request.by);
    next.note = std::move(request.note);
    next.origin = request.origin;
    next.of = request.of;
    Deployed result;
    result.rules = rules;
    if (next.hash == before->deployment.hash && next.suspended == before->deployment.suspended) {
        result.outcome = Outcome::nothing_new;
        result.deployment = before->deployment;
        return result;
    }
    if (request.dry_run) {
        result.outcome = Outcome::planned;
        next.records = processor_.records();
        result.deployment = without_texts(std::move(next));
        return result;
    }
    Swap swap{nullptr, std::move(next), {}};
    const auto in_force = processor_.in_force();
    RulesInForce wanted{rules->program, swap.deployment.inputs, first_records(*rules->program, swap.deployment.rules)};
    const bool same = rules_hash(*wanted.program) == rules_hash(*in_force->program) && wanted.inputs == in_force->inputs &&
                      wanted.first_records == in_force->first_records;
    if (!same) {
        auto engine = build(std::move(wanted));
        if (!engine) {
            processor_.keep_commits_small(false);
            return failed(engine.error());
        }
        swap.engine = std::move(*engine);
    }
    return put_in_force(std::move(swap), std::move(rules));
}

Result<std::unique_ptr<RuleEngine>> Deployer::build(RulesInForce rules) {
    return RuleEngine::create(std::move(rules), {options_.threads, options_.limits, options_.clock})
        .and_then([&](std::unique_ptr<RuleEngine>&& engine) { return fill(*engine).map([&] { return std::move(engine); }); });
}

/// Pass after pass over what came during the one before, until that is little.
Result<void> Deployer::fill(RuleEngine& engine) {
    std::uint64_t next_progress = kProgressEvery;
    const auto go_on = [&](std::uint64_t so_far) {
        if (so_far >= next_progress) {
            spdlog::info("deployment: {} of {} records of the log", so_far, processor_.records());
            next_progress = so_far + kProgressEvery;
        }
        return !stopping_.load();
    };
    for (int pass = 0; pass < kMostPasses; ++pass) {
        const auto begin = Clock::now();
        if (auto filled = engine.fill(store_, go_on); !filled) {
            return filled;
        }
        if (stopping_) {
            return fail(Errc::limit, "the service is stopping");
        }
        const auto took = Clock::now() - begin;
        if (took <= kShortPass) {
            break;
        }
        if (took <= kNearPass) {
            processor_.keep_commits_small(true);
        }
    }
    return {};
}

Deployed Deployer::put_in_force(Swap swap, std::shared_ptr<const RuleSet> rules) {
    std::promise<Swapped> promise;
    swap.done = [&](Swapped swapped) { promise.set_value(std::move(swapped)); };
    if (!processor_.swap(std::move(swap))) {
        return failed({Errc::limit, "the service is stopping"});
    }
    Swapped swapped = promise.get_future().get();
    processor_.keep_commits_small(false);
    if (!swapped.outcome) {
        return failed(swapped.outcome.error());
    }
    Deployed result;
    result.outcome = Outcome::deployed;
    result.rules = rules;
    result.deployment = without_texts(std::move(swapped.deployment));
    result.pause = swapped.pause;
    const Deployment& now = result.deployment;
    spdlog::info("deployment {} by {}: {} from record {} on, after a pause of {:.1f} ms", now.number, now.by, counts_of(now),
                 now.records + 1, static_cast<double>(swapped.pause.count()) / 1000);
    const std::lock_guard lock(mutex_);
    running_ = std::make_shared<const Running>(Running{result.deployment, std::move(rules)});
    return result;
}

}  // namespace tocsin::service
