// Windows of one key.
#pragma once

#include <vector>

#include "matcher.hpp"

namespace reference {

struct WindowResult {
    std::int64_t start = 0;
    std::int64_t end = 0;          // a session: start and end are its first and last event
    const Event* event = nullptr;  // sliding: the one it is judged at
    Moment decided;
    Fields lets;
    std::vector<std::pair<std::string, Value>> returns;
};

// Those that pass `where`, in order.
std::vector<WindowResult> find_windows(const MatchInput& input);

}  // namespace reference
