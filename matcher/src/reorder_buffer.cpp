#include "reorder_buffer.hpp"

#include <algorithm>

namespace tocsin::matcher {

void ReorderBuffer::add(const Position& position, EventId event, std::string_view key, std::span<const Touch> touches) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    events_->retain(event);
    Waiting& waiting = slots_[slot];
    waiting.event = event;
    waiting.key.assign(key);
    waiting.touches.assign(touches.begin(), touches.end());
    const Queued queued{position, slot, added_++};
    if (queue_.empty() || later(queued, queue_.back())) {
        queue_.push_back(queued);
        return;
    }
    heap_.push_back(queued);
    std::push_heap(heap_.begin(), heap_.end(), [&](const Queued& a, const Queued& b) { return later(a, b); });
}

ReorderBuffer::Queued ReorderBuffer::pop() {
    if (first_is_queued()) {
        const Queued front = queue_.front();
        queue_.pop_front();
        return front;
    }
    std::pop_heap(heap_.begin(), heap_.end(), [&](const Queued& a, const Queued& b) { return later(a, b); });
    const Queued top = heap_.back();
    heap_.pop_back();
    return top;
}

void ReorderBuffer::save(StateWriter& out) {
    std::vector<Queued> all(queue_.begin(), queue_.end());
    all.insert(all.end(), heap_.begin(), heap_.end());
    std::sort(all.begin(), all.end(), [&](const Queued& a, const Queued& b) { return later(b, a); });
    out.number(all.size());
    for (Queued& one : all) {
        out(one.position, slots_[one.slot]);
    }
    out(removed_);
}

void ReorderBuffer::restore(StateReader& in) {
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        Queued& one = queue_.emplace_back();
        one.slot = static_cast<std::uint32_t>(slots_.size());
        one.added = added_++;
        in(one.position, slots_.emplace_back());
    }
    in(removed_);
}

}  // namespace tocsin::matcher
