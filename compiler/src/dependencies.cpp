#include "dependencies.hpp"

#include <algorithm>
#include <cstdint>

namespace tocsin::compiler {

/// Depth first with a stack of its own: a chain can be as long as a file.
Dependencies dependencies(const std::vector<std::vector<std::size_t>>& needs) {
    enum class State : std::uint8_t { unseen, open, done };
    struct Frame {
        std::size_t at;
        std::size_t next;
    };
    Dependencies out;
    std::vector<State> states(needs.size(), State::unseen);
    std::vector<Frame> path;
    for (std::size_t start = 0; start < needs.size(); ++start) {
        if (states[start] != State::unseen) {
            continue;
        }
        states[start] = State::open;
        path.push_back({start, 0});
        while (!path.empty()) {
            const std::size_t at = path.back().at;
            if (path.back().next == needs[at].size()) {
                states[at] = State::done;
                out.order.push_back(at);
                path.pop_back();
                continue;
            }
            const std::size_t need = needs[at][path.back().next++];
            if (states[need] == State::unseen) {
                states[need] = State::open;
                path.push_back({need, 0});
            } else if (states[need] == State::open) {
                const auto first = std::ranges::find(path, need, &Frame::at);
                std::vector<std::size_t>& cycle = out.cycles.emplace_back();
                std::transform(first, path.end(), std::back_inserter(cycle), [](const Frame& frame) { return frame.at; });
            }
        }
    }
    return out;
}

}  // namespace tocsin::compiler
