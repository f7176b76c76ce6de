// The webhook against a receiver, a clock and an outbox that are all in memory.
#include <atomic>
#include <chrono>
#include <memory>
#include <set>

#include <spdlog/spdlog.h>

#include <tocsin/delivery/webhook.hpp>

#include "delivery/outbox.hpp"
#include "delivery/virtual_transport.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
using delivery::Millis;
using delivery::WallTime;

/// One webhook, as often made anew as asked.
struct Hook {
    explicit Hook(VirtualTransport::Receiver with) : receiver(std::move(with)) {
        spdlog::set_level(spdlog::level::off);
        options.name = "hook";
        options.url = "https://example.org/hook";
        options.schedule.delays = {10s, 100s};
        options.schedule.jitter = 0;
        options.concurrency = 1;
    }

    VirtualTransport::Receiver receiver;
    delivery::WebhookOptions options;
    MemoryOutbox outbox;
    VirtualClock clock;
    VirtualTransport::Record record;
    std::unique_ptr<delivery::Endpoint> endpoint;
    std::atomic<bool> interrupted{false};

    void start() {
        endpoint = delivery::make_webhook(
            options, std::make_unique<VirtualTransport>(clock, record, receiver), outbox, [this] { return clock.now; }, 7);
        REQUIRE(endpoint->load().has_value());
    }
    void add(std::uint64_t alert, const std::string& op = "alert", const std::string& key = "ann") {
        outbox.add(alert, op, key);
        if (endpoint) {
            endpoint->add(1);
        }
    }
    /// Runs until nothing is due any more, ever, or for so long.
    void run_for(Millis longest = Millis::max() / 2) {
        if (!endpoint) {
            start();
        }
        const WallTime end = longest == Millis::max() / 2 ? WallTime::max() : clock.now + longest;
        for (;;) {
            const auto next = endpoint->run(interrupted);
            REQUIRE(next.has_value());
            if (!*next || **next > end) {
                clock.now = *next && end != WallTime::max() ? end : clock.now;
                return;
            }
            REQUIRE(**next >= clock.now);
            clock.now = **next;
        }
    }
    [[nodiscard]] std::vector<Millis> times() const {
        std::vector<Millis> out;
        for (const VirtualCall& call : record.calls) {
            out.push_back(call.at);
        }
        return out;
    }
    [[nodiscard]] std::vector<std::uint64_t> numbers() const {
        std::vector<std::uint64_t> out;
        for (const VirtualCall& call : record.calls) {
            out.push_back(call.number);
        }
        return out;
    }
};

VirtualTransport::Receiver always(int status) {
    return [status](const VirtualCall&) { return answers(status); };
}

TEST_CASE("an alert that is taken is called with once, and is pending no more") {
    Hook hook(always(204));
    hook.add(0xc1);
    hook.run_for();
    REQUIRE(hook.record.calls.size() == 1);
    const VirtualCall& call = hook.record.calls[0];
    CHECK(call.url == "https://example.org/hook");
    CHECK(call.headers.at("content-type") == "application/json");
    CHECK(call.headers.at("webhook-id") == "00000000000000c1.alert");
    CHECK(call.headers.at("webhook-timestamp") == "1767225600");
    CHECK(call.headers.count("webhook-signature") == 0);
    CHECK(call.body == hook.outbox.rows.at(1).body);
    CHECK(hook.outbox.waiting.empty());
    CHECK(hook.endpoint->counters().delivered == 1);
    CHECK(hook.endpoint->counters().pending == 0);
}

TEST_CASE("what fails is tried again at its delays with the same id and body and a new timestamp, and is a dead letter then") {
    Hook hook([](const VirtualCall&) {
        VirtualAnswer out = answers(500, 1s);
        out.answer.excerpt = "out of\norder";
        return out;
    });
    hook.options.secrets.push_back(*delivery::Secret::parse("whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="));
    hook.add(0xc1);
    hook.run_for();
    CHECK(hook.times() == std::vector<Millis>{0s, 11s, 112s});
    std::set<std::string> signatures;
    for (const VirtualCall& call : hook.record.calls) {
        CHECK(call.headers.at("webhook-id") == hook.record.calls[0].headers.at("webhook-id"));
        CHECK(call.body == hook.record.calls[0].body);
        CHECK(call.headers.at("webhook-timestamp") == std::to_string(1'767'225'600 + call.at / 1s));
        CHECK(delivery::verify(hook.options.secrets, call.headers.at("webhook-id"), 1'767'225'600 + call.at / 1s, call.body,
                               call.headers.at("webhook-signature")) == delivery::Verification::fits);
        signatures.insert(call.headers.at("webhook-signature"));
    }
    CHECK(signatures.size() == 3);
    REQUIRE(hook.outbox.letters.size() == 1);
    CHECK(hook.outbox.letters[0].tries == 3);
    CHECK(hook.outbox.letters[0].reason == "status 500: out of order");
    CHECK(hook.outbox.letters[0].given_up_ms == (hook.clock.now.time_since_epoch().count()));
    CHECK(hook.endpoint->counters().tries == 3);
    CHECK(hook.endpoint->counters().failures == 3);
    CHECK(hook.endpoint->counters().dead == 1);
    CHECK(hook.endpoint->counters().pending == 0);
}

TEST_CASE("an alert that fails holds back no later one") {
    Hook hook([](const VirtualCall& call) { return answers(call.number == 1 && call.at < 10s ? 500 : 200); });
    hook.add(1);
    hook.add(2);
    hook.add(3);
    hook.run_for();
    CHECK(hook.numbers() == std::vector<std::uint64_t>{1, 2, 3, 1});
    CHECK(hook.outbox.done == std::vector<std::uint64_t>{2, 3, 1});
}

TEST_CASE("a retract never overtakes its alert, nor does it wait for other alerts") {
    Hook hook([](const VirtualCall& call) { return answers(call.number == 1 && call.at < 10s ? 500 : 200); });
    hook.options.concurrency = 4;
    hook.add(1);
    hook.add(1, "retract");
    hook.add(2);
    hook.add(2, "retract");
    hook.run_for();
    CHECK(hook.numbers() == std::vector<std::uint64_t>{1, 3, 4, 1, 2});
}

TEST_CASE("after an alert is given up, its retract is sent") {
    Hook hook([](const VirtualCall& call) { return answers(call.number == 1 ? 400 : 200); });
    hook.add(1);
    hook.add(1, "retract");
    hook.run_for();
    CHECK(hook.outbox.letters.size() == 1);
    CHECK(hook.outbox.done == std::vector<std::uint64_t>{2});
}

TEST_CASE("ordered by key, an alert waits for the earlier ones of its rule and key, and for no others") {
    Hook hook([](const VirtualCall& call) { return answers(call.number == 1 && call.at < 10s ? 500 : 200, 1s); });
    hook.options.order = delivery::Order::key;
    hook.options.concurrency = 8;
    hook.add(1, "alert", "ann");
    hook.add(2, "alert", "bob");
    hook.add(3, "alert", "ann");
    hook.add(4, "alert", "ann");
    hook.add(5, "alert", "bob");
    hook.run_for();
    CHECK(hook.numbers() == std::vector<std::uint64_t>{1, 2, 5, 1, 3, 4});
    CHECK(hook.times() == std::vector<Millis>{0s, 0s, 1s, 11s, 12s, 13s});
}

TEST_CASE("as many calls are under way as asked, and a slow receiver with a backlog is drained by them") {
    Hook hook([](const VirtualCall&) { return answers(200, 10s); });
    hook.options.concurrency = 4;
    for (std::uint64_t alert = 1; alert <= 2000; ++alert) {
        hook.add(alert);
    }
    hook.run_for();
    CHECK(hook.record.most_under_way == 4);
    CHECK(hook.outbox.done.size() == 2000);
    CHECK(hook.clock.since_start() == 5000s);
}

TEST_CASE("what comes while a slow call is under way does not wait for its end") {
    Hook* self = nullptr;
    Hook hook([&](const VirtualCall& call) {
        if (call.number == 1) {
            self->interrupted = true;
            self->endpoint->wake();
        }
        return answers(200, call.number == 1 ? 30s : 0s);
    });
    self = &hook;
    hook.options.concurrency = 2;
    hook.add(1);
    hook.run_for();
    REQUIRE(hook.record.under_way == 1);
    hook.interrupted = false;
    hook.add(2);
    hook.run_for();
    CHECK(hook.outbox.done == std::vector<std::uint64_t>{2, 1});
    CHECK(hook.times() == std::vector<Millis>{0s, 0s});
}

TEST_CASE("a 410 stops everything until the endpoint is made anew, which takes up what was pending") {
    int status = 410;
    Hook hook([&](const VirtualCall&) { return answers(status); });
    hook.add(1);
    hook.add(2);
    hook.run_for();
    CHECK(hook.record.calls.size() == 1);
    CHECK(hook.endpoint->counters().disabled);
    hook.add(3);
    hook.run_for();
    CHECK(hook.record.calls.size() == 1);
    CHECK(hook.outbox.letters.empty());
    CHECK(hook.outbox.waiting.size() == 3);
    CHECK(hook.endpoint->counters().pending == 3);
    status = 200;
    hook.start();
    CHECK(hook.endpoint->counters().pending == 3);
    hook.run_for();
    CHECK(hook.outbox.done == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(hook.endpoint->counters().pending == 0);
}

TEST_CASE("after a restart tries and due times are as they were") {
    Hook hook(always(500));
    hook.add(1);
    hook.run_for(1s);
    CHECK(hook.times() == std::vector<Millis>{0s});
    hook.start();
    CHECK(hook.endpoint->counters().pending == 1);
    hook.run_for();
    CHECK(hook.times() == std::vector<Millis>{0s, 10s, 110s});
    REQUIRE(hook.outbox.letters.size() == 1);
    CHECK(hook.outbox.letters[0].tries == 3);
}

TEST_CASE("Retry-After with a 429 or 503 holds back every call, with another status only that alert's") {
    const int status = GENERATE(429, 503, 500);
    Hook hook([&](const VirtualCall& call) {
        VirtualAnswer out = answers(call.at == 0s && call.number == 1 ? status : 200);
        if (out.answer.status != 200) {
            out.answer.retry_after = 60s;
        }
        return out;
    });
    hook.add(1);
    hook.add(2);
    hook.run_for();
    CHECK(hook.times() == (status == 500 ? std::vector<Millis>{0s, 0s, 60s} : std::vector<Millis>{0s, 60s, 60s}));
}

TEST_CASE("a dead receiver is not called with its backlog: after ten failures there is one call a pause, and pauses grow") {
    Hook hook([](const VirtualCall& call) { return answers(call.at < 1h ? 0 : 200); });
    hook.options.schedule.delays.assign(10, 24h);
    hook.options.concurrency = 4;
    for (std::uint64_t alert = 1; alert <= 100'000; ++alert) {
        hook.add(alert);
    }
    hook.run_for(1h - 1ms);
    // Three more were under way when the tenth failed; then 10, 20, 40 … 300 s.
    CHECK(hook.endpoint->counters().breaker_open);
    CHECK(hook.record.calls.size() < 10 + 4 + 20);
    CHECK(hook.record.calls.size() > 10 + 10);
    CHECK(hook.outbox.most_read <= 1000);
    for (std::size_t i = 14; i + 1 < hook.record.calls.size(); ++i) {
        CHECK(hook.times()[i + 1] - hook.times()[i] >= 10s);
        CHECK(hook.times()[i + 1] - hook.times()[i] <= 300s);
    }
    const std::size_t before = hook.record.calls.size();
    hook.run_for();
    CHECK(hook.times()[before] <= 1h + 5min);
    CHECK_FALSE(hook.endpoint->counters().breaker_open);
    CHECK(hook.outbox.done.size() == 100'000);
}

TEST_CASE("a failure among successes opens no breaker") {
    int count = 0;
    Hook hook([&](const VirtualCall&) { return answers(++count % 3 == 0 ? 200 : 500); });
    hook.options.breaker.failures = 3;
    hook.options.schedule.delays.assign(20, 1s);
    for (std::uint64_t alert = 1; alert <= 100; ++alert) {
        hook.add(alert);
    }
    hook.run_for();
    CHECK_FALSE(hook.endpoint->counters().breaker_open);
    CHECK(hook.outbox.done.size() == 100);
    CHECK(hook.clock.since_start() < 30s);
}

TEST_CASE("with no breaker each alert is tried at its own delays, whatever the others gave") {
    Hook hook(always(500));
    hook.options.breaker.failures = 0;
    for (std::uint64_t alert = 1; alert <= 50; ++alert) {
        hook.add(alert);
    }
    hook.run_for();
    CHECK(hook.record.calls.size() == 150);
    CHECK(hook.clock.since_start() == 110s);
    CHECK(hook.outbox.letters.size() == 50);
}

TEST_CASE("no more than a hundred thousand alerts are held in memory; those behind them come when there is room") {
    Hook hook(always(500));
    hook.options.breaker.failures = 0;
    hook.options.schedule.delays = {1h};
    constexpr std::uint64_t kAlerts = delivery::kMostHeld + 5000;
    for (std::uint64_t alert = 1; alert <= kAlerts; ++alert) {
        hook.add(alert);
    }
    hook.run_for(30min);
    CHECK(hook.outbox.most_read <= delivery::kMostHeld);
    CHECK(hook.record.calls.size() == hook.outbox.most_read);
    hook.run_for();
    CHECK(hook.outbox.letters.size() == kAlerts);
    CHECK(hook.endpoint->counters().pending == 0);
}

TEST_CASE("nothing is called while the outbox cannot note it down") {
    Hook hook(always(200));
    hook.add(1);
    hook.start();
    hook.outbox.full = true;
    CHECK_FALSE(hook.endpoint->run(hook.interrupted).has_value());
    CHECK(hook.record.calls.empty());
    hook.outbox.full = false;
    hook.run_for();
    CHECK(hook.record.calls.size() == 1);
}

TEST_CASE("what was called and not noted down is called again, with the same id and body") {
    Hook hook(always(200));
    hook.add(1);
    hook.start();
    hook.outbox.killed = true;
    CHECK_FALSE(hook.endpoint->run(hook.interrupted).has_value());
    hook.outbox.killed = false;
    hook.run_for();
    REQUIRE(hook.record.calls.size() == 2);
    CHECK(hook.record.calls[0].headers.at("webhook-id") == hook.record.calls[1].headers.at("webhook-id"));
    CHECK(hook.record.calls[0].body == hook.record.calls[1].body);
    CHECK(hook.outbox.done == std::vector<std::uint64_t>{1});
}

TEST_CASE("a row that is no alert is a dead letter, and holds back nothing") {
    Hook hook(always(200));
    hook.options.format = delivery::Format::slack;
    hook.add(1);
    hook.add(2);
    hook.outbox.rows.at(1).body = "{}";
    hook.run_for();
    CHECK(hook.numbers() == std::vector<std::uint64_t>{2});
    REQUIRE(hook.outbox.letters.size() == 1);
    CHECK_THAT(hook.outbox.letters[0].reason, Catch::Contains("not readable as an alert"));
}

TEST_CASE("headers of the config go with each call") {
    Hook hook(always(200));
    hook.options.headers = {{"authorization", "Bearer x"}};
    hook.add(1);
    hook.run_for();
    CHECK(hook.record.calls[0].headers.at("authorization") == "Bearer x");
}

}  // namespace
}  // namespace tocsin::test
