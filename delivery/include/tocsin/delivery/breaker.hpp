#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <tocsin/delivery/schedule.hpp>

namespace tocsin::delivery {

struct BreakerOptions {
    unsigned failures{10};  ///< in a row, after which it opens; 0: never
    Millis pause{std::chrono::seconds(10)};  ///< that it is open, the first time
    Millis longest_pause{std::chrono::minutes(5)};  ///< each further time is twice as long, up to this
};

/// Keeps a dead receiver from being called with its whole backlog. Closed: calls go on. After so many failures in a row it opens:
/// there are none. After the pause one call is let through; if it succeeds the breaker is closed, else it is open again. Owned by
/// one thread.
class Breaker {
public:
    explicit Breaker(BreakerOptions options) : options_(options), pause_(options.pause) {}

    /// How many calls may be under way now, of at most `most`.
    [[nodiscard]] std::size_t room(WallTime now, std::size_t most);
    /// Until when there is no room; nothing where there is some.
    [[nodiscard]] std::optional<WallTime> closed_to_calls_until(WallTime now);
    [[nodiscard]] bool open() const { return open_until_.has_value(); }

    void succeeded();
    void failed(WallTime now);
    /// The receiver asked for so much time, whatever it is called with.
    void hold(WallTime now, Millis wait);

private:
    BreakerOptions options_;
    Millis pause_;
    unsigned in_a_row_{0};
    std::optional<WallTime> open_until_;
    std::optional<WallTime> held_until_;
    Millis held_for_{0};
};

}  // namespace tocsin::delivery
