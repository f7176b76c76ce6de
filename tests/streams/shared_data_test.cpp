// The recorded streams of ../shared/data, where they are there.
#include "support/test.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <string>

#include <tocsin/streams/block_reader.hpp>
#include <tocsin/streams/infer.hpp>

using namespace tocsin;
using namespace tocsin::streams;
namespace fs = std::filesystem;

namespace {

fs::path shared_data() {
    const char* const by_hand = std::getenv("TOCSIN_SHARED_DIR");
    return fs::path(by_hand != nullptr ? by_hand : TOCSIN_SHARED_DIR) / "data";
}

bool there(const fs::path& path) {
    if (fs::exists(path)) {
        return true;
    }
    std::cout << "skipped: " << path.string() << " is not there\n";
    return false;
}

struct Counts {
    std::size_t rows{0};
    std::size_t errors{0};
    std::uint64_t mistyped{0};
};

template <class Look>
Counts decode_file(const fs::path& path, const event::Projection& projection, const ReaderOptions& options, Look look) {
    auto reader = BlockReader::open({"x", path.string()}, options).value();
    event::Decoder decoder(reader.format(), projection, options.limits);
    Counts counts;
    while (auto block = reader.next().value()) {
        const event::Batch batch = decoder.decode(event::InputId{0}, *block);
        counts.rows += batch.rows();
        counts.errors += batch.errors().size();
        counts.mistyped += batch.mistyped().size();
        look(batch);
    }
    return counts;
}

}  // namespace

TEST_CASE("every record of the shared streams is read") {
    const std::map<std::string, std::size_t> files{{"elastic_auth/auth.ndjson", 7446},
                                                   {"elastic_weblogs/apache.ndjson.gz", 10'000},
                                                   {"nab/realKnownCause.ndjson.gz", 69'561},
                                                   {"nab/machine_temperature.ndjson.gz", 22'695},
                                                   {"otrf/empire_psexec.ndjson.gz", 4348},
                                                   {"otrf/empire_mimikatz.ndjson.gz", 6026},
                                                   {"amlsim/transactions.ndjson.gz", 120'558},
                                                   {"market_lean/trades_20131007_aig_ibm.ndjson.gz", 49'644},
                                                   {"cdc/debezium.ndjson", 17}};
    for (const auto& [name, records] : files) {
        const fs::path path = shared_data() / name;
        if (!there(path)) {
            continue;
        }
        INFO(name);
        std::int64_t disagree = 0;
        const Counts counts = decode_file(
            path, {{{"ts"}, event::Type::time, TimeUnit::ms}, {{"ts_ms"}, event::Type::time, TimeUnit::ms}}, {},
            [&](const event::Batch& batch) {
                for (std::size_t row = 0; row < batch.rows(); ++row) {
                    const auto ts = batch.column(event::ColumnId{0}).value(row);
                    disagree += !ts.is_null() && !event::equal(ts, batch.column(event::ColumnId{1}).value(row)) ? 1 : 0;
                }
            });
        CHECK(counts.rows == records);
        CHECK(counts.errors == 0);
        CHECK(counts.mistyped == 0);
        CHECK(disagree == 0);
    }
}

TEST_CASE("block sizes change nothing about a shared stream") {
    const fs::path path = shared_data() / "elastic_auth/auth.ndjson";
    if (!there(path)) {
        return;
    }
    std::map<std::size_t, std::string> texts;
    for (const std::size_t records : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        ReaderOptions options;
        options.max_records = records;
        std::string& text = texts[records];
        decode_file(path, {{{"user"}, event::Type::string, TimeUnit::ms}, {{"port"}, event::Type::integer, TimeUnit::ms}},
                    options, [&](const event::Batch& batch) {
                        CHECK(batch.rows() <= records);
                        for (std::size_t row = 0; row < batch.rows(); ++row) {
                            text += std::to_string(batch.header(row).line);
                            event::append_json(text, batch.column(event::ColumnId{0}).value(row));
                            event::append_json(text, batch.column(event::ColumnId{1}).value(row));
                        }
                    });
    }
    CHECK(texts[1] == texts[4096]);
    CHECK(texts[7] == texts[4096]);
}

TEST_CASE("the whole range of an int survives") {
    const fs::path path = shared_data() / "otrf/empire_psexec.ndjson.gz";
    if (!there(path)) {
        return;
    }
    std::size_t lowest = 0;
    decode_file(path, {{{"Keywords"}, event::Type::integer, TimeUnit::ms}}, {}, [&](const event::Batch& batch) {
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            const auto value = batch.column(event::ColumnId{0}).value(row);
            lowest += !value.is_null() && value.as_int() == std::numeric_limits<std::int64_t>::min() ? 1U : 0U;
        }
    });
    CHECK(lowest > 0);
}

TEST_CASE("a shared stream declares itself") {
    const fs::path path = shared_data() / "market_lean/trades_20131007_aig_ibm.ndjson.gz";
    if (!there(path)) {
        return;
    }
    CHECK(infer({"trades.ndjson", path.string()}, {}).value() ==
          "stream Trade(\n    seq: int,\n    ts: time,\n    ts_ms: int,\n    type: string,\n    symbol: string,\n    price: "
          "float,\n"
          "    size: int,\n    exchange: string,\n    cond: string)\n  time  ts\n  where type = \"trade\"\n");
}
