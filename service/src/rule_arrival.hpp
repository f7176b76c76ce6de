#pragma once

#include <cstdint>
#include <vector>

#include <tocsin/plan/program.hpp>

namespace tocsin::service {

/// By plan::RuleId: a hash of what a rule's version leaves out and its output depends on all the same. That is how events come to
/// it (slack, idle, inputs, which records its streams take, which of the rules run whose alerts it sees) and when it shows alerts
/// (lateness, emit, throttle). A rule whose version and whose hash are the same in two programs gives the same in both.
[[nodiscard]] std::vector<std::uint64_t> arrival_hashes(const plan::Program& program);

}  // namespace tocsin::service
