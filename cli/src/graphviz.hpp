#pragma once

#include <string>

#include <tocsin/base/result.hpp>

namespace tocsin::cli {

/// Lets graphviz' `dot` write the picture of `dot_text` as SVG to standard output. Fails where it is not installed.
[[nodiscard]] Result<void> write_svg(const std::string& dot_text);

}  // namespace tocsin::cli
