// F1 of the list of faults: the service is killed at random moments while records come in and alerts go out, and started again.
// The oracle is a replay of the same records, without a store. TOCSIN_ROUNDS sets how often it is killed, TOCSIN_SEED the seed
// (scripts/faults sets both); a run prints its seed.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>

#include "cli/process.hpp"
#include "faults/compare.hpp"
#include "service/http_client.hpp"
#include "service/receiver.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;

/// A rule that waits for the watermark, one that shows at once and takes back, a window, and an absence.
constexpr const char* kRules = R"(stream Login(user: string, ok: bool, ts: time)
  time  ts
  slack 20s

rule guessed "Guessed"
  severity high
  when     f: Login[ok = false]{3,} -> s: Login[ok = true]
  by       user
  within   5m
  alert    "{user}: {count(f)} failures"

rule two_failures "Two in a row"
  when     a: Login[ok = false] => b: Login[ok = false]
  by       user
  within   5m
  lateness 2m
  emit     early
  alert    "{user}"

rule quiet "No logon within a minute"
  when     a: Login[ok = true] -> not Login within 1m
  by       user
  alert    "{user} went quiet"
)";

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Records that are up to 15 s out of order (within the slack), some of them later than that.
std::string make_record(std::mt19937_64& random, std::int64_t seconds) {
    const auto late = static_cast<std::int64_t>(random() % 50 == 0 ? random() % 100 : random() % 15);
    const EventTime time = EventTime::from_millis(1'767'225'600'000 + (seconds - late) * 1000);
    return fmt::format("{{\"$stream\":\"Login\",\"user\":\"u{}\",\"ok\":{},\"ts\":\"{}\"}}\n", random() % 20, random() % 4 == 0,
                       format_rfc3339(time));
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// A producer that knows how many of its records are in the log, as one does that reads its position back.
struct Producer {
    std::mt19937_64 random;
    std::vector<std::string> records{};
    std::int64_t clock{0};
    std::size_t sent{0};  ///< records that the service has said it took
    std::size_t under_way{0};  ///< behind them: posted, without an answer

    void make(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            records.push_back(make_record(random, clock += static_cast<std::int64_t>(random() % 5)));
        }
    }
    /// Posts batches of random sizes until all is sent or an answer fails to come.
    void post_all(std::uint16_t port) {
        while (sent < records.size()) {
            under_way = std::min<std::size_t>(1 + random() % 40, records.size() - sent);
            std::string body;
            for (std::size_t i = 0; i < under_way; ++i) {
                body += records[sent + i];
            }
            if (http(port, "POST", "/v1/events", body).status != 200) {
                return;
            }
            sent += under_way;
            under_way = 0;
        }
    }
};

TEST_CASE("after a kill at any moment the outbox is that of a run never stopped, and every alert is delivered") {
    const std::uint64_t rounds = setting("TOCSIN_ROUNDS", 20);
    const std::uint64_t seed = setting("TOCSIN_SEED", 20261123);
    std::cout << "kill -9: " << rounds << " rounds, seed " << seed << '\n';
    const TemporaryFolder folder;
    const std::string rules = folder.write("rules.tocsin", kRules);
    const std::string data = folder.path("data");
    std::atomic<unsigned> calls{0};
    // Some calls fail: those are under way again after the next start.
    const Receiver receiver([&](const Receiver::Call&) { return ++calls % 7 == 0 ? 500 : 200; });
    const std::string config =
        folder.write("tocsin.yaml",
                     fmt::format("rules: [{}]\ndata: data\ncheckpoint_every: 15ms\nwebhooks:\n  - name: hook\n    url: {}\n    "
                                 "allow_private: true\n    retry: [20ms, 40ms, 80ms, 1s]\n"
                                 "files:\n  - name: file\n    path: alerts.ndjson\n",
                                 rules, receiver.url()));
    Producer producer{std::mt19937_64(seed)};
    std::size_t acknowledged = 0;
    std::size_t unanswered = 0;
    for (std::uint64_t round = 0; round <= rounds; ++round) {
        INFO("round " << round << ", seed " << seed);
        const bool last = round == rounds;
        Running service({"serve", "--config", config, "--listen", "127.0.0.1:0"}, folder.path("err"));
        const auto port = static_cast<std::uint16_t>(std::stoul(service.await("listening on port ")));
        // What is in the log is what was acknowledged, and all or nothing of what was not answered.
        const Finished log = run_tocsin({"log", "--data", data});
        INFO("tocsin log: " << log.err);
        REQUIRE(log.exit_code == 0);
        const std::size_t logged = lines_of(log.out).size();
        INFO(logged << " records logged, " << acknowledged << " acknowledged, " << unanswered << " unanswered");
        REQUIRE((logged == acknowledged || logged == acknowledged + unanswered));
        producer.sent = logged;
        producer.make(last ? 1 : 50 + producer.random() % 200);
        if (last) {
            // So far ahead that nothing waits any more, and of nobody who did something.
            producer.records.back() = "{\"$stream\":\"Login\",\"user\":\"end\",\"ok\":true,\"ts\":\"2036-01-01T00:00:00Z\"}\n";
        }
        std::thread killer;
        if (!last) {
            killer = std::thread([&service, wait = producer.random() % 60'000] {
                std::this_thread::sleep_for(std::chrono::microseconds(wait));
                service.signal(SIGKILL);
            });
        }
        producer.post_all(port);
        acknowledged = producer.sent;
        unanswered = producer.under_way;
        if (last) {
            REQUIRE(producer.sent == producer.records.size());
            for (int i = 0; i < 1000; ++i) {
                const std::string metrics = http(port, "GET", "/metrics").body;
                if (metrics.find("tocsin_endpoint_pending{endpoint=\"hook\"} 0\n") != std::string::npos &&
                    metrics.find("tocsin_endpoint_pending{endpoint=\"file\"} 0\n") != std::string::npos) {
                    break;
                }
                std::this_thread::sleep_for(20ms);
            }
            service.signal(SIGTERM);
            CHECK(service.wait() == 0);
        } else {
            killer.join();
            CHECK(service.wait() == 128 + SIGKILL);
        }
    }

    std::string records;
    for (const std::string& record : producer.records) {
        records += record;
    }
    CHECK(run_tocsin({"log", "--data", data}).out == records);
    RunOptions replayed;
    replayed.input = records;
    const std::vector<std::string> oracle = lines_of(
        run_tocsin({"replay", "--rules", rules, "--late", folder.path("late"), "-f", "ndjson", "-q", "events=-"}, replayed)
            .out);
    // The last record is one that a logon's absence follows at the end of the input, which the service has not reached.
    const std::vector<std::string> expected(oracle.begin(), oracle.end() - 1);
    REQUIRE(expected.size() > 10 * rounds / 20);

    const std::vector<std::string> outbox = lines_of(run_tocsin({"log", "--data", data, "--alerts"}).out);
    const Difference difference = compare(expected, outbox);
    CHECK(difference.missing == 0);
    CHECK(difference.extra == 0);
    CHECK(outbox == expected);
    CHECK(lines_of(read_file(folder.path("alerts.ndjson"))) == expected);

    std::map<std::string, std::string> body_of;
    std::vector<std::string> delivered;
    for (const Receiver::Call& call : receiver.calls()) {
        const auto [known, fresh] = body_of.emplace(call.headers.at("webhook-id"), call.body);
        CHECK(known->second == call.body);  // copies have the same id
        if (fresh) {
            delivered.push_back(call.body);
        }
    }
    const Difference of_calls = compare(expected, delivered);
    CHECK(of_calls.missing == 0);
    CHECK(of_calls.extra == 0);
    std::cout << "  " << producer.records.size() << " records, " << expected.size() << " alerts, " << receiver.calls().size()
              << " calls; missing " << difference.missing + of_calls.missing << ", extra " << difference.extra + of_calls.extra
              << '\n';
}

TEST_CASE("the comparison sees what is lost and what comes twice") {
    const std::vector<std::string> expected{"a", "b", "b", "c"};
    CHECK(compare(expected, {"a", "b", "b", "c"}).missing == 0);
    CHECK(compare(expected, {"a", "b", "c"}).missing == 1);
    CHECK(compare(expected, {"a", "b", "c"}).extra == 0);
    CHECK(compare(expected, {"a", "b", "b", "b", "c", "d"}).extra == 2);
}

}  // namespace
}  // namespace tocsin::test
