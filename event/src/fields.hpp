#pragma once

#include <string_view>

#include <tocsin/event/batch.hpp>

#include "number.hpp"

namespace tocsin::event {

// Each puts one field into a column and says whether the field fits its type; if not, the row stays null.

[[nodiscard]] bool store_string(Column& column, const ColumnSpec& spec, std::size_t row, std::string_view text);
[[nodiscard]] bool store_number(Column& column, const ColumnSpec& spec, std::size_t row, const Decimal& number,
                                std::string_view text);
[[nodiscard]] bool store_bool(Column& column, const ColumnSpec& spec, std::size_t row, bool value);
/// A CSV field, which has no type of its own. Requires: not empty.
[[nodiscard]] bool store_text(Column& column, const ColumnSpec& spec, std::size_t row, std::string_view text);

/// An epoch number with a fraction; what is finer than a microsecond is dropped.
[[nodiscard]] std::optional<EventTime> epoch_time(const Decimal& number, TimeUnit unit);

}  // namespace tocsin::event
