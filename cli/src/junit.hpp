#pragma once

#include <string>
#include <vector>

#include "test_runner.hpp"

namespace tocsin::cli {

/// The results as JUnit's XML, one suite a rule file, in the order given: for CI systems.
[[nodiscard]] std::string junit_xml(const std::vector<TestResult>& results);

}  // namespace tocsin::cli
