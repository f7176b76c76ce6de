#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::delivery {

using Millis = std::chrono::milliseconds;
/// A reading of the wall clock: what is due is kept over restarts.
using WallTime = std::chrono::sys_time<Millis>;

/// How long after a failed try the next one is: the first delay after the first try, and so on. After the last delay's try
/// there is none.
struct RetrySchedule {
    std::vector<Millis> delays{std::chrono::seconds(5), std::chrono::minutes(5), std::chrono::minutes(30),
                               std::chrono::hours(2),   std::chrono::hours(5),   std::chrono::hours(10),
                               std::chrono::hours(14),  std::chrono::hours(20),  std::chrono::hours(24)};
    double jitter{0.1};  ///< a delay is up to this part longer, by chance, so that many do not come back at once
};

inline constexpr std::size_t kExcerptBytes = 1024;

/// What came of one try.
struct Answer {
    int status{0};  ///< of HTTP; 0: there was no answer
    std::optional<std::chrono::seconds> retry_after;
    std::string failure;  ///< why there was no answer
    std::string excerpt;  ///< the first of the answer's body, kExcerptBytes at most
};

/// Why a try failed, in one line of printable text: the status with the start of what the receiver said, or what went wrong.
[[nodiscard]] std::string reason_of(const Answer& answer);

struct Decision {
    enum class Verdict : std::uint8_t {
        delivered,  ///< any 2xx
        again,  ///< after `wait`
        give_up,
        gone,  ///< 410: the receiver wants no more of anything
    } verdict{Verdict::delivered};
    Millis wait{0};
};

/// `tries`: with this one. `chance`: from 0 up to 1, for the jitter. A Retry-After makes the wait longer, up to a day, never
/// shorter. Redirects are failures like any other status that is not 2xx.
[[nodiscard]] Decision decide(const Answer& answer, std::uint32_t tries, const RetrySchedule& schedule, double chance);

/// The answer's Retry-After, a day at most; 0 without one.
[[nodiscard]] Millis bounded_retry_after(const Answer& answer);

}  // namespace tocsin::delivery
