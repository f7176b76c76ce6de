#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <tocsin/event/decode.hpp>

namespace tocsin::event {

/// Bytes of the first record of a CSV text, its line end included; nothing if the text ends before the record does.
/// A quote opens a field only at the field's start, so a stray one elsewhere costs its own record at most.
[[nodiscard]] std::optional<std::size_t> csv_record_length(std::string_view text);

/// The names in a header line, with or without its line end and a byte order mark.
[[nodiscard]] CsvHeader parse_csv_header(std::string_view line);

}  // namespace tocsin::event
