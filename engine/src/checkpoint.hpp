#pragma once

#include <span>
#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::engine {

/// What two engines must have in common for one to go on with the other's state.
[[nodiscard]] std::string identity_of(const plan::Program& program, std::span<const Input> inputs, const Options& options);

/// The bytes with what says that they are a state, in which format, and a checksum.
[[nodiscard]] std::string sealed(std::string bytes);
/// A view of the bytes that were sealed.
[[nodiscard]] Result<std::string_view> unsealed(std::string_view state);

}  // namespace tocsin::engine
