#pragma once

#include <cstddef>
#include <string>

#include <tocsin/base/result.hpp>

namespace tocsin::cli {

/// The whole of a file, `-` being standard input; an error where it has more than `max_bytes`.
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::size_t max_bytes);

/// Puts `text` in place of the file in one step (a new file beside it, then renamed), with the old file's permissions:
/// whoever reads it meanwhile sees the old text or the new one.
[[nodiscard]] Result<void> replace_text(const std::string& path, const std::string& text);

}  // namespace tocsin::cli
