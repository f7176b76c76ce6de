#include <queue>
#include <random>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <tocsin/delivery/endpoint.hpp>

namespace tocsin::delivery {

namespace {

struct Waiting {
    WallTime due;
    std::uint64_t sequence;
    std::uint32_t tries;
    friend bool operator>(const Waiting& a, const Waiting& b) { return std::tie(a.due, a.sequence) > std::tie(b.due, b.sequence); }
};

class Webhook final : public Endpoint {
public:
    Webhook(WebhookOptions options, std::unique_ptr<Transport> transport, state::Outbox& outbox, WallClock clock, std::uint64_t seed)
        : Endpoint(options.name),
          options_(std::move(options)),
          transport_(std::move(transport)),
          outbox_(outbox),
          clock_(std::move(clock)),
          random_(seed) {}

    [[nodiscard]] Result<void> load() override;
    void add(const std::vector<std::uint64_t>& sequences) override;
    [[nodiscard]] Result<std::optional<WallTime>> run(const std::atomic<bool>& stop) override;

private:
    /// False where the endpoint stops: by `stop`, or since it is gone.
    [[nodiscard]] Result<bool> try_one(Waiting one, const std::atomic<bool>& stop);
    [[nodiscard]] Answer call(const state::OutboxRow& row, const std::atomic<bool>& stop);
    [[nodiscard]] Result<void> settle(Waiting one, const state::OutboxRow& row, const Answer& answer);

    WebhookOptions options_;
    std::unique_ptr<Transport> transport_;
    state::Outbox& outbox_;
    WallClock clock_;
    std::mt19937_64 random_;
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
};

std::string reason_of(const Answer& answer) {
    return answer.status == 0 ? answer.failure : fmt::format("status {}", answer.status);
}

Result<void> Webhook::load() {
    return outbox_.pending(name()).map([&](const std::vector<state::Delivery>& pending) {
        for (const state::Delivery& delivery : pending) {
            waiting_.push({WallTime(Millis(delivery.due_ms)), delivery.sequence, delivery.tries});
        }
        counters_.pending = waiting_.size();
    });
}

void Webhook::add(const std::vector<std::uint64_t>& sequences) {
    const WallTime now = clock_();
    for (const std::uint64_t sequence : sequences) {
        waiting_.push({now, sequence, 0});
    }
    counters_.pending = waiting_.size();
}

Result<std::optional<WallTime>> Webhook::run(const std::atomic<bool>& stop) {
    while (!counters_.disabled && !stop && !waiting_.empty()) {
        const Waiting next = waiting_.top();
        if (next.due > clock_()) {
            return next.due;
        }
        const auto went_on = try_one(next, stop);
        counters_.pending = waiting_.size();
        if (!went_on) {
            return tl::unexpected(went_on.error());
        }
        if (!*went_on) {
            break;
        }
    }
    return std::nullopt;
}

Result<bool> Webhook::try_one(Waiting one, const std::atomic<bool>& stop) {
    // A call that could not be noted down would be made again and again.
    const auto row = outbox_.writable().and_then([&] { return outbox_.row(one.sequence); });
    if (!row) {
        return tl::unexpected(row.error());
    }
    if (!*row) {
        return tl::unexpected(Error{Errc::bad_data, fmt::format("{}: alert {} is pending, but not in the outbox", name(), one.sequence)});
    }
    const Answer answer = call(**row, stop);
    if (answer.aborted) {
        return false;
    }
    ++counters_.tries;
    ++one.tries;
    if (const auto settled = settle(one, **row, answer); !settled) {
        return tl::unexpected(settled.error());
    }
    return !counters_.disabled;
}

Answer Webhook::call(const state::OutboxRow& row, const std::atomic<bool>& stop) {
    const std::string id = state::delivery_id(row);
    const std::int64_t timestamp = std::chrono::floor<std::chrono::seconds>(clock_()).time_since_epoch().count();
    Request request{options_.url, {{"content-type", "application/json"}, {"user-agent", "tocsin"}}, row.body};
    request.headers.emplace_back("webhook-id", id);
    request.headers.emplace_back("webhook-timestamp", std::to_string(timestamp));
    if (!options_.secrets.empty()) {
        request.headers.emplace_back("webhook-signature", sign(options_.secrets, id, timestamp, row.body));
    }
    return transport_->post(request, stop);
}

/// What is in the outbox changes first: where that fails, memory still has it.
Result<void> Webhook::settle(Waiting one, const state::OutboxRow& row, const Answer& answer) {
    const double chance = std::uniform_real_distribution<double>(0, 1)(random_);
    const Decision decision = decide(answer, one.tries, options_.schedule, chance);
    if (decision.verdict == Decision::Verdict::delivered) {
        return outbox_.delivered(name(), {one.sequence}, std::nullopt).map([&] {
            waiting_.pop();
            ++counters_.delivered;
        });
    }
    ++counters_.failures;
    const WallTime now = clock_();
    switch (decision.verdict) {
        case Decision::Verdict::gone:
            counters_.disabled = true;
            spdlog::error("webhook {}: status 410, the receiver wants no more: nothing is sent to it until the service is started again", name());
            return {};
        case Decision::Verdict::give_up:
            spdlog::error("webhook {}: {} given up after {} tries: {}", name(), state::delivery_id(row), one.tries, reason_of(answer));
            return outbox_.give_up({name(), one.sequence, one.tries, now.time_since_epoch().count(), reason_of(answer)}).map([&] {
                waiting_.pop();
                ++counters_.dead;
            });
        default: break;
    }
    one.due = now + decision.wait;
    spdlog::warn("webhook {}: {} failed at try {}: {}; again in {} s", name(), state::delivery_id(row), one.tries, reason_of(answer),
                 std::chrono::ceil<std::chrono::seconds>(decision.wait).count());
    return outbox_.postpone({name(), one.sequence, one.tries, one.due.time_since_epoch().count()}).map([&] {
        waiting_.pop();
        waiting_.push(one);
    });
}

}  // namespace

std::unique_ptr<Endpoint> make_webhook(WebhookOptions options, std::unique_ptr<Transport> transport, state::Outbox& outbox,
                                       WallClock clock, std::uint64_t seed) {
    return std::make_unique<Webhook>(std::move(options), std::move(transport), outbox, std::move(clock), seed);
}

}  // namespace tocsin::delivery
