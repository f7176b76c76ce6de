#include <tocsin/matcher/past_pool.hpp>

#include <algorithm>
#include <cassert>

#include "slots.hpp"

namespace tocsin::matcher {

PastId PastPool::extend(PastId before, EventId event, nfa::StepId step) {
    PastId id{};
    if (free_.empty()) {
        id = PastId{static_cast<std::uint32_t>(nodes_.size())};
        nodes_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    events_->retain(event);
    PastNode& made = node(id);
    made = PastNode{};
    made.event = event;
    made.step = step;
    made.references = 1;
    if (before == kNoPast) {
        made.length = 1;
        made.oldest = made.newest = start_;
        made.newest_time = (*events_)[event].position.time;
        return id;
    }
    retain(before);
    const PastNode& last = (*this)[before];
    made.before = before;
    made.length = last.length + 1;
    made.oldest = last.oldest;
    made.newest = last.newest;
    made.newest_time = last.newest_time;
    return id;
}

/// Takes over the reference to `older`. Requires: the node is in nobody else's hands and has nothing behind it.
void PastPool::put_behind(PastId older, PastId id) {
    const PastNode& next = (*this)[older];
    PastNode& first = node(id);
    assert(first.older == kNoPast && precedes(older, id));
    first.older = older;
    first.depth = next.depth + 1;
    first.oldest = next.oldest;
    const auto depth = [&](PastId at) { return (*this)[at].depth; };
    const bool doubles = next.jump != kNoPast && (*this)[next.jump].jump != kNoPast &&
                         depth(older) - depth(next.jump) == depth(next.jump) - depth((*this)[next.jump].jump);
    first.jump = doubles ? (*this)[next.jump].jump : older;
}

/// A copy of the node `newer` alone in front of `older`, whose reference it takes over.
PastId PastPool::copy_in_front(PastId newer, PastId older) {
    const PastNode original = (*this)[newer];
    const PastId copy = extend(original.before, original.event, original.step);
    if (original.before == kNoPast) {
        PastNode& start = node(copy);
        start.oldest = start.newest = original.newest;
    }
    put_behind(older, copy);
    return copy;
}

PastId PastPool::unite(PastId older, PastId newer) {
    if ((*this)[newer].older == kNoPast && (*this)[newer].references == 1) {
        put_behind(older, newer);
        return newer;
    }
    open_.clear();
    for (PastId id = newer; id != kNoPast; id = (*this)[id].older) {
        open_.push_back(id);
    }
    PastId result = older;
    for (; !open_.empty(); open_.pop_back()) {
        result = copy_in_front(open_.back(), result);
    }
    release(newer);
    return result;
}

/// The node furthest down `older` that has a past that starts then or later.
PastId PastPool::last_since(PastId set, EventTime since) const {
    const auto reaches = [&](PastId id) { return id != kNoPast && (*this)[id].newest_time >= since; };
    while (true) {
        const PastNode& at = (*this)[set];
        if (reaches(at.jump)) {
            set = at.jump;
        } else if (reaches(at.older)) {
            set = at.older;
        } else {
            return set;
        }
    }
}

void PastPool::find_way(PastId set, EventTime since) {
    way_.clear();
    for (; set != kNoPast; set = (*this)[set].before) {
        assert((*this)[set].newest_time >= since && "nothing starts late enough");
        set = last_since(set, since);
        way_.push_back(set);
    }
}

PastId PastPool::oldest(PastId set, EventTime since) {
    if ((*this)[set].oldest == (*this)[set].newest) {
        retain(set);
        return set;
    }
    find_way(set, since);
    // From the last turn off the way along `before` it can be shared; what stands in front of it is copied.
    std::size_t shared = way_.size() - 1;
    while (shared > 0 && (*this)[way_[shared - 1]].before == way_[shared]) {
        --shared;
    }
    PastId past = way_[shared];
    retain(past);
    for (std::size_t i = shared; i-- > 0;) {
        const PastNode& original = (*this)[way_[i]];
        const PastId longer = extend(past, original.event, original.step);
        release(past);
        past = longer;
    }
    return past;
}

PastPool::Pruned PastPool::prune(PastId set, EventTime since) {
    find_way(set, since);
    std::size_t visited = way_.size();
    PastId below = kNoPast;         // what becomes of the set at the level below, with a reference; nothing: it stays
    for (std::size_t level = way_.size(); level-- > 0;) {
        const PastId last = way_[level];
        const PastId head = level == 0 ? set : (*this)[way_[level - 1]].before;
        open_.clear();
        for (PastId id = head; id != last; id = (*this)[id].older) {
            open_.push_back(id);
        }
        visited += open_.size();
        if (below == kNoPast && (*this)[last].older == kNoPast) {
            continue;
        }
        const PastNode original = (*this)[last];
        PastId pruned = extend(below == kNoPast ? original.before : below, original.event, original.step);
        if (original.before == kNoPast) {
            PastNode& start = node(pruned);
            start.oldest = start.newest = original.newest;
        }
        for (; !open_.empty(); open_.pop_back()) {
            pruned = copy_in_front(open_.back(), pruned);
        }
        if (below != kNoPast) {
            release(below);
        }
        below = pruned;
    }
    if (below == kNoPast) {
        return {set, visited};
    }
    release(set);
    return {below, visited};
}

void PastPool::retain(PastId id) {
    if (id != kNoPast) {
        ++node(id).references;
    }
}

void PastPool::release(PastId id) {
    // A loop, not a recursion: a past can be as long as the stream.
    const std::size_t others = open_.size();
    while (id != kNoPast) {
        PastNode& gone = node(id);
        assert(gone.references > 0);
        if (--gone.references == 0) {
            events_->release(gone.event);
            free_.push_back(id);
            if (gone.older != kNoPast) {
                open_.push_back(gone.older);
            }
            id = gone.before;
        } else {
            id = kNoPast;
        }
        if (id == kNoPast && open_.size() > others) {
            id = open_.back();
            open_.pop_back();
        }
    }
}

void PastPool::list(PastId id, std::vector<Taken>& out) const {
    out.clear();
    for (; id != kNoPast; id = (*this)[id].before) {
        out.push_back({(*this)[id].event, (*this)[id].step});
    }
    std::reverse(out.begin(), out.end());
}

void PastPool::save(StateWriter& out) {
    out(start_);
    save_slots(out, nodes_, free_, [&](PastNode& node) { out(node); });
}

void PastPool::restore(StateReader& in) {
    in(start_);
    restore_slots(in, nodes_, free_, [&](PastNode& node) { in(node); });
}

}  // namespace tocsin::matcher
