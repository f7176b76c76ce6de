// Windows event logs of recorded attacks (../shared/data/otrf): joins from step to step over process ids.
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

constexpr const char* kPsexec = "data/otrf/empire_psexec.ndjson.gz";
constexpr const char* kMimikatz = "data/otrf/empire_mimikatz.ndjson.gz";
constexpr const char* kStreams = R"(
stream Start(seq: int, type: string, Hostname: string, Image: string, ParentImage: string, ProcessGuid: string,
             ParentProcessGuid: string, CommandLine: string, ts: time)
  time ts
  slack 10m
  where type = "sysmon_1"
stream Service(seq: int, type: string, Hostname: string, ServiceName: string, ts: time)
  time ts
  slack 10m
  where type = "security_4697"
stream Access(seq: int, type: string, Hostname: string, SourceImage: string, SourceProcessGUID: string, TargetImage: string,
              GrantedAccess: string, ts: time)
  time ts
  slack 10m
  where type = "sysmon_10"
stream Network(seq: int, type: string, Hostname: string, ProcessGuid: string, DestinationIp: ip, ts: time)
  time ts
  slack 10m
  where type = "sysmon_3"
)";

using Found = std::multiset<std::vector<std::int64_t>>;

Found found_by(const std::string& rule, const std::filesystem::path& file) {
    const auto program = compile(kStreams + rule);
    const Replayed replayed = replay_files(program, {file}, {.batch = 200, .threads = 2});
    CHECK(replayed.late().empty());
    Found found;
    for (const alerts::Alert& alert : replayed.alerts()) {
        found.insert(to_ints(fields(alert, "seq")));
    }
    return found;
}

TEST_CASE("a service is installed and runs a shell that runs a shell") {
    const auto file = shared_file(kPsexec);
    if (!file) {
        return;
    }
    // All three have the same second, and were collected in another order than they happened.
    CHECK(found_by(R"(
rule psexec
  when   i: Service[ServiceName = "Updater"]
         and (p: Start[ParentImage like "*\\services.exe"] -> s: Start[ParentProcessGuid = p.ProcessGuid])
  by     Hostname
  within 5s
)",
                   *file) == Found{{1213, 1057, 1073}});
}

TEST_CASE("a chain of processes is followed by their ids") {
    const auto file = shared_file(kPsexec);
    if (!file) {
        return;
    }
    struct Process {
        std::int64_t millis{0};
        std::int64_t seq{0};
        std::string host;
        std::string guid;
        std::string parent;
    };
    std::vector<Process> all;
    each_record(*file, [&](const simdjson::dom::object& record) {
        if (text_of(record, "type") == "sysmon_1") {
            all.push_back({int_of(record, "ts_ms"), int_of(record, "seq"), text_of(record, "Hostname"),
                           text_of(record, "ProcessGuid"), text_of(record, "ParentProcessGuid")});
        }
    });
    std::sort(all.begin(), all.end(),
              [](const Process& a, const Process& b) { return std::tie(a.millis, a.seq) < std::tie(b.millis, b.seq); });
    Found expected;
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = i + 1; j < all.size(); ++j) {
            for (std::size_t k = j + 1; k < all.size(); ++k) {
                const bool chain = all[j].parent == all[i].guid && all[k].parent == all[j].guid;
                if (chain && all[i].host == all[k].host && all[i].host == all[j].host &&
                    all[k].millis - all[i].millis <= 60'000) {
                    expected.insert({all[i].seq, all[j].seq, all[k].seq});
                }
            }
        }
    }
    CHECK(expected.count({1057, 1073, 2901}) == 1);
    CHECK(found_by(R"(
rule chain
  when    p: Start ~> c: Start[ParentProcessGuid = p.ProcessGuid] ~> g: Start[ParentProcessGuid = c.ProcessGuid]
  by      Hostname
  within  1m
  overlap all
)",
                   *file) == expected);
}

TEST_CASE("a process opens lsass, and afterwards or before connects to another machine") {
    const auto file = shared_file(kMimikatz);
    if (!file) {
        return;
    }
    struct Row {
        std::int64_t millis{0};
        std::int64_t seq{0};
        std::string guid;
    };
    std::vector<Row> accesses;
    std::vector<Row> connections;
    each_record(*file, [&](const simdjson::dom::object& record) {
        const std::string type = text_of(record, "type");
        const auto ends = [](const std::string& text, std::string_view end) {
            return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
        };
        if (type == "sysmon_10" && ends(text_of(record, "TargetImage"), "\\lsass.exe") &&
            text_of(record, "GrantedAccess") == "0x1010") {
            accesses.push_back({int_of(record, "ts_ms"), int_of(record, "seq"), text_of(record, "SourceProcessGUID")});
        } else if (type == "sysmon_3") {
            connections.push_back({int_of(record, "ts_ms"), int_of(record, "seq"), text_of(record, "ProcessGuid")});
        }
    });
    std::sort(connections.begin(), connections.end(),
              [](const Row& a, const Row& b) { return std::tie(a.millis, a.seq) < std::tie(b.millis, b.seq); });
    Found expected;
    for (const Row& access : accesses) {
        const auto next = std::find_if(connections.begin(), connections.end(), [&](const Row& connection) {
            return connection.guid == access.guid &&
                   std::tie(connection.millis, connection.seq) > std::tie(access.millis, access.seq);
        });
        if (next != connections.end()) {
            expected.insert({access.seq, next->seq});
        }
    }
    CHECK(!expected.empty());
    CHECK(found_by(R"(
rule lsass_then_network
  when   a: Access[TargetImage like "*\\lsass.exe" and GrantedAccess = "0x1010"] -> n: Network[ProcessGuid = a.SourceProcessGUID]
  by     Hostname
  within 1h
)",
                   *file) == expected);
}

}  // namespace
}  // namespace tocsin::test
