#include <tocsin/streams/lateness.hpp>

#include <algorithm>
#include <bit>
#include <iterator>

namespace tocsin::streams {

namespace {

using namespace std::chrono_literals;

/// Slacks are whole milliseconds, as the language writes them. Rounded up, no event is in time by rounding.
std::uint64_t millis_of(Duration slack) {
    return static_cast<std::uint64_t>(slack.count() / 1000 + (slack.count() % 1000 == 0 ? 0 : 1));
}

}  // namespace

const std::array<Duration, Lateness::kSteps>& Lateness::step_ends() {
    static constexpr std::array<Duration, kSteps> kEnds{0s,      100ms,   1s,      2s,       5s,       10s,       30s,
                                                        60s,     120s,    300s,    600s,     1'800s,   3'600s,    7'200s,
                                                        21'600s, 43'200s, 86'400s, 172'800s, 604'800s, 2'592'000s};
    return kEnds;
}

Lateness::Lateness(const std::vector<Duration>& slacks) {
    std::ranges::transform(slacks, std::back_inserter(slacks_), [](Duration slack) { return Slack{slack, 0}; });
}

/// A value keeps its kBits + 1 highest bits: below 2^(kBits + 1) buckets are single values, above they double their width with
/// each power of two.
std::size_t Lateness::bucket_of(std::uint64_t millis) {
    const auto width = static_cast<unsigned>(std::bit_width(millis));
    const unsigned dropped = width > kBits + 1 ? width - (kBits + 1) : 0;
    return (std::size_t{dropped} << kBits) + static_cast<std::size_t>(millis >> dropped);
}

void Lateness::add(std::optional<Duration> needed) {
    ++events_;
    if (!needed) {
        ++beyond_slack_;
        return;
    }
    largest_ = std::max(largest_, *needed);
    ++steps_[static_cast<std::size_t>(std::ranges::lower_bound(step_ends(), *needed) - step_ends().begin())];
    for (Slack& slack : slacks_) {
        slack.too_late += *needed > slack.slack ? 1U : 0U;
    }
    const std::uint64_t millis = millis_of(*needed);
    const std::size_t index = bucket_of(millis);
    if (index >= buckets_.size()) {
        buckets_.resize(index + 1);
    }
    ++buckets_[index].events;
    buckets_[index].largest = std::max(buckets_[index].largest, millis);
}

std::vector<Lateness::Step> Lateness::histogram() const {
    std::vector<Step> out;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        out.push_back({i < kSteps ? std::optional(step_ends()[i]) : std::nullopt, steps_[i]});
    }
    return out;
}

std::vector<Lateness::Slack> Lateness::slacks() const {
    std::vector<Slack> out = slacks_;
    for (Slack& slack : out) {
        slack.too_late += beyond_slack_;
    }
    return out;
}

std::optional<Lateness::Slack> Lateness::covering(std::uint64_t allowed) const {
    if (beyond_slack_ > allowed) {
        return std::nullopt;
    }
    std::uint64_t too_late = beyond_slack_;
    std::size_t above = buckets_.size();
    // What needs no slack, in the first bucket, is in time with none.
    while (above > 1 && too_late + buckets_[above - 1].events <= allowed) {
        too_late += buckets_[--above].events;
    }
    return Slack{std::chrono::milliseconds(above == 0 ? 0 : buckets_[above - 1].largest), too_late};
}

}  // namespace tocsin::streams
