#pragma once

#include <string>
#include <vector>

namespace tocsin::cli {

/// Rows of cells as left-aligned columns with two blanks between them; the first row is the header. No trailing blanks.
[[nodiscard]] std::string columns(const std::vector<std::vector<std::string>>& rows);

/// `1,234,567`.
[[nodiscard]] std::string grouped(unsigned long long number);
/// The same of digits.
[[nodiscard]] std::string grouped_digits(std::string digits);

/// `1 error`, `2 errors`.
[[nodiscard]] std::string counted(unsigned long long number, const std::string& noun);

}  // namespace tocsin::cli
