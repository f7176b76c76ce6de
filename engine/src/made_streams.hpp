#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/engine/engine.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::engine {

/// An event that the program makes itself: of a rule's alert, or of a change of a table.
struct MadeRow {
    std::uint64_t cause{0};
    bool back{false};                       ///< the event is taken back
    EventTime time;
    std::string partition;                  ///< with `offset`, its place among equal times of its stream
    std::uint64_t offset{0};
    std::vector<plan::Constant> fields;     ///< by StreamPlan::fields

    template <class Archive>
    void archive(Archive& a) {
        a(cause, back, time, partition, offset, fields);
    }
};

/// The streams that a program makes for itself. Each is an input of its own, after those that are read: changes of tables in the order
/// of tables, then alerts in the order of rules, which is their order among events of one time.
class MadeStreams {
public:
    /// `inputs` gets the made ones at its end.
    MadeStreams(std::shared_ptr<const plan::Program> program, std::vector<Input>& inputs);

    [[nodiscard]] event::InputId input(plan::StreamId stream) const;
    /// The rows as a batch, as if they had been read: their columns, and as raw record their fields in JSON.
    [[nodiscard]] event::Batch batch(plan::StreamId stream, const std::vector<MadeRow>& rows) const;

private:
    /// A column that one of the stream's fields fills.
    struct Filled {
        event::ColumnId column;
        std::size_t field;
    };
    struct Made {
        plan::StreamId stream;
        event::InputId input;
        std::vector<Filled> filled;
    };
    [[nodiscard]] const Made& made(plan::StreamId stream) const;

    std::shared_ptr<const plan::Program> program_;
    std::vector<Made> made_;
};

}  // namespace tocsin::engine
