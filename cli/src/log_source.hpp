#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <tocsin/base/result.hpp>

#include "source.hpp"

namespace tocsin::cli {

/// The log in the store of a service, as it is now; the service may run meanwhile. A store's log is visited, and a source is
/// asked: a thread visits ahead, by a few blocks.
[[nodiscard]] Result<std::unique_ptr<Source>> open_log(const std::string& folder,
                                                       std::span<const std::shared_ptr<const plan::Program>> programs,
                                                       std::size_t records);

}  // namespace tocsin::cli
