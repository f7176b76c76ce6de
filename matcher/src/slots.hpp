#pragma once

#include <cstddef>
#include <vector>

#include <tocsin/base/archive.hpp>

namespace tocsin::matcher {

/// What stands in numbered slots, some of which are free: those that are not, in their order. `write(element)` writes one.
template <class Slots, class Id, class Write>
void save_slots(StateWriter& out, Slots& slots, std::vector<Id>& free, Write write) {
    std::vector<bool> is_free(slots.size(), false);
    for (const Id id : free) {
        is_free[static_cast<std::size_t>(id)] = true;
    }
    out(free);
    out.number(slots.size() - free.size());
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (!is_free[i]) {
            write(slots[i]);
        }
    }
}

/// Requires: no slots. `read(element)` fills a new one.
template <class Slots, class Id, class Read>
void restore_slots(StateReader& in, Slots& slots, std::vector<Id>& free, Read read) {
    in(free);
    const std::size_t size = in.count() + free.size();
    std::vector<bool> is_free(size, false);
    for (const Id id : free) {
        if (static_cast<std::size_t>(id) >= size) {
            in.fail();
            return;
        }
        is_free[static_cast<std::size_t>(id)] = true;
    }
    for (std::size_t i = 0; i < size && in.ok(); ++i) {
        auto& slot = slots.emplace_back();
        if (!is_free[i]) {
            read(slot);
        }
    }
}

}  // namespace tocsin::matcher
