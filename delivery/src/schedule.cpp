#include <tocsin/delivery/schedule.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace tocsin::delivery {

namespace {

constexpr int kGone = 410;
constexpr std::chrono::seconds kLongestRetryAfter = std::chrono::hours(24);

constexpr std::size_t kReasonBytes = 200;

}  // namespace

std::string reason_of(const Answer& answer) {
    if (answer.status == 0) {
        return answer.failure;
    }
    // A receiver's words go to logs and terminals: only plain characters of them.
    std::string said = answer.excerpt.substr(0, kReasonBytes);
    std::replace_if(said.begin(), said.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
    said.erase(said.find_last_not_of(' ') + 1);
    return said.empty() ? fmt::format("status {}", answer.status) : fmt::format("status {}: {}", answer.status, said);
}

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
    return {Decision::Verdict::again, std::max(with_jitter, bounded_retry_after(answer))};
}

Millis bounded_retry_after(const Answer& answer) {
    return std::min(answer.retry_after.value_or(std::chrono::seconds(0)), kLongestRetryAfter);
}

}  // namespace tocsin::delivery
