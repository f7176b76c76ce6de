#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/state/store.hpp>

namespace tocsin::service {

class IdleWatch;

/// A program, and how it meets the log.
struct RulesInForce {
    std::shared_ptr<const plan::Program> program;
    std::vector<std::string> inputs;  ///< by event::InputId; later programs only add to them
    std::vector<std::uint64_t> first_records{};  ///< by plan::RuleId: the first record that the rule sees; empty: all see all
};

/// The engine of one program, and how much of the log it has seen. While it is filled another one may be at work. Owned by one
/// thread at a time.
class RuleEngine {
public:
    struct Options {
        unsigned threads{1};
        Limits limits{};
        delivery::WallClock clock;
    };
    RuleEngine(RuleEngine&&) noexcept;
    RuleEngine& operator=(RuleEngine&&) = delete;
    ~RuleEngine();
    [[nodiscard]] static Result<std::unique_ptr<RuleEngine>> create(RulesInForce rules, const Options& options);

    [[nodiscard]] const RulesInForce& rules() const { return rules_; }
    /// Tells programs with their first records apart that do not give the same alerts.
    [[nodiscard]] const std::string& hash() const { return hash_; }
    [[nodiscard]] engine::Engine& engine() { return engine_; }
    [[nodiscard]] IdleWatch& idle_watch() { return *idle_watch_; }

    /// Gives it what the log has behind records(), to the log's end as it is now. What that makes of alerts is counted and dropped.
    /// `go_on` is called now and then with records(); it stops where that gives false.
    [[nodiscard]] Result<void> fill(const state::Store& store, const std::function<bool(std::uint64_t)>& go_on);
    /// Its state, with what it counted; another of the same program and first records goes on from it.
    [[nodiscard]] std::string save();
    /// Fails for a state of other rules. Requires: it has seen nothing.
    [[nodiscard]] Result<void> restore(std::string_view state);
    /// Requires: the rule has seen nothing so far.
    void start_rule(plan::RuleId rule, std::uint64_t first_record);

    /// Offsets and lines are those of a block that starts with `first_line`.
    [[nodiscard]] event::Batch decode(std::string_view input, std::string lines, std::uint64_t first_line);
    /// The next records of the log.
    void push(event::Batch batch, std::vector<alerts::Output>& out);
    /// Notes an alert that came out, as JSON.
    void count_alert(std::string_view body);
    /// Notes a record that came too late for some rule.
    void count_late();

    [[nodiscard]] std::uint64_t records() const { return records_; }
    /// From the first record on: how many alerts, and the sum of the hashes of their JSON.
    [[nodiscard]] std::uint64_t alerts() const { return alerts_; }
    [[nodiscard]] std::uint64_t digest() const { return digest_; }
    [[nodiscard]] std::uint64_t late_records() const { return late_records_; }

private:
    RuleEngine(RulesInForce rules, const Options& options, engine::Engine engine);
    [[nodiscard]] Result<void> replay(const state::Chunk& chunk);
    void set_hash();

    RulesInForce rules_;
    Options options_;
    engine::Engine engine_;
    event::Decoder decoder_;
    std::unique_ptr<IdleWatch> idle_watch_;
    std::string hash_of_program_;
    std::string hash_;
    std::vector<alerts::Output> dropped_;
    std::uint64_t records_{0};
    std::uint64_t alerts_{0};
    std::uint64_t digest_{0};
    std::uint64_t late_records_{0};
};

/// Tells programs apart that do not give the same alerts.
[[nodiscard]] std::string rules_hash(const plan::Program& program);

}  // namespace tocsin::service
