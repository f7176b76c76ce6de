#include "pacer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <thread>

#include <fmt/format.h>

namespace tocsin::cli {

Result<double> parse_speed(std::string_view text) {
    const std::string_view number = text.ends_with('x') ? text.substr(0, text.size() - 1) : text;
    double speed = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), speed);
    if (error != std::errc{} || end != number.data() + number.size() || !std::isfinite(speed) || speed <= 0) {
        return fail(Errc::invalid, fmt::format("'{}' is no speed; write 10x for ten seconds of event time a second", text));
    }
    return speed;
}

Pacer::Clock::duration Pacer::wait_for(EventTime time, Clock::time_point now) {
    if (time == EventTime::lowest() || time == EventTime::highest()) {
        return Clock::duration::zero();
    }
    if (!origin_) {
        origin_ = Origin{time, now};
    }
    const std::chrono::duration<double, std::micro> offset(
        (static_cast<double>(time.micros()) - static_cast<double>(origin_->event.micros())) / speed_);
    constexpr std::chrono::duration<double, std::micro> kLongest = std::chrono::hours(24 * 365 * 10);
    return origin_->clock + std::chrono::duration_cast<Clock::duration>(std::min(offset, kLongest)) - now;
}

void sleep_unless(Pacer::Clock::duration duration, const std::atomic<bool>& interrupted) {
    constexpr std::chrono::milliseconds kSlice{50};
    const auto until = Pacer::Clock::now() + duration;
    while (!interrupted.load()) {
        const auto left = until - Pacer::Clock::now();
        if (left <= Pacer::Clock::duration::zero()) {
            return;
        }
        std::this_thread::sleep_for(std::min<Pacer::Clock::duration>(left, kSlice));
    }
}

}  // namespace tocsin::cli
