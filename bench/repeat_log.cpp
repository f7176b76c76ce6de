// Makes a large log of a small one, in order of time.
//
//   repeat_log FILE MEGABYTES > LARGER
//
// The records of FILE (NDJSON, each with a number `ts_ms`, ascending) come again and again, each time later by the file's
// whole span and an hour, until there are so many megabytes. Only the digits behind `"ts_ms":` change.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::int64_t kHour = 3'600'000;

/// A record around its time.
struct Record {
    std::string before;
    std::int64_t time{0};
    std::string after;
};

bool split(std::string_view line, Record& record) {
    constexpr std::string_view kName = "\"ts_ms\":";
    const std::size_t name = line.find(kName);
    if (name == std::string_view::npos) {
        return false;
    }
    const std::size_t begin = std::min(line.find_first_not_of(' ', name + kName.size()), line.size());
    const auto [end, error] = std::from_chars(line.data() + begin, line.data() + line.size(), record.time);
    record.before = line.substr(0, begin);
    record.after = std::string(end, line.data() + line.size()) + '\n';
    return error == std::errc();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: repeat_log FILE MEGABYTES > LARGER\n");
        return 3;
    }
    std::ifstream in(argv[1], std::ios::binary);
    std::vector<Record> records;
    for (std::string line; std::getline(in, line);) {
        if (!split(line, records.emplace_back())) {
            std::fprintf(stderr, "%s:%zu: no number ts_ms\n", argv[1], records.size());
            return 3;
        }
    }
    if (records.empty()) {
        std::fprintf(stderr, "%s: nothing in it\n", argv[1]);
        return 3;
    }
    const std::uint64_t wanted = std::strtoull(argv[2], nullptr, 10) * 1'000'000;
    const std::int64_t span = records.back().time - records.front().time + kHour;
    std::uint64_t written = 0;
    std::string out;
    for (std::int64_t round = 0; written < wanted; ++round) {
        out.clear();
        for (const Record& record : records) {
            out.append(record.before).append(std::to_string(record.time + round * span)).append(record.after);
        }
        if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) {
            std::perror("repeat_log");
            return 3;
        }
        written += out.size();
    }
    return 0;
}
