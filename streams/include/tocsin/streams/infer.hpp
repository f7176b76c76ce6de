#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/streams/block_reader.hpp>
#include <tocsin/streams/input.hpp>

namespace tocsin::streams {

struct InferOptions {
    std::size_t max_records{100'000};  ///< looked at, from the start of the input; 0 is all
    ReaderOptions reader{};
};

/// `stream` declarations, as text in the rule language, that fit the records of an input: fields with their types (objects
/// flattened to paths), the time field with the unit of its numbers, and the slack that the disorder seen asks for.
/// One stream for each `$stream`, or for each value of a string field `type` that looks like a tag: in every record, at
/// most 50 values, and not the same fields with all of them; otherwise one, named after the input.
/// What it had to guess or leave out is said in comments. Fails where the input cannot be opened or is damaged.
[[nodiscard]] Result<std::string> infer(const InputSpec& spec, const InferOptions& options);

/// The field that looks like the time of the events.
struct InferredTime {
    std::vector<std::string> path;  ///< as a ColumnSpec has it
    std::optional<TimeUnit> unit;  ///< of a number; nothing: RFC 3339
};
struct InferredTimes {
    std::size_t records{0};  ///< that could be read
    std::optional<InferredTime> time;
};
/// What `infer` would give as the time if it took all records of these blocks for one stream.
[[nodiscard]] InferredTimes infer_time(std::span<const event::Block> blocks, event::Format format, const Limits& limits);

}  // namespace tocsin::streams
