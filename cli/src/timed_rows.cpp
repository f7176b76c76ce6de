#include "timed_rows.hpp"

#include <utility>

namespace tocsin::cli {

TimedRows::TimedRows(engine::PreparedBatch prepared) : prepared_(std::move(prepared)) {}

TimedRows::TimedRows(event::Batch batch) : plain_(std::move(batch)) {
    EventTime last = EventTime::lowest();
    const bool has_column = !plain_->columns().empty();
    for (std::size_t row = 0; row < plain_->rows(); ++row) {
        engine::Member member{plan::StreamId{0}, false, {}};
        if (has_column && !plain_->column(event::ColumnId{0}).is_null(row)) {
            member.has_time = true;
            member.time = plain_->column(event::ColumnId{0}).value(row).as_time();
            last = member.time;
        }
        members_.push_back(member);
        times_.push_back(last);
    }
}

std::span<const engine::Member> TimedRows::members(std::size_t row) const {
    if (prepared_) {
        return prepared_->members(row);
    }
    const bool event = plain_->header(row).kind == event::RecordKind::event;
    return std::span(members_).subspan(row, event ? 1 : 0);
}

}  // namespace tocsin::cli
