#pragma once

#include <string>
#include <vector>

#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/plan/program.hpp>
#include <tocsin/service/processor.hpp>
#include <tocsin/state/store.hpp>

namespace tocsin::service {

/// What /metrics shows; docs/serve.md lists the names.
[[nodiscard]] std::string metrics_text(const Snapshot& snapshot, const plan::Program& program,
                                       const std::vector<const delivery::Endpoint*>& endpoints, const state::Store& store);

}  // namespace tocsin::service
