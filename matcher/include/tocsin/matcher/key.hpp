#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/event/value.hpp>

namespace tocsin::matcher {

/// A partition key as bytes: equal keys have equal bytes. Per part a byte for the type, then the value; strings with their
/// length in front.
/// Requires: no part is null.
void encode_key(std::string& out, std::span<const event::Value> parts);

/// The parts; strings are views into `bytes`. Requires: made by encode_key.
[[nodiscard]] std::vector<event::Value> decode_key(std::string_view bytes);

}  // namespace tocsin::matcher
