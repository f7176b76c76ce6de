#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tocsin/base/time.hpp>

#include "random.hpp"

namespace tocsin::streams {

/// The cards, users or hosts of a scenario, by number. One that takes part in an episode is busy until no rule looks at
/// the episode's events any more; until then it makes no noise. Thread-compatible.
class Pool {
public:
    explicit Pool(std::uint32_t size) : busy_until_(size, EventTime::lowest()), fresh_(size) {}

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(busy_until_.size()); }
    [[nodiscard]] bool busy(std::uint32_t who, EventTime now) const { return busy_until_[who] >= now; }
    void occupy(std::uint32_t who, EventTime until) { busy_until_[who] = until; }

    /// One for a record of noise, the first ones more often than the last ones; nothing if those tried are busy.
    [[nodiscard]] std::optional<std::uint32_t> pick(Random& random, EventTime now) const {
        for (int tries = 0; tries < kTries; ++tries) {
            const std::uint32_t who = random.skewed(size());
            if (!busy(who, now)) {
                return who;
            }
        }
        return std::nullopt;
    }

    /// One for an episode, each as likely as the others, busy from now on.
    [[nodiscard]] std::optional<std::uint32_t> reserve(Random& random, EventTime now, EventTime until) {
        for (int tries = 0; tries < kTries; ++tries) {
            const std::uint32_t who = random.below(size());
            if (!busy(who, now)) {
                occupy(who, until);
                return who;
            }
        }
        return std::nullopt;
    }

    /// One that never made and never will make any noise.
    [[nodiscard]] std::uint32_t fresh() { return fresh_++; }

private:
    static constexpr int kTries = 32;
    std::vector<EventTime> busy_until_;
    std::uint32_t fresh_;
};

}  // namespace tocsin::streams
