#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/engine/watch.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {
struct Position;
struct Why;
}  // namespace tocsin::matcher

namespace tocsin::engine {

/// An input that the engine is going to read, known before the first record: it holds the watermark back until it has
/// spoken or ended.
struct Input {
    std::string name;
    event::Format format{event::Format::ndjson};
};

struct Options {
    std::vector<Input> inputs;              ///< event::InputId is the index
    unsigned threads{1};
    Limits limits{};
    std::optional<EventTime> from;          ///< events before it are passed over, and counted as such
    std::optional<EventTime> to;            ///< as are events at or after it
    std::optional<Watch> watch{};           ///< of a program that keeps all columns (matcher::keeping_all_columns)
};

struct RuleCounters {
    std::uint64_t received{0};
    std::uint64_t on_time{0};
    std::uint64_t late_accepted{0};
    std::uint64_t too_late{0};
    std::uint64_t duplicate{0};
    std::uint64_t null_key{0};              ///< of those accepted, not seen because a part of the key was null
    std::uint64_t candidates{0};
    std::uint64_t alerts{0};
    std::uint64_t retracts{0};
    std::uint64_t corrects{0};
    std::uint64_t held_back{0};             ///< alerts that `throttle` did not show
    std::uint64_t runs_refused{0};          ///< a key had Limits::runs_per_key runs
    std::uint64_t overflows{0};             ///< integer overflows in what it computes over its runs, which gave null

    template <class Archive>
    void archive(Archive& a) {
        a(received, on_time, late_accepted, too_late, duplicate, null_key, candidates, alerts, retracts, corrects, held_back,
          runs_refused, overflows);
    }
};
struct StreamCounters {
    std::uint64_t received{0};
    std::uint64_t on_time{0};
    std::uint64_t late_accepted{0};
    std::uint64_t too_late{0};              ///< for at least one rule
    std::uint64_t duplicate{0};
    std::uint64_t without_time{0};          ///< records of the stream whose time is missing, null or not a time: not seen

    template <class Archive>
    void archive(Archive& a) {
        a(received, on_time, late_accepted, too_late, duplicate, without_time);
    }
};
struct Counters {
    std::uint64_t records{0};               ///< events read, without control records
    std::uint64_t control_records{0};
    std::uint64_t unassigned{0};            ///< records that belong to no stream
    std::uint64_t mistyped_fields{0};
    std::uint64_t overflows{0};             ///< integer overflows in conditions on single events, which gave null
    std::uint64_t outside_range{0};         ///< not within from … to
    std::vector<StreamCounters> streams;    ///< by plan::StreamId
    std::vector<RuleCounters> rules;        ///< by plan::RuleId

    template <class Archive>
    void archive(Archive& a) {
        a(records, control_records, unassigned, mistyped_fields, overflows, outside_range, streams, rules);
    }
};

struct PreparedRows;

/// A row's place in one of its streams.
struct Member {
    plan::StreamId stream;
    bool has_time{false};
    EventTime time;
};

/// A batch with its predicates evaluated: which rows belong to which streams, and what they satisfy.
class PreparedBatch {
public:
    PreparedBatch(PreparedBatch&&) noexcept;
    PreparedBatch& operator=(PreparedBatch&&) noexcept;
    ~PreparedBatch();
    [[nodiscard]] std::size_t rows() const;
    [[nodiscard]] const event::Batch& batch() const;
    /// The streams that the row belongs to.
    [[nodiscard]] std::span<const Member> members(std::size_t row) const;
    /// Fields that hold something else than a stream of their row declares: they are null.
    [[nodiscard]] std::uint64_t mistyped_fields() const;
    /// By which inputs are merged: the row's event time, for a row without one the time of the row before.
    [[nodiscard]] EventTime time(std::size_t row) const;

private:
    friend class Engine;
    explicit PreparedBatch(std::unique_ptr<PreparedRows> rows);
    std::unique_ptr<PreparedRows> rows_;
};

/// The one way into tocsin: a program, batches in, alerts out. Between two calls it stands still at a known offset.
///
/// Calls: create (prepare* push+ | end_input)* finish. `prepare` is thread-safe and may run ahead; everything else is for one
/// thread at a time. What comes out does not depend on how records were cut into batches, nor on threads.
class Engine {
public:
    /// Fails where a regular expression does not compile or a limit is met.
    [[nodiscard]] static Result<Engine> create(std::shared_ptr<const plan::Program> program, Options options);
    Engine(Engine&&) noexcept;
    Engine& operator=(Engine&&) noexcept;
    ~Engine();

    /// The whole state, to go on from in another engine: of the same program, inputs, limits and number of threads. The same state gives
    /// the same bytes. Between two calls; not of an engine that watches, nor after finish(). Cost: linear in the state.
    [[nodiscard]] std::string save();
    /// An engine that goes on where the one that was saved stood. Fails for bytes of another program, version or number of threads
    /// (Errc::unsupported), and for damaged ones (Errc::bad_data), which a checksum tells.
    [[nodiscard]] static Result<Engine> restore(std::shared_ptr<const plan::Program> program, Options options, std::string_view state);

    [[nodiscard]] PreparedBatch prepare(event::Batch batch) const;
    /// Takes rows [begin, end) in; appends what they cause to `out`, in the order of the language.
    void push(const PreparedBatch& batch, std::size_t begin, std::size_t end, std::vector<alerts::Output>& out);
    /// The input has nothing more and holds nothing back.
    void end_input(event::InputId input, std::vector<alerts::Output>& out);
    /// The end of all inputs: the watermark passes everything.
    void finish(std::vector<alerts::Output>& out);

    /// A recorded heartbeat or idleness given by a caller (tests), as the record would.
    void watermark(event::InputId input, std::string_view stream, std::string_view partition, EventTime time,
                   std::vector<alerts::Output>& out);
    void idle(event::InputId input, std::string_view stream, std::string_view partition, std::vector<alerts::Output>& out);

    [[nodiscard]] const Counters& counters() const;
    /// The least watermark of all rules; for progress.
    [[nodiscard]] EventTime low_watermark() const;
    /// Live runs, held events and keys, all rules together: zero once the watermark has passed everything.
    struct StateSize {
        std::size_t runs{0};
        std::size_t events{0};
        std::size_t keys{0};
        std::size_t rows{0};                ///< of tables and views; those stay
    };
    [[nodiscard]] StateSize state_size() const;

    // Of an engine that watches, after finish().
    [[nodiscard]] const WatchedRecord& watched_record() const;
    /// Why the rule alerted for the watched key, or did not. Fails where there were more events than Limits::explained_events.
    [[nodiscard]] Result<matcher::Why> why();
    /// The events of the watched key that came too late: how many, and the last few.
    [[nodiscard]] std::size_t too_late() const;
    [[nodiscard]] std::vector<TooLate> latest_too_late() const;
    [[nodiscard]] Place place(const matcher::Position& position) const;

private:
    struct Impl;
    explicit Engine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::engine
