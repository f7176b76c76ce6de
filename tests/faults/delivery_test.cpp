// F13 and F14 of the list of faults: receivers that are slow, and receivers that fail. The short form runs with the tests;
// TOCSIN_ALERTS sets how many alerts are delivered (100000 for the long form), TOCSIN_SEED the seed. A run prints both.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>

#include "cli/process.hpp"
#include "service/http_client.hpp"
#include "service/receiver.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Each record is an alert once a later one has come.
constexpr const char* kRules = R"(stream Failure(user: string, ts: time)
  time ts

rule failed "Failed"
  severity low
  when     f: Failure
  by       user
  alert    "{user} failed"
)";

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string record(std::uint64_t number) {
    return fmt::format("{{\"user\":\"u{}\",\"ts\":\"{}\"}}\n", number,
                       format_rfc3339(EventTime::from_millis(1'767'225'600'000 + static_cast<std::int64_t>(number))));
}

std::uint64_t metric(std::uint16_t port, const std::string& name, const std::string& endpoint) {
    const std::string text = http(port, "GET", "/metrics").body;
    const std::string line = fmt::format("\n{}{{endpoint=\"{}\"}} ", name, endpoint);
    const std::size_t at = text.find(line);
    return at == std::string::npos ? ~std::uint64_t{0} : std::stoull(text.substr(at + line.size()));
}

/// Until so many alerts were delivered or given up since the start, and none waits.
bool wait_until_settled(std::uint16_t port, const std::string& endpoint, std::uint64_t alerts, std::chrono::seconds limit) {
    const auto end = Clock::now() + limit;
    while (metric(port, "tocsin_endpoint_pending", endpoint) != 0 ||
           metric(port, "tocsin_endpoint_delivered_total", endpoint) + metric(port, "tocsin_endpoint_dead_total", endpoint) <
               alerts) {
        if (Clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

std::uint16_t port_of(Running& service) { return static_cast<std::uint16_t>(std::stoul(service.await("listening on port "))); }

/// What stands behind "webhook-id" for each alert of the outbox, in order.
std::vector<std::string> ids_in_outbox(const std::string& data) {
    std::vector<std::string> ids;
    std::istringstream lines(run_tocsin({"log", "--data", data, "--alerts"}).out);
    for (std::string line; std::getline(lines, line);) {
        constexpr std::size_t kAt = std::string_view("{\"id\":\"").size();
        ids.push_back(line.substr(kAt, 16) + ".alert");
    }
    return ids;
}

std::set<std::string> dead_ids(const std::string& data) {
    std::set<std::string> ids;
    std::istringstream lines(run_tocsin({"dlq", "list", "--data", data}).out);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string endpoint;
        std::string id;
        words >> endpoint >> id;
        ids.insert(id);
    }
    return ids;
}

/// A receiver that fails in three of ten calls: by a 500, by an answer that comes too late, and by a reset after the call was
/// processed.
class Failing {
    template <class Read>
    [[nodiscard]] auto locked(Read read) const {
        const std::lock_guard lock(mutex_);
        return read();
    }

public:
    explicit Failing(std::uint64_t seed) : random_(seed) {}

    Receiver::Reply operator()(const Receiver::Call& call) {
        const std::lock_guard lock(mutex_);
        const auto [known, fresh] = body_of_.emplace(call.headers.at("webhook-id"), call.body);
        other_bodies_ += known->second == call.body ? 0U : 1U;
        ++calls_;
        const std::uint64_t chance = healed_ ? 9 : random_() % 10;
        Receiver::Reply reply(chance == 0 ? 500 : chance == 1 ? 0 : 200);
        reply.after = chance == 2 ? 400ms : 0ms;
        if (chance > 2) {
            taken_.insert(known->first);
        }
        return reply;
    }
    void heal() {
        const std::lock_guard lock(mutex_);
        healed_ = true;
        taken_.clear();
    }
    [[nodiscard]] std::size_t ids() const {
        return locked([&] { return body_of_.size(); });
    }
    [[nodiscard]] std::size_t calls() const {
        return locked([&] { return calls_; });
    }
    [[nodiscard]] std::size_t other_bodies() const {
        return locked([&] { return other_bodies_; });
    }
    [[nodiscard]] std::set<std::string> taken() const {
        return locked([&] { return taken_; });
    }

private:
    mutable std::mutex mutex_;
    std::mt19937_64 random_;
    std::map<std::string, std::string> body_of_;
    std::set<std::string> taken_;
    std::size_t other_bodies_{0};
    std::size_t calls_{0};
    bool healed_{false};
};

TEST_CASE(
    "a receiver that fails in three calls of ten gets every alert at least once, and what is delivered and what is dead are "
    "all") {
    const std::uint64_t alerts = setting("TOCSIN_ALERTS", 3000);
    const std::uint64_t seed = setting("TOCSIN_SEED", 20261124);
    std::cout << "failing webhook: " << alerts << " alerts, seed " << seed << '\n';
    const TemporaryFolder folder;
    const std::string data = folder.path("data");
    Failing failing(seed);
    const Receiver receiver([&](const Receiver::Call& call) { return failing(call); });
    const std::string config = folder.write(
        "tocsin.yaml",
        fmt::format(
            "rules: [{}]\ndata: data\nwebhooks:\n  - name: hook\n    url: {}\n    allow_private: true\n    timeout: 200ms\n"
            "    retry: [10ms, 20ms, 40ms]\n    concurrency: 16\n    breaker: {{failures: 10, pause: 50ms, max_pause: "
            "200ms}}\n",
            folder.write("rules.tocsin", kRules), receiver.url()));
    const std::vector<std::string> command{"serve", "--config", config, "--listen", "127.0.0.1:0"};
    {
        Running service(command, folder.path("err"));
        const std::uint16_t port = port_of(service);
        std::string body;
        for (std::uint64_t n = 0; n <= alerts; ++n) {  // the last one has the alert of the one before it shown
            body += record(n);
            if (n % 1000 == 999 || n == alerts) {
                REQUIRE(http(port, "POST", "/v1/events", body).status == 200);
                body.clear();
            }
        }
        REQUIRE(wait_until_settled(port, "hook", alerts, 600s));
        const std::uint64_t delivered = metric(port, "tocsin_endpoint_delivered_total", "hook");
        const std::uint64_t dead = metric(port, "tocsin_endpoint_dead_total", "hook");
        const std::uint64_t tries = metric(port, "tocsin_endpoint_tries_total", "hook");
        std::cout << "  " << delivered << " delivered, " << dead << " dead, " << tries << " tries, " << failing.calls()
                  << " calls received\n";
        CHECK(delivered + dead == ids_in_outbox(data).size());
        CHECK(tries == delivered + metric(port, "tocsin_endpoint_failures_total", "hook"));
        service.signal(SIGTERM);
        CHECK(service.wait() == 0);
    }
    const std::vector<std::string> expected = ids_in_outbox(data);
    REQUIRE(expected.size() >= alerts);
    CHECK(failing.ids() == expected.size());
    CHECK(failing.other_bodies() == 0);
    const std::set<std::string> dead = dead_ids(data);
    CHECK(!dead.empty());
    const std::set<std::string> taken = failing.taken();
    for (const std::string& id : expected) {
        REQUIRE((taken.count(id) == 1 || dead.count(id) == 1));
    }

    // The receiver is well again: what is dead is delivered, and nothing else is called again.
    failing.heal();
    CHECK(run_tocsin({"dlq", "redrive", "--data", data, "--all"}).exit_code == 0);
    Running service(command, folder.path("err"));
    REQUIRE(wait_until_settled(port_of(service), "hook", dead.size(), 600s));
    CHECK(failing.taken() == dead);
    CHECK(failing.other_bodies() == 0);
    CHECK(dead_ids(data).empty());
}

// ---- A slow one beside a quick one

std::uint64_t resident_kib(int pid) {
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) {
            return std::strtoull(line.c_str() + 6, nullptr, 10);
        }
    }
    return 0;
}

struct Measured {
    Clock::duration p50{};
    Clock::duration p99{};
    std::uint64_t resident_kib{0};
    std::uint64_t pending_of_slow{0};
};

double millis(Clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

/// How long alerts take from the post of their record to the call of the quick receiver, with `slow` beside it or without.
Measured measure(const TemporaryFolder& folder, const std::string& name, std::uint64_t alerts, const Receiver* slow) {
    const Receiver quick;
    const auto webhook = [](const char* hook, const Receiver& receiver) {
        return fmt::format("  - {{name: {}, url: '{}', allow_private: true, timeout: 2m}}\n", hook, receiver.url());
    };
    const std::string file = name + ".ndjson";
    const std::string config =
        folder.write(name + ".yaml", fmt::format("rules: [{}]\ndata: {}\nwebhooks:\n{}{}files:\n  - {{name: file, path: {}}}\n",
                                                 folder.write("rules.tocsin", kRules), name, webhook("quick", quick),
                                                 slow == nullptr ? "" : webhook("slow", *slow), file));
    Running service({"serve", "--config", config, "--listen", "127.0.0.1:0"}, folder.path(name + ".err"));
    const std::uint16_t port = port_of(service);
    constexpr std::uint64_t kBatch = 10;
    std::map<std::string, Clock::time_point> posted;
    for (std::uint64_t n = 0; n < alerts; n += kBatch) {
        std::string body;
        for (std::uint64_t i = n; i < n + kBatch; ++i) {
            body += record(i);
            // The alert is shown when the next record has come.
            posted[fmt::format("u{}", i)] = Clock::now();
        }
        posted[fmt::format("u{}", n == 0 ? 0 : n - 1)] = Clock::now();
        REQUIRE(http(port, "POST", "/v1/events", body).status == 200);
        std::this_thread::sleep_for(5ms);
    }
    REQUIRE(wait_until_settled(port, "quick", alerts - 1, 60s));
    REQUIRE(wait_until_settled(port, "file", alerts - 1, 60s));
    std::vector<Clock::duration> waits;
    for (const Receiver::Call& call : quick.calls()) {
        const std::size_t begin = call.body.find("\"user\":\"") + 8;
        waits.push_back(call.at - posted.at(call.body.substr(begin, call.body.find('"', begin) - begin)));
    }
    REQUIRE(waits.size() + 1 >= alerts);
    std::sort(waits.begin(), waits.end());
    const std::string written = read_file(folder.path(file));
    CHECK(static_cast<std::size_t>(std::count(written.begin(), written.end(), '\n')) == waits.size());
    return {waits[waits.size() / 2], waits[waits.size() * 99 / 100], resident_kib(service.pid()),
            slow == nullptr ? 0 : metric(port, "tocsin_endpoint_pending", "slow")};
}

TEST_CASE("a slow receiver holds back no other endpoint, and its backlog takes no memory to speak of") {
    const std::uint64_t alerts = setting("TOCSIN_ALERTS", 4000);
    const std::uint64_t seed = setting("TOCSIN_SEED", 20261124);
    std::cout << "slow webhook: " << alerts << " alerts, seed " << seed << '\n';
    const TemporaryFolder folder;
    std::mutex mutex;
    std::mt19937_64 random(seed);
    const Receiver slow([&](const Receiver::Call&) {
        const std::lock_guard lock(mutex);
        Receiver::Reply reply(200);
        reply.after = std::chrono::milliseconds(random() % 60'000);
        return reply;
    });
    const Measured alone = measure(folder, "alone", alerts, nullptr);
    const Measured beside = measure(folder, "beside", alerts, &slow);
    std::cout << fmt::format(
        "  alone: p50 {:.1f} ms, p99 {:.1f} ms, {} KiB; beside a slow one: p50 {:.1f} ms, p99 {:.1f} ms, {} KiB, {} alerts "
        "wait for it\n",
        millis(alone.p50), millis(alone.p99), alone.resident_kib, millis(beside.p50), millis(beside.p99), beside.resident_kib,
        beside.pending_of_slow);
    CHECK(beside.pending_of_slow > alerts / 2);
    // Times say something on an idle machine only: where somebody asked for the long form.
    if (std::getenv("TOCSIN_ALERTS") != nullptr) {
        CHECK(millis(beside.p99) <= 1.1 * millis(alone.p99) + 25);
        CHECK(beside.resident_kib <= alone.resident_kib + 32 * 1024);
    }
}

}  // namespace
}  // namespace tocsin::test
