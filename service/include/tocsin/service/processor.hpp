#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/service/rule_engine.hpp>
#include <tocsin/state/store.hpp>

namespace tocsin::service {

/// What becomes of records that were handed in.
struct Taken {
    enum class Outcome : std::uint8_t {
        taken,  ///< they are on disk
        no_room,  ///< the disk is too full; later they may be taken
        failed,  ///< the store failed: whether they were taken is not known before the service was started again
    } outcome{Outcome::taken};
    std::uint64_t first{0};  ///< sequence of the first record
};

/// Records of one input, decoded for the program's projection, in their order.
struct Ingest {
    std::string input;
    event::Batch batch;  ///< its input is that one's place in inputs(); offsets and lines are set later, where records
        ///< do not give theirs
    std::string lines;  ///< the same records as they are kept
    std::function<void(const Taken&)> done;  ///< called once, on the processor's thread; must not wait
    /// What the batch was decoded for; if other rules are in force by the time it is taken, it is decoded anew. Null: it always is.
    std::shared_ptr<const plan::Program> program{};
};

/// Other rules take the place of those in force.
struct Swapped {
    Result<void> outcome;  ///< an error: the old ones are in force
    state::Deployment deployment;  ///< as it was stored
    std::unique_ptr<RuleEngine> old;  ///< to be destroyed where that may take its time; where it failed, the new one
    std::chrono::microseconds pause{0};  ///< in which nothing was taken
};
struct Swap {
    /// Filled from the log, but for its last records. Null: the rules in force mean the same, and only the deployment is stored.
    std::unique_ptr<RuleEngine> engine;
    /// Rules that start at kAtDeployment start behind the last record; that number and the time are filled in.
    state::Deployment deployment;
    std::function<void(Swapped)> done;  ///< called once, on the processor's thread; must not wait
};

/// What became of the states that were saved, since the start.
struct CheckpointFigures {
    std::uint64_t started_from{0};  ///< records that the state had seen which the start went on from
    std::uint64_t written{0};
    std::uint64_t failures{0};
    std::uint64_t records{0};  ///< that the last one written has seen
    std::uint64_t bytes{0};  ///< of it
    std::chrono::microseconds last_pause{0};  ///< in which nothing was taken, for the last one saved
};

/// What the engine and the store were at a moment between two commits.
struct Snapshot {
    engine::Counters counters;
    engine::Engine::StateSize state;
    EventTime watermark;
    state::Position position;
    std::uint64_t commits{0};
    std::uint64_t late_records{0};
    std::shared_ptr<const plan::Program> program;  ///< whose rules `counters` are of
    std::uint64_t swaps{0};  ///< since the start
    std::chrono::microseconds last_pause{0};  ///< of the last of them
    CheckpointFigures checkpoints{};
};

struct ProcessorOptions {
    unsigned threads{1};  ///< of the engine
    Limits limits{};
    std::uint64_t queue_bytes{64U << 20};
    std::uint64_t min_free{512U << 20};  ///< free space below which nothing is taken
    std::string checkpoints{};  ///< the folder of saved states; empty: none are made
    delivery::Millis checkpoint_every{std::chrono::minutes(1)};
    std::vector<std::string> endpoints;
    delivery::WallClock clock;
    /// New rows are in the outbox; shadow rows are not among them. Called on the processor's thread.
    std::function<void(const std::vector<std::uint64_t>&)> announce;
};

/// The input of records that name no other; the others are those that a stream of the rules reads `from`.
inline constexpr const char* kDefaultInput = "events";

/// The one owner of the engine, and the one who commits: a thread that takes what was handed in, lets the engine run over it,
/// commits records, alerts and position at once, and only then says so. What comes while it commits is one commit together.
/// All but create() is thread-safe.
class Processor {
public:
    /// Rebuilds the engine from the last state that was saved, and the store's log behind it. What that gives is already in the outbox, or was decided by records before the
    /// rules changed: either way it goes nowhere. Fails where the same rules do not give what is stored.
    [[nodiscard]] static Result<Processor> create(std::shared_ptr<const plan::Program> program, state::Store& store,
                                                  ProcessorOptions options);
    /// The same with rules that do not see the log from its start. `deployment`, if given, is stored with the position.
    [[nodiscard]] static Result<Processor> create(RulesInForce rules, state::Store& store, ProcessorOptions options,
                                                  std::optional<state::Deployment> deployment);
    /// Finishes what was handed in.
    ~Processor();
    Processor(Processor&& other) noexcept;
    Processor& operator=(Processor&&) = delete;

    /// At this moment; a moment later others may be.
    [[nodiscard]] std::shared_ptr<const RulesInForce> in_force() const;
    /// The records that are stored.
    [[nodiscard]] std::uint64_t records() const;
    /// Between two commits; false where the processor has stopped: then `done` is never called.
    [[nodiscard]] bool swap(Swap swap);
    /// Many commits of little: what a swap has to catch up with is the last one.
    void keep_commits_small(bool small);
    /// False where the queue is full or the processor has stopped: then `done` is never called.
    [[nodiscard]] bool submit(Ingest ingest);
    /// `answer` is called on the processor's thread, once.
    void ask(std::function<void(const Snapshot&)> answer);
    /// Whether records would be taken now.
    [[nodiscard]] bool has_room() const;
    /// What the store failed with, after which nothing is taken any more.
    [[nodiscard]] std::optional<Error> failure() const;
    /// Finishes what was handed in and takes nothing more. The engine is not told that its streams have ended: they have not.
    void stop();

private:
    struct Impl;
    explicit Processor(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::service
