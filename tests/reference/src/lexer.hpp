// Tokens of the rule language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "value.hpp"

namespace reference {

struct Token {
    enum class Kind { kName, kString, kInt, kFloat, kDuration, kSymbol, kEnd };
    Kind kind = Kind::kEnd;
    std::string text;
    Value value;
    int line = 0;
    bool quoted = false;  // a name in backticks, never a keyword
};

// Throws std::runtime_error.
std::vector<Token> tokenize(std::string_view text);

}  // namespace reference
