// How a webhook's rows go: the outbox → lanes → ready, by the time they are due → under way → delivered, ready again, or dead.
//
// A lane holds rows of which only the first may be tried (Order). Rows are read from the outbox in order of sequence, and only
// when none of those in memory is due and a call could be made: a webhook that takes nothing holds little.

#include <list>
#include <queue>
#include <random>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <tocsin/delivery/webhook.hpp>

#include "alert_text.hpp"

namespace tocsin::delivery {

namespace {

/// Rows that are read at once.
constexpr std::size_t kPage = 500;
constexpr Millis kLongestWait = std::chrono::minutes(1);

struct Waiting {
    WallTime due;
    std::uint64_t sequence;
    std::uint32_t tries;
    std::uint64_t lane;
    friend bool operator>(const Waiting& a, const Waiting& b) {
        return std::tie(a.due, a.sequence) > std::tie(b.due, b.sequence);
    }
};

class Webhook final : public Endpoint {
public:
    Webhook(WebhookOptions options, std::unique_ptr<Transport> transport, state::Outbox& outbox, WallClock clock,
            std::uint64_t seed)
        : Endpoint(options.name, outbox),
          options_(std::move(options)),
          transport_(std::move(transport)),
          clock_(std::move(clock)),
          random_(seed),
          breaker_(options_.breaker) {}

    [[nodiscard]] Result<std::optional<WallTime>> run(const std::atomic<bool>& interrupted) override;
    void wake() override { transport_->wake(); }

private:
    [[nodiscard]] Result<void> start_due();
    [[nodiscard]] bool is_due(WallTime now) const { return !ready_.empty() && ready_.top().due <= now; }
    /// Whether there were more rows to read.
    [[nodiscard]] Result<bool> read_page();
    [[nodiscard]] Result<std::uint64_t> lane_of(const state::OutboxRow& row) const;
    void enqueue(const Waiting& one);
    [[nodiscard]] Result<void> start(Waiting one);
    /// When something is due and may be called; nothing if that is not known.
    [[nodiscard]] std::optional<WallTime> next_due();

    [[nodiscard]] Result<void> settle(const Ended& ended);
    [[nodiscard]] Result<void> apply(Waiting one, const Answer& answer);
    [[nodiscard]] Result<void> give_up(const Waiting& one, const std::string& reason);
    [[nodiscard]] Result<void> postpone(Waiting one, Millis wait, const std::string& reason);
    void judge_receiver(const Answer& answer, const Decision& decision);
    /// For the log.
    [[nodiscard]] std::string id_of(const Waiting& one) const;
    /// The row is done with: the next of its lane is ready.
    void leave(const Waiting& one);

    WebhookOptions options_;
    std::unique_ptr<Transport> transport_;
    WallClock clock_;
    std::mt19937_64 random_;
    Breaker breaker_;

    std::uint64_t read_to_{0};  ///< the last sequence that was read from the outbox
    std::size_t held_{0};  ///< rows in the three below
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> ready_;
    std::unordered_map<std::uint64_t, Waiting> under_way_;  ///< by sequence
    std::unordered_map<std::uint64_t, std::list<Waiting>> lanes_;  ///< those behind the one that is ready or under way
};

// ---- Which rows are tried

Result<std::uint64_t> Webhook::lane_of(const state::OutboxRow& row) const {
    if (options_.order == Order::alert) {
        return row.alert;
    }
    return read_alert(row).map(
        [](const AlertText& alert) -> std::uint64_t { return std::hash<std::string>()(quoted(alert.rule) + alert.key_json); });
}

void Webhook::enqueue(const Waiting& one) {
    ++held_;
    const auto [lane, fresh] = lanes_.try_emplace(one.lane);
    if (fresh) {
        ready_.push(one);
    } else {
        lane->second.push_back(one);
    }
}

Result<bool> Webhook::read_page() {
    if (held_ + kPage > kMostHeld) {
        return false;
    }
    const auto page = outbox().pending(name(), read_to_, kPage);
    if (!page) {
        return tl::unexpected(page.error());
    }
    for (const state::Delivery& delivery : *page) {
        const auto row = outbox().row(delivery.sequence);
        if (!row) {
            return tl::unexpected(row.error());
        }
        if (!*row) {
            return fail(Errc::bad_data, fmt::format("alert {} is pending, but not in the outbox", delivery.sequence));
        }
        const auto lane = lane_of(**row);
        if (!lane) {
            return tl::unexpected(lane.error());
        }
        read_to_ = delivery.sequence;
        enqueue({WallTime(Millis(delivery.due_ms)), delivery.sequence, delivery.tries, *lane});
    }
    return !page->empty();
}

Result<void> Webhook::start_due() {
    for (;;) {
        const WallTime now = clock_();
        if (under_way_.size() >= breaker_.room(now, options_.concurrency)) {
            return {};
        }
        if (!is_due(now)) {
            const auto more = read_page();
            if (!more) {
                return tl::unexpected(more.error());
            }
            if (!*more) {
                return {};
            }
            continue;
        }
        // A call that could not be noted down would be made again and again.
        if (const auto writable = outbox().writable(); !writable) {
            return writable;
        }
        const Waiting one = ready_.top();
        ready_.pop();
        if (const auto started = start(one); !started) {
            ready_.push(one);
            return started;
        }
    }
}

Result<void> Webhook::start(Waiting one) {
    const auto row = outbox().row(one.sequence);
    if (!row) {
        return tl::unexpected(row.error());
    }
    if (!*row) {
        return fail(Errc::bad_data, fmt::format("alert {} is pending, but not in the outbox", one.sequence));
    }
    auto request = webhook_request(options_, **row, clock_());
    if (!request) {
        return give_up(one, request.error().message);
    }
    under_way_.emplace(one.sequence, one);
    transport_->start(one.sequence, std::move(*request));
    return {};
}

std::optional<WallTime> Webhook::next_due() {
    const auto closed_until = breaker_.closed_to_calls_until(clock_());
    if (ready_.empty()) {
        return closed_until;
    }
    return std::max(ready_.top().due, closed_until.value_or(ready_.top().due));
}

Result<std::optional<WallTime>> Webhook::run(const std::atomic<bool>& interrupted) {
    while (!counters_.disabled && !interrupted) {
        if (const auto started = start_due(); !started) {
            return tl::unexpected(started.error());
        }
        if (under_way_.empty()) {
            return next_due();
        }
        const WallTime now = clock_();
        const auto due = next_due();
        const bool room = under_way_.size() < breaker_.room(now, options_.concurrency);
        const Millis wait = room && due ? std::clamp(*due - now, Millis(1), kLongestWait) : kLongestWait;
        Result<void> settled;
        for (const Ended& ended : transport_->wait(wait)) {
            if (auto result = settle(ended); !result) {
                settled = std::move(result);
            }
        }
        if (!settled) {
            return tl::unexpected(settled.error());
        }
    }
    return std::nullopt;
}

// ---- What comes of a try

/// What is in the outbox changes first: where that fails, the row is tried again.
Result<void> Webhook::settle(const Ended& ended) {
    const auto found = under_way_.find(ended.call);
    if (found == under_way_.end()) {
        return {};
    }
    const Waiting one = found->second;
    under_way_.erase(found);
    auto applied = apply(one, ended.answer);
    if (!applied) {
        ready_.push(one);
    }
    return applied;
}

Result<void> Webhook::apply(Waiting one, const Answer& answer) {
    const double chance = std::uniform_real_distribution<double>(0, 1)(random_);
    ++counters_.tries;
    ++one.tries;
    const Decision decision = decide(answer, one.tries, options_.schedule, chance);
    judge_receiver(answer, decision);
    switch (decision.verdict) {
        case Decision::Verdict::delivered:
            return outbox().delivered(name(), {one.sequence}, std::nullopt).map([&] {
                ++counters_.delivered;
                leave(one);
            });
        case Decision::Verdict::gone:
            counters_.disabled = true;
            ready_.push(one);
            spdlog::error(
                "webhook {}: status 410, the receiver wants no more: nothing is sent to it until the service is started again",
                name());
            return {};
        case Decision::Verdict::give_up: return give_up(one, reason_of(answer));
        case Decision::Verdict::again: break;
    }
    return postpone(one, decision.wait, reason_of(answer));
}

void Webhook::judge_receiver(const Answer& answer, const Decision& decision) {
    if (decision.verdict == Decision::Verdict::delivered) {
        if (breaker_.open()) {
            spdlog::info("webhook {}: it takes calls again", name());
        }
        breaker_.succeeded();
        counters_.breaker_open = false;
        return;
    }
    ++counters_.failures;
    const WallTime now = clock_();
    breaker_.failed(now);
    constexpr int kTooMany = 429;
    constexpr int kUnavailable = 503;
    if (answer.retry_after && (answer.status == kTooMany || answer.status == kUnavailable)) {
        breaker_.hold(now, bounded_retry_after(answer));
    }
    if (breaker_.open() && !counters_.breaker_open) {
        spdlog::error(
            "webhook {}: {} calls failed in a row, the last with: {}; from now on one is made now and then to see whether it "
            "is back",
            name(), options_.breaker.failures, reason_of(answer));
        counters_.breaker_open = true;
    }
}

Result<void> Webhook::give_up(const Waiting& one, const std::string& reason) {
    return outbox().give_up({name(), one.sequence, one.tries, clock_().time_since_epoch().count(), reason}).map([&] {
        spdlog::error("webhook {}: {} given up after {} tries: {}", name(), id_of(one), one.tries, reason);
        ++counters_.dead;
        leave(one);
    });
}

Result<void> Webhook::postpone(Waiting one, Millis wait, const std::string& reason) {
    one.due = clock_() + wait;
    return outbox().postpone({name(), one.sequence, one.tries, one.due.time_since_epoch().count()}).map([&] {
        spdlog::warn("webhook {}: {} failed at try {}: {}; again in {} s", name(), id_of(one), one.tries, reason,
                     std::chrono::ceil<std::chrono::seconds>(wait).count());
        ready_.push(one);
    });
}

std::string Webhook::id_of(const Waiting& one) const {
    const auto row = outbox().row(one.sequence);
    return row && *row ? state::delivery_id(**row) : fmt::format("alert {}", one.sequence);
}

void Webhook::leave(const Waiting& one) {
    --held_;
    note_pending(-1);
    const auto lane = lanes_.find(one.lane);
    if (lane->second.empty()) {
        lanes_.erase(lane);
        return;
    }
    ready_.push(lane->second.front());
    lane->second.pop_front();
}

}  // namespace

Result<Request> webhook_request(const WebhookOptions& options, const state::OutboxRow& row, WallTime now) {
    return format_alert(options.format, row, options.routing_key).map([&](Content&& content) {
        const std::string id = state::delivery_id(row);
        const std::int64_t timestamp = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        Request request{options.url, {{"content-type", content.type}, {"user-agent", "tocsin"}}, std::move(content.body)};
        request.headers.emplace_back("webhook-id", id);
        request.headers.emplace_back("webhook-timestamp", std::to_string(timestamp));
        if (!options.secrets.empty()) {
            request.headers.emplace_back("webhook-signature", sign(options.secrets, id, timestamp, request.body));
        }
        request.headers.insert(request.headers.end(), options.headers.begin(), options.headers.end());
        return request;
    });
}

std::unique_ptr<Endpoint> make_webhook(WebhookOptions options, std::unique_ptr<Transport> transport, state::Outbox& outbox,
                                       WallClock clock, std::uint64_t seed) {
    return std::make_unique<Webhook>(std::move(options), std::move(transport), outbox, std::move(clock), seed);
}

}  // namespace tocsin::delivery
