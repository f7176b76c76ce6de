#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/engine/engine.hpp>
#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/matcher/predicate_index.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/matcher/shard.hpp>

namespace tocsin::engine {

/// A row as the rules of one routing see it.
struct Routed {
    matcher::RoutingId routing;
    bool null_key{false};
    EventTime time;
    std::uint32_t shard{0};
    std::uint32_t key_begin{0};
    std::uint32_t key_size{0};
    std::uint32_t touch_begin{0};
    std::uint32_t touch_end{0};
};

struct PreparedRows {
    explicit PreparedRows(event::Batch decoded) : batch(std::move(decoded)) {}

    event::Batch batch;
    std::vector<EventTime> times;               ///< by row; what inputs are merged by
    std::vector<std::uint32_t> member_begin;    ///< by row, and one more
    std::vector<Member> members;
    std::vector<std::uint32_t> routed_begin;    ///< by row, and one more
    std::vector<Routed> routed;
    std::vector<matcher::Touch> touches;
    std::string keys;
    std::uint64_t overflows{0};                 ///< integer overflows in predicates
    std::uint64_t mistyped{0};                  ///< fields of another type than a stream of their row declares

    [[nodiscard]] std::string_view key(const Routed& route) const {
        return std::string_view(keys).substr(route.key_begin, route.key_size);
    }
};

/// The stage that looks at rows one by one and keeps nothing: streams, predicates, keys. Thread-safe.
class Preparer {
public:
    Preparer(std::shared_ptr<const plan::Program> program, std::shared_ptr<const matcher::Evaluator> evaluator,
             const matcher::RoutingTable& routing, const std::vector<Input>& inputs, std::uint32_t shards);
    ~Preparer();

    [[nodiscard]] std::unique_ptr<PreparedRows> prepare(event::Batch batch);
    /// The same for rows of a stream that the program makes itself.
    [[nodiscard]] std::unique_ptr<PreparedRows> prepare_made(event::Batch batch, plan::StreamId stream);
    /// Whether records of the input can belong to the stream at all.
    [[nodiscard]] bool feeds(event::InputId input, plan::StreamId stream) const;
    /// A stream of records by its name.
    [[nodiscard]] std::optional<plan::StreamId> stream_named(std::string_view name) const;

private:
    /// Which streams the records of one input belong to.
    struct Assignment {
        std::optional<matcher::ConditionIndex> by_where;
        std::vector<plan::StreamId> by_type;        ///< streams without a `where`: by the record's `type`
        std::optional<plan::StreamId> only;         ///< the only stream of the input
    };
    struct Worker;

    std::unique_ptr<PreparedRows> prepare_rows(event::Batch batch, std::optional<plan::StreamId> made);
    Assignment assign(const Input& input) const;
    void find_streams(Worker& worker, const PreparedRows& out, std::size_t row) const;
    void add_members(Worker& worker, PreparedRows& out, std::size_t row) const;
    void find_touches(Worker& worker, const PreparedRows& out, std::size_t row) const;
    void add_routes(Worker& worker, PreparedRows& out, std::size_t row) const;
    bool encode(Worker& worker, PreparedRows& out, std::size_t row, const plan::SourcePlan& source) const;
    std::unique_ptr<Worker> take_worker();
    void count_mistyped(PreparedRows& out) const;

    std::shared_ptr<const plan::Program> program_;
    std::shared_ptr<const matcher::Evaluator> evaluator_;
    const matcher::RoutingTable& routing_;
    std::uint32_t shards_;
    std::vector<Input> inputs_;
    std::vector<Assignment> assignments_;               ///< by input
    std::vector<std::vector<bool>> declared_;           ///< by stream, by column: a field of it
    std::vector<matcher::ConditionIndex> predicates_;   ///< by stream
    std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> idle_workers_;
};

}  // namespace tocsin::engine
