#pragma once

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
#include <tocsin/state/store.hpp>

namespace tocsin::service {

/// What becomes of records that were handed in.
struct Taken {
    enum class Outcome : std::uint8_t {
        taken,      ///< they are on disk
        no_room,    ///< the disk is too full; later they may be taken
        failed,     ///< the store failed: whether they were taken is not known before the service was started again
    } outcome{Outcome::taken};
    std::uint64_t first{0};     ///< sequence of the first record
};

/// Records of one input, decoded for the program's projection, in their order.
struct Ingest {
    std::string input;
    event::Batch batch;         ///< its input is that one's place in inputs(); offsets and lines are set later, where records
                                ///< do not give theirs
    std::string lines;          ///< the same records as they are kept
    std::function<void(const Taken&)> done;     ///< called once, on the processor's thread; must not wait
};

/// What the engine and the store were at a moment between two commits.
struct Snapshot {
    engine::Counters counters;
    engine::Engine::StateSize state;
    EventTime watermark;
    state::Position position;
    std::uint64_t commits{0};
    std::uint64_t late_records{0};
};

struct ProcessorOptions {
    unsigned threads{1};                    ///< of the engine
    Limits limits{};
    std::uint64_t queue_bytes{64U << 20};
    std::uint64_t min_free{512U << 20};     ///< free space below which nothing is taken
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
    /// Rebuilds the engine from the store's log. What that gives is already in the outbox, or was decided by records before the
    /// rules changed: either way it goes nowhere. Fails where the same rules do not give what is stored.
    [[nodiscard]] static Result<Processor> create(std::shared_ptr<const plan::Program> program, state::Store& store,
                                                  ProcessorOptions options);
    /// Finishes what was handed in.
    ~Processor();
    Processor(Processor&& other) noexcept;
    Processor& operator=(Processor&&) = delete;

    [[nodiscard]] const std::vector<std::string>& inputs() const;
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

/// Tells programs apart that do not give the same alerts.
[[nodiscard]] std::string rules_hash(const plan::Program& program);

}  // namespace tocsin::service
