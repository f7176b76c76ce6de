#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

#include <tocsin/base/result.hpp>
#include <tocsin/base/time.hpp>

namespace tocsin::cli {

/// `10x`, `0.5x` or `10`: how many seconds of event time go by in one of ours.
[[nodiscard]] Result<double> parse_speed(std::string_view text);

/// Lets event time go by at a given speed. The first event sets the start; events behind the latest one do not wait.
class Pacer {
public:
    using Clock = std::chrono::steady_clock;

    explicit Pacer(double speed) : speed_(speed) {}

    /// How long an event of this time still has to wait at `now`; zero or less: it is due.
    [[nodiscard]] Clock::duration wait_for(EventTime time, Clock::time_point now);

private:
    struct Origin {
        EventTime event;
        Clock::time_point clock;
    };
    double speed_;
    std::optional<Origin> origin_;
};

/// Sleeps, but no longer than until `interrupted`.
void sleep_unless(Pacer::Clock::duration duration, const std::atomic<bool>& interrupted);

}  // namespace tocsin::cli
