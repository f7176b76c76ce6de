#include <tocsin/delivery/breaker.hpp>

#include <algorithm>

namespace tocsin::delivery {

std::optional<WallTime> Breaker::closed_to_calls_until(WallTime now) {
    // A wall clock that was set back must not make a pause longer than it is.
    if (open_until_) {
        open_until_ = std::min(*open_until_, now + pause_);
    }
    if (held_until_) {
        held_until_ = std::min(*held_until_, now + held_for_);
    }
    if (held_until_ && *held_until_ <= now) {
        held_until_.reset();
    }
    const WallTime until = std::max(open_until_.value_or(now), held_until_.value_or(now));
    return until > now ? std::optional(until) : std::nullopt;
}

std::size_t Breaker::room(WallTime now, std::size_t most) {
    if (closed_to_calls_until(now)) {
        return 0;
    }
    return open() ? 1 : most;
}

void Breaker::succeeded() {
    in_a_row_ = 0;
    open_until_.reset();
    pause_ = options_.pause;
}

void Breaker::failed(WallTime now) {
    ++in_a_row_;
    if (options_.failures == 0) {
        return;
    }
    if (!open()) {
        if (in_a_row_ >= options_.failures) {
            open_until_ = now + pause_;
        }
        return;
    }
    // Calls that were under way when it opened end while it is open, and say nothing new.
    if (*open_until_ <= now) {
        pause_ = std::min(2 * pause_, options_.longest_pause);
        open_until_ = now + pause_;
    }
}

void Breaker::hold(WallTime now, Millis wait) {
    held_for_ = wait;
    held_until_ = now + wait;
}

}  // namespace tocsin::delivery
