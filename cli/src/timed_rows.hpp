#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/event/batch.hpp>

namespace tocsin::cli {

/// A batch with the streams of its rows and their times there: as an engine has prepared it, or, where no stream is declared,
/// all rows in stream 0 and the time in column 0, if there is one. A batch of merge.hpp. Thread-compatible.
class TimedRows {
public:
    explicit TimedRows(engine::PreparedBatch prepared);
    explicit TimedRows(event::Batch batch);

    [[nodiscard]] const event::Batch& batch() const { return prepared_ ? prepared_->batch() : *plain_; }
    [[nodiscard]] std::size_t rows() const { return batch().rows(); }
    /// By which inputs are merged, as a PreparedBatch has it.
    [[nodiscard]] EventTime time(std::size_t row) const { return prepared_ ? prepared_->time(row) : times_[row]; }
    /// None of a control record.
    [[nodiscard]] std::span<const engine::Member> members(std::size_t row) const;

private:
    std::optional<engine::PreparedBatch> prepared_;
    std::optional<event::Batch> plain_;
    std::vector<EventTime> times_;  ///< of plain_, by row
    std::vector<engine::Member> members_;  ///< of plain_, by row; a control record's stands for nothing
};

}  // namespace tocsin::cli
