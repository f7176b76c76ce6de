#pragma once

#include <cstddef>
#include <string>

#include <tocsin/base/result.hpp>
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

}  // namespace tocsin::streams
