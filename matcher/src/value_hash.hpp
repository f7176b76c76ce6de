#pragma once

#include <cstddef>

#include <tocsin/event/value.hpp>

namespace tocsin::matcher {

/// For hash tables of values: the language's equality, where an int and a float of one number are equal.
struct ValueHash {
    std::size_t operator()(const event::Value& value) const { return event::hash(value); }
};
struct ValueEqual {
    bool operator()(const event::Value& a, const event::Value& b) const { return event::equal(a, b); }
};

}  // namespace tocsin::matcher
