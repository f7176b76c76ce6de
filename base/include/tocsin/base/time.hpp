#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

using Duration = std::chrono::microseconds;

/// A point of event time: microseconds since the Unix epoch, UTC. Not a clock reading.
class EventTime {
public:
    constexpr EventTime() = default;
    constexpr explicit EventTime(std::int64_t micros) : micros_(micros) {}

    [[nodiscard]] static constexpr EventTime from_millis(std::int64_t millis) { return EventTime(millis * 1000); }
    /// Before every event: the watermark of a stream that has not spoken.
    [[nodiscard]] static constexpr EventTime lowest() { return EventTime(std::numeric_limits<std::int64_t>::min()); }
    /// After every event: the watermark at the end of the input.
    [[nodiscard]] static constexpr EventTime highest() { return EventTime(std::numeric_limits<std::int64_t>::max()); }

    [[nodiscard]] constexpr std::int64_t micros() const { return micros_; }

    /// Adding and taking away saturate at lowest() and highest(), which themselves do not move.
    [[nodiscard]] friend constexpr EventTime operator+(EventTime t, Duration d) { return saturating(t, d.count()); }
    [[nodiscard]] friend constexpr EventTime operator-(EventTime t, Duration d) {
        if (d.count() == std::numeric_limits<std::int64_t>::min()) {
            return saturating(t, std::numeric_limits<std::int64_t>::max());
        }
        return saturating(t, -d.count());
    }
    friend constexpr auto operator<=>(EventTime, EventTime) = default;

private:
    static constexpr EventTime saturating(EventTime t, std::int64_t delta) {
        if (t == lowest() || t == highest()) {
            return t;
        }
        std::int64_t sum = 0;
        if (__builtin_add_overflow(t.micros_, delta, &sum)) {
            return delta > 0 ? highest() : lowest();
        }
        return EventTime(sum);
    }

    std::int64_t micros_{0};
};

enum class TimeUnit : std::uint8_t { s, ms, us, ns };

/// An epoch number in `unit`; nothing where it does not fit in 64 bits of microseconds. ns are floored to us.
[[nodiscard]] std::optional<EventTime> from_epoch(std::int64_t number, TimeUnit unit);

/// RFC 3339 with any offset; `T` may be `t` or a blank, `Z` may be `z`; up to nine digits of a second's
/// fraction (what is finer than a microsecond is dropped); 23:59:60 is taken as the second that follows.
/// Nothing for anything else: no offset, a day that the month does not have, a year outside 0000 … 9999 in UTC, text
/// behind it.
[[nodiscard]] std::optional<EventTime> parse_rfc3339(std::string_view text);

/// `2026-11-23T10:02:00.000Z`: milliseconds, six digits where the time has finer ones.
/// Requires: not lowest() or highest().
[[nodiscard]] std::string format_rfc3339(EventTime time);

/// `500ms 30s 5m 2h 1d`, the unit compulsory. Nothing for anything else or on overflow.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// The shortest exact form in one unit: 90s stays `90s`, 120s is `2m`, 0 is `0s`.
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace tocsin
