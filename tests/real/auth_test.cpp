// Failed and successful logins of a host on the internet (../shared/data/elastic_auth).
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "records.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kStreams = R"(
stream Failed(seq: int, type: string, src_ip: ip, user: string, ts: time)
  time  ts
  where type = "failed_password"
stream Accepted(seq: int, type: string, src_ip: ip, user: string, ts: time)
  time  ts
  where type in ("accepted_password", "accepted_publickey")
stream Session(seq: int, type: string, pid: int, user: string, ts: time)
  time  ts
  where type in ("session_opened", "session_closed")
)";

std::shared_ptr<const plan::Program> program_of(const std::string& rule) { return compile(kStreams + rule); }

TEST_CASE("five failed passwords of an address in a minute, then an accepted one within ten: exactly one") {
    const auto file = shared_file("data/elastic_auth/auth.ndjson");
    const auto truth_file = shared_file("data/truth/truth.json");
    if (!file || !truth_file) {
        return;
    }
    const auto program = program_of(R"(
rule burst_then_success
  when   f: Failed{5} -> s: Accepted in 10m
  by     src_ip
  within 11m
  where  last(f).ts - first(f).ts <= 60s
  return seq = s.seq, user = s.user
)");
    simdjson::dom::parser parser;
    const simdjson::dom::element truth = parser.load(truth_file->string());
    const std::int64_t accept = truth["R4"]["list"].at(0)["accept_seq"];
    REQUIRE(accept == 3193);
    for (const ReplayOptions& way :
         {ReplayOptions{.batch = 1}, ReplayOptions{.batch = 4096}, ReplayOptions{.batch = 100, .threads = 2}}) {
        const Replayed replayed = replay_files(program, {*file}, way);
        const auto alerts = replayed.alerts();
        REQUIRE(alerts.size() == 1);
        CHECK(alerts[0].key.at(0).second == R"("24.151.103.17")");
        CHECK(to_ints(fields(alerts[0], "seq")).back() == accept);
        CHECK(format_rfc3339(alerts[0].time) == "2017-03-30T16:01:36.000Z");
        CHECK(replayed.counters.records == 7446);
    }
}

TEST_CASE("every failed password that is the fifth of its address within a minute") {
    const auto file = shared_file("data/elastic_auth/auth.ndjson");
    const auto truth_file = shared_file("data/truth/truth.json");
    if (!file || !truth_file) {
        return;
    }
    const auto program = program_of(R"(
rule fifth_failure
  when   f: Failed{5}
  by     src_ip
  within 59999ms
)");
    simdjson::dom::parser parser;
    const simdjson::dom::element truth = parser.load(truth_file->string());
    std::vector<std::int64_t> last;
    for (const alerts::Alert& alert : replay_files(program, {*file}).alerts()) {
        last.push_back(to_ints(fields(alert, "seq")).back());
    }
    std::sort(last.begin(), last.end());
    CHECK(last == ints_of(truth["R1"]["match_seqs"]));
    CHECK(last.size() == 572);
}

TEST_CASE("each failed password with the next accepted one of the same user from another address") {
    const auto file = shared_file("data/elastic_auth/auth.ndjson");
    if (!file) {
        return;
    }
    const auto program = program_of(R"(
rule from_elsewhere
  when    f: Failed -> s: Accepted[src_ip != f.src_ip]
  by      user
  within  1h
  overlap all
)");
    // For each failure the first success of the user behind it with another address.
    struct Row {
        bool failed{false};
        std::int64_t seq{0};
        std::int64_t millis{0};
        std::string user;
        std::string address;
    };
    std::vector<Row> rows;
    each_record(*file, [&](const simdjson::dom::object& record) {
        const std::string type = text_of(record, "type");
        const bool failed = type == "failed_password";
        if (failed || type == "accepted_password" || type == "accepted_publickey") {
            rows.push_back(
                {failed, int_of(record, "seq"), int_of(record, "ts_ms"), text_of(record, "user"), text_of(record, "src_ip")});
        }
    });
    std::multiset<std::vector<std::int64_t>> expected;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].failed || rows[i].user.empty()) {
            continue;
        }
        for (std::size_t j = i + 1; j < rows.size() && rows[j].millis - rows[i].millis <= 3'600'000; ++j) {
            if (!rows[j].failed && rows[j].user == rows[i].user && rows[j].address != rows[i].address &&
                !rows[j].address.empty() && !rows[i].address.empty()) {
                expected.insert({rows[i].seq, rows[j].seq});
                break;
            }
        }
    }
    std::multiset<std::vector<std::int64_t>> found;
    for (const alerts::Alert& alert : replay_files(program, {*file}, {.batch = 64, .threads = 2}).alerts()) {
        found.insert(to_ints(fields(alert, "seq")));
    }
    CHECK(!expected.empty());
    CHECK(found == expected);
}

TEST_CASE("sessions that are not closed within an hour") {
    const auto file = shared_file("data/elastic_auth/auth.ndjson");
    if (!file) {
        return;
    }
    const auto program = program_of(R"(
rule left_open
  when   o: Session[type = "session_opened"] -> not Session[type = "session_closed"]
  by     pid
  within 1h
  overlap all
)");
    std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::int64_t>>> closed;  // pid -> (millis, seq)
    std::vector<std::array<std::int64_t, 3>> opened;
    each_record(*file, [&](const simdjson::dom::object& record) {
        const std::string type = text_of(record, "type");
        if (record["pid"].error() != simdjson::SUCCESS) {
            return;
        }
        if (type == "session_closed") {
            closed[int_of(record, "pid")].emplace_back(int_of(record, "ts_ms"), int_of(record, "seq"));
        } else if (type == "session_opened") {
            opened.push_back({int_of(record, "pid"), int_of(record, "ts_ms"), int_of(record, "seq")});
        }
    });
    std::set<std::int64_t> expected;
    for (const auto& [pid, millis, seq] : opened) {
        const auto& ends = closed[pid];
        const bool is_closed = std::any_of(ends.begin(), ends.end(), [&, m = millis, s = seq](const auto& end) {
            return end.second > s && end.first - m <= 3'600'000;
        });
        if (!is_closed) {
            expected.insert(seq);
        }
    }
    std::set<std::int64_t> found;
    for (const alerts::Alert& alert : replay_files(program, {*file}).alerts()) {
        found.insert(to_ints(fields(alert, "seq")).front());
    }
    CHECK(expected.size() > 10);
    CHECK(found == expected);
}

}  // namespace
}  // namespace tocsin::test
