// Money transfers among twenty thousand accounts (../shared/data/amlsim): patterns without a key, joined from step to step.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "records.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kFile = "data/amlsim/transactions.ndjson.gz";
constexpr std::int64_t kFirst = 108'000;  // of the transfers looked at: a rule without a key looks at every run
constexpr std::int64_t kDay = 86'400'000;

struct Transfer {
    std::int64_t seq{0};
    std::int64_t millis{0};
    std::string from;
    std::string to;
};

/// The last 12,500 transfers, with the text to replay.
std::vector<Transfer> transfers(const std::filesystem::path& file, std::string& text) {
    std::vector<Transfer> all;
    each_record(file, [&](const simdjson::dom::object& record) {
        if (const std::int64_t seq = int_of(record, "seq"); seq >= kFirst) {
            all.push_back({seq, int_of(record, "ts_ms"), text_of(record, "src"), text_of(record, "dst")});
            text += simdjson::minify(record) + '\n';
        }
    });
    return all;
}

TEST_CASE("money that comes back to where it started, over two other accounts") {
    const auto file = shared_file(kFile);
    if (!file) {
        return;
    }
    std::string text;
    const std::vector<Transfer> all = transfers(*file, text);
    std::map<std::string, std::vector<std::size_t>> by_sender;
    for (std::size_t i = 0; i < all.size(); ++i) {
        by_sender[all[i].from].push_back(i);
    }
    const auto behind = [&](const std::string& sender, std::size_t index) {
        const std::vector<std::size_t>& sent = by_sender[sender];
        return std::vector<std::size_t>(std::upper_bound(sent.begin(), sent.end(), index), sent.end());
    };
    std::set<std::vector<std::int64_t>> expected;
    for (std::size_t a = 0; a < all.size(); ++a) {
        const auto seconds = behind(all[a].to, a);
        if (seconds.empty() || all[seconds[0]].millis - all[a].millis > kDay) {
            continue;
        }
        const std::size_t b = seconds[0];
        for (const std::size_t c : behind(all[b].to, b)) {
            if (all[c].to == all[a].from) {
                if (all[c].millis - all[a].millis <= kDay) {
                    expected.insert({all[a].seq, all[b].seq, all[c].seq});
                }
                break;
            }
        }
    }
    const auto program = compile(R"(
stream Transfer(seq: int, src: string, dst: string, amount: float, ts: time)
  time ts

rule cycle
  when    a: Transfer -> b: Transfer[src = a.dst] -> c: Transfer[src = b.dst and dst = a.src]
  within  1d
  overlap all
)");
    std::set<std::vector<std::int64_t>> found;
    for (const alerts::Alert& alert : replay_text(program, text).alerts()) {
        found.insert(to_ints(fields(alert, "seq")));
    }
    CHECK(!expected.empty());
    CHECK(found == expected);
}

TEST_CASE("four senders pay the same account within a day") {
    const auto file = shared_file(kFile);
    if (!file) {
        return;
    }
    const auto program = compile(R"(
stream Transfer(seq: int, src: string, dst: string, amount: float, ts: time)
  time ts

rule fan_in
  when    t: Transfer{4}
  by      dst
  within  1d
  where   distinct(t.src) = 4
  overlap none
  return  total = sum(t.amount)
)");
    std::map<std::string, std::vector<Transfer>> received;
    each_record(*file, [&](const simdjson::dom::object& record) {
        received[text_of(record, "dst")].push_back(
            {int_of(record, "seq"), int_of(record, "ts_ms"), text_of(record, "src"), text_of(record, "dst")});
    });
    std::set<std::vector<std::int64_t>> expected;
    for (const auto& [account, all] : received) {
        for (std::size_t i = 0; i + 4 <= all.size();) {
            const std::set<std::string> senders{all[i].from, all[i + 1].from, all[i + 2].from, all[i + 3].from};
            if (senders.size() < 4 || all[i + 3].millis - all[i].millis > kDay) {
                ++i;
                continue;
            }
            expected.insert({all[i].seq, all[i + 1].seq, all[i + 2].seq, all[i + 3].seq});
            i += 4;
        }
    }
    for (const ReplayOptions& way : {ReplayOptions{}, ReplayOptions{.batch = 1000, .threads = 2}}) {
        std::set<std::vector<std::int64_t>> found;
        for (const alerts::Alert& alert : replay_files(program, {*file}, way).alerts()) {
            found.insert(to_ints(fields(alert, "seq")));
        }
        CHECK(expected.size() > 100);
        CHECK(found == expected);
    }
}

}  // namespace
}  // namespace tocsin::test
