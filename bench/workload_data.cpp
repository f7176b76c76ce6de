// Makes the events of the workloads that tocsin and its peers are compared with, as NDJSON in order of time.
//
//   workload_data NAME EVENTS [FILE] > EVENTS.ndjson
//
// NAME is one of those below; the same NAME and EVENTS give the same bytes everywhere. `auth` repeats FILE, a log in order of
// time with `ts_ms`, each time later by the file's whole span and an hour, and with other addresses: `src_ip` gets the
// round behind it, so that every round brings keys that were not there before.

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::int64_t kStart = 1'700'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

/// The standard says what the engine gives, but not what its distributions give: so there are none here.
class Random {
public:
    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

private:
    std::mt19937_64 engine_{20'221'015};
};

/// Standard output, in large pieces.
class Lines {
public:
    ~Lines() { flush(); }
    Lines() = default;
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    void add(std::string_view line) {
        text_.append(line).push_back('\n');
        if (text_.size() > kPiece) {
            flush();
        }
    }

private:
    static constexpr std::size_t kPiece = 1U << 20;

    void flush() {
        if (std::fwrite(text_.data(), 1, text_.size(), stdout) != text_.size()) {
            std::perror("workload_data");
            std::_Exit(3);
        }
        text_.clear();
    }
    std::string text_;
};

std::string field(std::string_view name, const std::string& value) { return '"' + std::string(name) + "\":\"" + value + '"'; }
std::string at(std::int64_t time) { return "\"ts\":" + std::to_string(time); }

/// A thousand events a second over 100,000 keys, half of them an A and half a B: in ten seconds one B in twenty finds an A.
void keyed_join(std::uint64_t events, Lines& out) {
    Random random;
    for (std::uint64_t i = 0; i < events; ++i) {
        const std::string type = random.below(2) == 0 ? "A" : "B";
        const std::string key = 'k' + std::to_string(random.below(100'000));
        out.add('{' + field("type", type) + ',' + field("k", key) + ',' + at(kStart + static_cast<std::int64_t>(i)) + '}');
    }
}

/// Five names in uniform distribution, one event each 100 ms: a hundred in ten seconds. A name's price goes up or down by up
/// to two per cent from one event to its next.
void stock(std::uint64_t events, Lines& out) {
    constexpr std::size_t kNames = 5;
    Random random;
    std::array<std::int64_t, kNames> cents{};
    cents.fill(10'000);
    for (std::uint64_t i = 0; i < events; ++i) {
        const std::size_t name = random.below(kNames);
        std::int64_t& price = cents[name];
        price += price * (static_cast<std::int64_t>(random.below(401)) - 200) / 10'000;
        price = price < 1'000 || price > 100'000 ? 10'000 : price;
        const std::int64_t rest = price % 100;
        out.add('{' + field("name", "S" + std::to_string(name)) + ",\"price\":" + std::to_string(price / 100) + '.' +
                (rest < 10 ? "0" : "") + std::to_string(rest) + ",\"volume\":" + std::to_string(1 + random.below(1'000)) + ',' +
                at(kStart + 100 * static_cast<std::int64_t>(i)) + '}');
    }
}

/// Orders, and payments of nine in ten of them, between nothing and 66 seconds later; a millisecond apart or more.
void orders(std::uint64_t events, Lines& out) {
    using Payment = std::pair<std::int64_t, std::uint64_t>;  // when, of which order
    Random random;
    std::priority_queue<Payment, std::vector<Payment>, std::greater<>> due;
    std::int64_t time = kStart;
    std::uint64_t order = 0;
    for (std::uint64_t i = 0; i < events; ++i, ++time) {
        if (!due.empty() && due.top().first <= time) {
            out.add('{' + field("type", "Payment") + ',' + field("order_id", 'o' + std::to_string(due.top().second)) + ',' +
                    at(time) + '}');
            due.pop();
            continue;
        }
        if (random.below(10) != 0) {
            due.emplace(time + 1 + static_cast<std::int64_t>(random.below(66'000)), order);
        }
        out.add('{' + field("type", "Order") + ',' + field("order_id", 'o' + std::to_string(order++)) + ',' + at(time) + '}');
    }
}

/// A thousand events a second over 10,000 keys and 50 values: six of a key a minute. Times are whole seconds, since one of
/// the peers knows no others.
void hits(std::uint64_t events, Lines& out) {
    Random random;
    for (std::uint64_t i = 0; i < events; ++i) {
        const std::string key = 'k' + std::to_string(random.below(10'000));
        const std::string value = 'v' + std::to_string(random.below(50));
        out.add('{' + field("k", key) + ',' + field("v", value) + ',' +
                at(kStart + static_cast<std::int64_t>(i / 1'000 * 1'000)) + '}');
    }
}

/// A record of a log, cut where its time is and where its address ends.
struct Record {
    std::string before;
    std::int64_t time{0};
    std::string between;
    std::string after;
    bool has_address{false};
};

bool cut(std::string_view line, Record& record) {
    constexpr std::string_view kTime = "\"ts_ms\": ";
    constexpr std::string_view kAddress = "\"src_ip\": \"";
    const std::size_t name = line.find(kTime);
    const std::size_t address = line.find(kAddress);
    if (name == std::string_view::npos || (address != std::string_view::npos && address < name)) {
        return false;
    }
    const std::size_t begin = name + kTime.size();
    const auto [end, error] = std::from_chars(line.data() + begin, line.data() + line.size(), record.time);
    const auto digits_end = static_cast<std::size_t>(end - line.data());
    record.has_address = address != std::string_view::npos;
    const std::size_t middle = record.has_address ? line.find('"', address + kAddress.size()) : digits_end;
    record.before = line.substr(0, begin);
    record.between = line.substr(digits_end, middle - digits_end);
    record.after = line.substr(middle);
    return error == std::errc();
}

bool auth(std::uint64_t events, const char* file, Lines& out) {
    std::ifstream in(file, std::ios::binary);
    std::vector<Record> records;
    for (std::string line; std::getline(in, line);) {
        if (!cut(line, records.emplace_back())) {
            std::fprintf(stderr, "%s:%zu: no number ts_ms before src_ip\n", file, records.size());
            return false;
        }
    }
    if (records.empty()) {
        std::fprintf(stderr, "%s: nothing in it\n", file);
        return false;
    }
    const std::int64_t span = records.back().time - records.front().time + kHour;
    for (std::uint64_t i = 0; i < events; ++i) {
        const Record& record = records[i % records.size()];
        const std::uint64_t round = i / records.size();
        std::string line =
            record.before + std::to_string(record.time + static_cast<std::int64_t>(round) * span) + record.between;
        if (record.has_address) {
            line += '/' + std::to_string(round);
        }
        out.add(line + record.after);
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view name = argc > 1 ? argv[1] : "";
    const std::uint64_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
    Lines out;
    if (name == "auth" && argc == 4) {
        return auth(events, argv[3], out) ? 0 : 3;
    }
    constexpr std::array<std::pair<std::string_view, void (*)(std::uint64_t, Lines&)>, 4> kMakers{
        {{"keyed_join", keyed_join}, {"stock", stock}, {"orders", orders}, {"hits", hits}}};
    for (const auto& [known, make] : kMakers) {
        if (name == known && argc == 3) {
            make(events, out);
            return 0;
        }
    }
    std::fprintf(stderr,
                 "usage: workload_data keyed_join|stock|orders|hits EVENTS\n"
                 "       workload_data auth EVENTS FILE\n");
    return 3;
}
