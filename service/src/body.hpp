#pragma once

#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>

namespace tocsin::service {

/// The records of a request's body, one a line: NDJSON as it is, a JSON array split into its elements. Only an array's brackets,
/// commas and strings are looked at; what its elements are is for the decoder to say.
[[nodiscard]] Result<std::string> records_of(std::string body);

/// Puts `$stream` and `$partition` in front of the fields of each record, where they are not empty; of two fields with one name the
/// first counts, so these do. What is no object stays as it is.
[[nodiscard]] std::string with_origin(std::string_view lines, std::string_view stream, std::string_view partition);

/// The place among a text's lines that are not blank, from 0, of the line `number`, from 1.
[[nodiscard]] std::size_t index_of_line(std::string_view lines, std::size_t number);

}  // namespace tocsin::service
