#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <tocsin/base/time.hpp>

namespace tocsin::streams {

/// How much slack the events of a stream needed, and so which slack would have had how many of them in time.
///
/// Memory is constant. What is counted for round durations and for given slacks is exact, and so are the sums and the largest.
/// `covering` reads a log-linear histogram of whole milliseconds (as in G. Tene's HdrHistogram): exact below 256 ms, and
/// where each millisecond, or 1/128 of the slack, has one lateness at most; else less than 1/128 above the least slack that
/// would do. Thread-compatible.
class Lateness {
public:
    explicit Lateness(const std::vector<Duration>& slacks);

    /// An event that came; nothing: it is too late with any slack.
    /// Requires: needed is not negative.
    void add(std::optional<Duration> needed);

    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] std::uint64_t behind() const { return events_ - steps_.front(); }
    /// Too late with any slack: they are in no other count but `events` and `behind`, and too late for each slack.
    [[nodiscard]] std::uint64_t beyond_slack() const { return beyond_slack_; }
    /// The least slack with which no others are too late.
    [[nodiscard]] Duration largest() const { return largest_; }

    struct Step {
        std::optional<Duration> up_to;  ///< nothing: any more
        std::uint64_t events;  ///< that need more than the step before
    };
    /// By round durations; the first step is the events that need none.
    [[nodiscard]] std::vector<Step> histogram() const;

    struct Slack {
        Duration slack;
        std::uint64_t too_late;
    };
    /// For the slacks given, in their order.
    [[nodiscard]] std::vector<Slack> slacks() const;
    /// The least slack, in whole milliseconds, with which no more than `allowed` events are too late; nothing if none does.
    [[nodiscard]] std::optional<Slack> covering(std::uint64_t allowed) const;

private:
    static constexpr std::size_t kSteps = 20;
    static constexpr unsigned kBits = 7;  ///< each power of two is cut into so many pieces: 2^kBits

    struct Bucket {
        std::uint64_t events{0};
        std::uint64_t largest{0};  ///< milliseconds, rounded up
    };

    static const std::array<Duration, kSteps>& step_ends();
    [[nodiscard]] static std::size_t bucket_of(std::uint64_t millis);

    std::vector<Slack> slacks_;  ///< `too_late` without those beyond any slack
    std::array<std::uint64_t, kSteps + 1> steps_{};
    std::vector<Bucket> buckets_;
    std::uint64_t events_{0};
    std::uint64_t beyond_slack_{0};
    Duration largest_{0};
};

}  // namespace tocsin::streams
