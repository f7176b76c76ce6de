#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/base/time.hpp>
#include <tocsin/streams/block_reader.hpp>
#include <tocsin/streams/input.hpp>

#include "source.hpp"

namespace tocsin::cli {

/// The inputs that a command line names; standard input where it names none and something is piped. Fails where two have one
/// name.
[[nodiscard]] Result<std::vector<streams::InputSpec>> parse_inputs(std::vector<std::string> texts);

/// The same, with the log of the store in the folder `data` where that is not empty: then no input has to be named.
[[nodiscard]] Result<InputChoice> parse_choice(std::vector<std::string> texts, const std::string& data);

/// A time, or a day, which is its first moment; nothing for an empty text.
[[nodiscard]] Result<std::optional<EventTime>> parse_bound(const std::string& option, const std::string& text);

/// `records`: that go to the engine at once, at most.
[[nodiscard]] Result<std::vector<streams::BlockReader>> open_inputs(const std::vector<streams::InputSpec>& inputs,
                                                                    std::size_t records, const Limits& limits);

}  // namespace tocsin::cli
