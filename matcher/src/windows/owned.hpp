#pragma once

#include <string>
#include <vector>

#include <tocsin/event/value.hpp>
#include <tocsin/plan/expr.hpp>

namespace tocsin::matcher {

/// A value that owns its string, to be kept after the event is gone.
using Owned = plan::Constant;

[[nodiscard]] inline Owned own(const event::Value& value) {
    switch (value.type()) {
        case event::Type::null: return {};
        case event::Type::boolean: return {value.as_bool()};
        case event::Type::integer: return {value.as_int()};
        case event::Type::floating: return {value.as_float()};
        case event::Type::string: return {std::string(value.as_string())};
        case event::Type::time: return {value.as_time()};
        case event::Type::duration: return {value.as_duration()};
        case event::Type::ip: return {value.as_ip()};
    }
    return {};
}

}  // namespace tocsin::matcher
