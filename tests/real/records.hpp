#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <simdjson.h>

namespace tocsin::test {

/// Calls with each record of a file, parsed by simdjson: the input of the computations that the engine is held against.
void each_record(const std::filesystem::path& file, const std::function<void(const simdjson::dom::object&)>& call);

[[nodiscard]] std::string text_of(const simdjson::dom::object& record, const char* name);
[[nodiscard]] std::int64_t int_of(const simdjson::dom::object& record, const char* name);
[[nodiscard]] double number_of(const simdjson::dom::object& record, const char* name);

/// `[3,1,2]` as numbers.
[[nodiscard]] std::vector<std::int64_t> ints_of(const simdjson::dom::element& array);

/// The numbers in texts that are JSON numbers, as `fields()` gives them.
[[nodiscard]] std::vector<std::int64_t> to_ints(const std::vector<std::string>& texts);

}  // namespace tocsin::test
