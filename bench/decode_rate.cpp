// How fast NDJSON is decoded, beside simdjson On-Demand walking the same records and reading the same fields.
//
//   decode_rate FILE [MEGABYTES]
//
// The file is repeated in memory up to so many megabytes (default 500), so that no disk is measured. Each way is run
// nine times in turn; the medians of its processor time and of its share of simdjson's rate in the same round are printed.
// All must read the same.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include <tocsin/event/decode.hpp>

namespace {

using tocsin::TimeUnit;
using tocsin::event::Block;
using tocsin::event::Type;

constexpr std::size_t kBlockBytes = 1U << 20;
constexpr int kRounds = 9;

/// What is read of each record: `type`, `src_ip` (in some records only) and the time in milliseconds.
struct Found {
    std::uint64_t records{0};
    std::uint64_t string_bytes{0};
    std::int64_t time_sum{0};
    friend bool operator==(const Found&, const Found&) = default;
};

std::vector<Block> repeated(const std::string& text, std::size_t bytes) {
    std::vector<Block> blocks;
    std::size_t total = 0;
    while (total < bytes) {
        for (std::size_t begin = 0; begin < text.size();) {
            std::size_t end = std::min(begin + kBlockBytes, text.size());
            end = end < text.size() ? text.rfind('\n', end) + 1 : end;
            blocks.push_back(tocsin::event::make_block(text.substr(begin, end - begin), 1));
            total += end - begin;
            begin = end;
        }
    }
    return blocks;
}

/// On-Demand as its documentation has it for NDJSON, every field of every record walked in one pass.
Found walk_with_simdjson(const std::vector<Block>& blocks) {
    Found found;
    simdjson::ondemand::parser parser;
    for (const Block& block : blocks) {
        simdjson::ondemand::document_stream records =
            parser.iterate_many(block.bytes->data(), block.size, kBlockBytes + simdjson::SIMDJSON_PADDING);
        for (auto record : records) {
            ++found.records;
            for (auto field : record.get_object()) {
                const auto key = field.key().value();
                if (key == "ts_ms") {
                    found.time_sum += field.value().get_int64().value();
                } else if (key == "type" || key == "src_ip") {
                    found.string_bytes += field.value().get_string().value().size();
                }
            }
        }
    }
    return found;
}

/// The least that On-Demand can do: the three fields looked up by name.
Found look_up_with_simdjson(const std::vector<Block>& blocks) {
    Found found;
    simdjson::ondemand::parser parser;
    for (const Block& block : blocks) {
        simdjson::ondemand::document_stream records =
            parser.iterate_many(block.bytes->data(), block.size, kBlockBytes + simdjson::SIMDJSON_PADDING);
        for (auto record : records) {
            ++found.records;
            simdjson::ondemand::object object = record.get_object();
            found.time_sum += object["ts_ms"].get_int64().value();
            found.string_bytes += object["type"].get_string().value().size();
            std::string_view address;
            if (object["src_ip"].get_string().get(address) == simdjson::SUCCESS) {
                found.string_bytes += address.size();
            }
        }
    }
    return found;
}

Found decode(const std::vector<Block>& blocks) {
    Found found;
    tocsin::event::Decoder decoder(tocsin::event::Format::ndjson,
                                   {{{"ts_ms"}, Type::time, TimeUnit::ms},
                                    {{"type"}, Type::string, TimeUnit::ms},
                                    {{"src_ip"}, Type::string, TimeUnit::ms}},
                                   tocsin::Limits{});
    for (const Block& block : blocks) {
        const auto batch = decoder.decode(tocsin::event::InputId{0}, block);
        found.records += batch.rows();
        const auto& times = batch.column(tocsin::event::ColumnId{0}).integers();
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            found.time_sum += times[row] / 1000;
            found.string_bytes += batch.column(tocsin::event::ColumnId{1}).strings()[row].size() +
                                  batch.column(tocsin::event::ColumnId{2}).strings()[row].size();
        }
    }
    return found;
}

struct Way {
    const char* name;
    Found (*run)(const std::vector<Block>&);
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: decode_rate FILE [MEGABYTES]\n");
        return 3;
    }
    std::ifstream in(argv[1], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const std::size_t megabytes = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 500;
    if (text.empty()) {
        std::fprintf(stderr, "%s: nothing in it\n", argv[1]);
        return 3;
    }
    const std::vector<Block> blocks = repeated(text, megabytes * 1'000'000);
    std::size_t bytes = 0;
    for (const Block& block : blocks) {
        bytes += block.size;
    }
    const std::vector<Way> ways{{"simdjson, all fields walked", walk_with_simdjson},
                                {"simdjson, fields looked up", look_up_with_simdjson},
                                {"tocsin", decode}};
    std::vector<std::vector<double>> seconds(ways.size());
    std::vector<std::vector<double>> shares(ways.size());
    std::vector<Found> found(ways.size());
    // Round by round, so that what else the machine does meanwhile falls on all alike.
    for (int round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < ways.size(); ++i) {
            const std::clock_t start = std::clock();
            found[i] = ways[i].run(blocks);
            seconds[i].push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
            shares[i].push_back(100 * seconds[0].back() / seconds[i].back());
        }
    }
    bool same = true;
    for (std::size_t i = 0; i < ways.size(); ++i) {
        same = same && found[i] == found[0];
        const double typical = median(seconds[i]);
        const auto [least, most] = std::minmax_element(shares[i].begin(), shares[i].end());
        std::printf("%-28s %7.0f MB/s %6.2f M records/s %5.0f %% (%.0f to %.0f)\n", ways[i].name,
                    static_cast<double>(bytes) / typical / 1e6, static_cast<double>(found[i].records) / typical / 1e6,
                    median(shares[i]), *least, *most);
    }
    if (!same) {
        std::fprintf(stderr, "the ways do not agree on what they read\n");
        return 1;
    }
    return 0;
}
