// The access log of a web server, written out of order (../shared/data/elastic_weblogs).
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "records.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kFile = "data/elastic_weblogs/apache.ndjson.gz";

std::string stream(const std::string& slack) {
    return "stream Http(seq: int, client: string, path: string, status: int, ts: time)\n  time ts\n  slack " + slack + "\n";
}

TEST_CASE("how many records of the web log are too late depends on the slack, and on nothing else") {
    const auto file = shared_file(kFile);
    if (!file) {
        return;
    }
    const std::map<std::string, std::uint64_t> too_late{{"0s", 9448}, {"10s", 7813}, {"30s", 4500}};
    for (const auto& [slack, expected] : too_late) {
        const auto program = compile(stream(slack) + "rule errors\n  when h: Http[status >= 400]\n  by client\n");
        for (const ReplayOptions& way :
             {ReplayOptions{.batch = 1}, ReplayOptions{.batch = 7, .threads = 2}, ReplayOptions{.batch = 4096, .threads = 8}}) {
            INFO("slack " << slack << ", batch " << way.batch << ", threads " << way.threads);
            const Replayed replayed = replay_files(program, {*file}, way);
            const engine::StreamCounters& counters = replayed.counters.streams.at(0);
            CHECK(counters.too_late == expected);
            CHECK(counters.received == 10'000);
            CHECK(counters.on_time == 10'000 - expected);
            CHECK(replayed.late().size() == expected);
        }
    }
}

TEST_CASE("clients that ask for ten pages that are not there within an hour") {
    const auto file = shared_file(kFile);
    if (!file) {
        return;
    }
    const auto program = compile(stream("2h") + R"(
rule scan
  when    h: Http[status = 404]{10}
  by      client
  within  1h
  overlap none
  return  paths = distinct(h.path)
)");
    std::map<std::string, std::vector<std::pair<std::int64_t, std::int64_t>>> missing;  // client -> (millis, seq)
    each_record(*file, [&](const simdjson::dom::object& record) {
        if (int_of(record, "status") == 404) {
            missing[text_of(record, "client")].emplace_back(int_of(record, "ts_ms"), int_of(record, "seq"));
        }
    });
    std::set<std::vector<std::int64_t>> expected;
    for (auto& [client, all] : missing) {
        std::sort(all.begin(), all.end());
        for (std::size_t i = 0; i + 10 <= all.size();) {
            if (all[i + 9].first - all[i].first > 3'600'000) {
                ++i;
                continue;
            }
            std::vector<std::int64_t> seqs;
            for (std::size_t j = i; j < i + 10; ++j) {
                seqs.push_back(all[j].second);
            }
            expected.insert(seqs);
            i += 10;
        }
    }
    const Replayed replayed = replay_files(program, {*file}, {.batch = 33, .threads = 2});
    std::set<std::vector<std::int64_t>> found;
    for (const alerts::Alert& alert : replayed.alerts()) {
        found.insert(to_ints(fields(alert, "seq")));
    }
    CHECK(replayed.late().empty());
    CHECK(!expected.empty());
    CHECK(found == expected);
}

TEST_CASE("the order in which the web log arrives does not matter within the slack") {
    const auto file = shared_file(kFile);
    if (!file) {
        return;
    }
    const auto program = compile(stream("2h") + R"(
rule robot_then_error
  when    r: Http[path = "/robots.txt"] -> e: Http[status >= 400]
  by      client
  within  1h
  overlap all
)");
    // $offset keeps each record's place among equal times when the lines are sorted.
    std::vector<std::tuple<std::int64_t, std::int64_t, std::string>> rows;
    each_record(*file, [&](const simdjson::dom::object& record) {
        std::string line = simdjson::minify(record);
        line.insert(1, "\"$offset\":" + std::to_string(int_of(record, "seq")) + ",");
        rows.emplace_back(int_of(record, "ts_ms"), int_of(record, "seq"), line);
    });
    const auto text = [&rows] {
        std::string all;
        for (const auto& row : rows) {
            all += std::get<2>(row) + '\n';
        }
        return all;
    };
    const std::string as_recorded = replay_text(program, text(), {.batch = 100}).ndjson();
    std::sort(rows.begin(), rows.end());
    const std::string sorted = replay_text(program, text(), {.batch = 4096, .threads = 2}).ndjson();
    CHECK(!sorted.empty());
    CHECK(as_recorded == sorted);
}

}  // namespace
}  // namespace tocsin::test
