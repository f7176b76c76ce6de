#include <tocsin/delivery/schedule.hpp>

#include <algorithm>

namespace tocsin::delivery {

namespace {

constexpr int kGone = 410;
constexpr std::chrono::seconds kLongestRetryAfter = std::chrono::hours(24);

}  // namespace

Decision decide(const Answer& answer, std::uint32_t tries, const RetrySchedule& schedule, double chance) {
    if (answer.status >= 200 && answer.status < 300) {
        return {Decision::Verdict::delivered, Millis(0)};
    }
    if (answer.status == kGone) {
        return {Decision::Verdict::gone, Millis(0)};
    }
    if (tries > schedule.delays.size()) {
        return {Decision::Verdict::give_up, Millis(0)};
    }
    const Millis delay = schedule.delays[tries - 1];
    const Millis with_jitter = delay + std::chrono::duration_cast<Millis>(delay * (schedule.jitter * chance));
    const Millis asked = std::min(answer.retry_after.value_or(std::chrono::seconds(0)), kLongestRetryAfter);
    return {Decision::Verdict::again, std::max(with_jitter, asked)};
}

}  // namespace tocsin::delivery
