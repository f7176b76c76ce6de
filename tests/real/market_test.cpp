// Trades of two symbols on one day (../shared/data/market_lean).
#include <map>
#include <set>
#include <string>
#include <vector>

#include "records.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kFile = "data/market_lean/trades_20131007_aig_ibm.ndjson.gz";
constexpr const char* kStream = R"(
stream Trade(seq: int, symbol: string, price: float, size: int, ts: time)
  time ts
)";

using Triples = std::multiset<std::vector<std::int64_t>>;

Triples triples_of(const Replayed& replayed, std::string_view symbol) {
    Triples found;
    for (const alerts::Alert& alert : replayed.alerts()) {
        if (alert.key.at(0).second == symbol) {
            found.insert(to_ints(fields(alert, "seq")));
        }
    }
    return found;
}

TEST_CASE("three trades of a symbol in direct succession, each above the one before") {
    const auto file = shared_file(kFile);
    const auto truth_file = shared_file("data/truth/truth.json");
    if (!file || !truth_file) {
        return;
    }
    const auto program = compile(std::string(kStream) + R"(
rule rising
  when    a: Trade => up: Trade[price > prev.price]{2} strict
  by      symbol
  within  1d
  overlap all
)");
    simdjson::dom::parser parser;
    const simdjson::dom::element truth = parser.load(truth_file->string());
    for (const ReplayOptions& way : {ReplayOptions{}, ReplayOptions{.batch = 999, .threads = 2}}) {
        const Replayed replayed = replay_files(program, {*file}, way);
        for (const char* symbol : {"AIG", "IBM"}) {
            Triples expected;
            for (const simdjson::dom::element triple : truth["P1"][symbol]["match_seqs"].get_array()) {
                expected.insert(ints_of(triple));
            }
            const Triples found = triples_of(replayed, '"' + std::string(symbol) + '"');
            CHECK(found == expected);
            CHECK(found.size() == (symbol == std::string("AIG") ? 80 : 792));
        }
    }
}

TEST_CASE("a block of shares, then a trade half a percent lower within a second") {
    const auto file = shared_file(kFile);
    if (!file) {
        return;
    }
    const auto program = compile(std::string(kStream) + R"(
rule block_then_drop
  when   block: Trade[size >= 2000] -> low: Trade[price < 0.999 * block.price]
  by     symbol
  within 1s
  return drop = block.price - low.price
)");
    struct Trade {
        std::int64_t seq{0};
        std::int64_t millis{0};
        double price{0};
        std::int64_t size{0};
    };
    std::map<std::string, std::vector<Trade>> trades;
    each_record(*file, [&](const simdjson::dom::object& record) {
        trades[text_of(record, "symbol")].push_back(
            {int_of(record, "seq"), int_of(record, "ts_ms"), number_of(record, "price"), int_of(record, "size")});
    });
    // For each low trade the earliest block of which it is the first low one.
    std::map<std::int64_t, std::int64_t> block_of;
    for (const auto& [symbol, all] : trades) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].size < 2000) {
                continue;
            }
            for (std::size_t j = i + 1; j < all.size() && all[j].millis - all[i].millis <= 1000; ++j) {
                if (all[j].price < 0.999 * all[i].price) {
                    block_of.emplace(all[j].seq, all[i].seq);
                    break;
                }
            }
        }
    }
    Triples expected;
    for (const auto& [low, block] : block_of) {
        expected.insert({block, low});
    }
    Triples found;
    for (const alerts::Alert& alert : replay_files(program, {*file}, {.batch = 512}).alerts()) {
        found.insert(to_ints(fields(alert, "seq")));
    }
    CHECK(!expected.empty());
    CHECK(found == expected);
}

}  // namespace
}  // namespace tocsin::test
