#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/streams/block_reader.hpp>
#include <tocsin/streams/input.hpp>

namespace tocsin::cli {

/// The inputs that a command line names; standard input where it names none and something is piped. Fails where two have one
/// name.
[[nodiscard]] Result<std::vector<streams::InputSpec>> parse_inputs(std::vector<std::string> texts);

/// A time, or a day, which is its first moment; nothing for an empty text.
[[nodiscard]] Result<std::optional<EventTime>> parse_bound(const std::string& option, const std::string& text);

/// `records`: that go to the engine at once, at most.
[[nodiscard]] Result<std::vector<streams::BlockReader>> open_inputs(const std::vector<streams::InputSpec>& inputs,
                                                                    std::size_t records, const Limits& limits);

}  // namespace tocsin::cli
