// Text → tree. Throws std::runtime_error with the line; reports only the first fault.
#pragma once

#include <string_view>

#include "syntax.hpp"

namespace reference {

ProgramTree parse_program(std::string_view text);

}  // namespace reference
