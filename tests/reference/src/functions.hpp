#pragma once

#include <string>
#include <vector>

#include "value.hpp"

namespace reference {

Value arithmetic(char op, const Value& a, const Value& b);
Value negate(const Value& a);
Value call_function(const std::string& name, const std::vector<Value>& args);
Value aggregate(const std::string& name, const std::vector<Value>& values, const Value& parameter);
bool like(std::string_view text, std::string_view pattern);
bool matches(const std::string& text, const std::string& pattern);

}  // namespace reference
