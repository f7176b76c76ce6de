#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <tocsin/base/time.hpp>

namespace tocsin::cli {

/// Where the merge stands in one input.
template <class Batch>
struct Cursor {
    const Batch* batch{nullptr};  ///< null: the input has ended
    std::size_t row{0};  ///< < batch->rows()
};

/// Rows that go to the engine in one piece.
struct Piece {
    std::size_t input{0};
    std::size_t begin{0};
    std::size_t end{0};
};

/// The next rows of a merge by event time: from the input whose next record is the earliest (of equal times the input
/// given first), as many as come before every other input's next record, at most `max_rows`. Nothing when all inputs have
/// ended. The order of the rows does not depend on `max_rows` or on how the inputs are cut into batches.
///
/// Batch has `rows()` and `time(row)`. Cost: linear in the inputs and the rows given.
template <class Batch>
[[nodiscard]] std::optional<Piece> next_piece(const std::vector<Cursor<Batch>>& cursors, std::size_t max_rows) {
    std::optional<std::size_t> first;
    std::optional<std::size_t> second;
    const auto time = [&cursors](std::size_t input) { return cursors[input].batch->time(cursors[input].row); };
    for (std::size_t input = 0; input < cursors.size(); ++input) {
        if (cursors[input].batch == nullptr) {
            continue;
        }
        if (!first || time(input) < time(*first)) {
            second = first;
            first = input;
        } else if (!second || time(input) < time(*second)) {
            second = input;
        }
    }
    if (!first) {
        return std::nullopt;
    }
    const Cursor<Batch>& from = cursors[*first];
    const std::size_t limit = std::min(from.batch->rows(), from.row + std::max<std::size_t>(max_rows, 1));
    std::size_t end = from.row + 1;
    if (!second) {
        return Piece{*first, from.row, limit};
    }
    const EventTime other = time(*second);
    while (end < limit) {
        const EventTime mine = from.batch->time(end);
        if (other < mine || (other == mine && *second < *first)) {
            break;
        }
        ++end;
    }
    return Piece{*first, from.row, end};
}

}  // namespace tocsin::cli
