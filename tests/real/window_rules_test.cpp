// Window rules over recorded streams, against the truth that comes with them or against sums made anew for each window.
#include <algorithm>
#include <cmath>
#include <deque>
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

constexpr const char* kAuth = "data/elastic_auth/auth.ndjson";
constexpr const char* kFailed = R"(
stream Failed(type: string, src_ip: ip, user: string, ts: time)
  time  ts
  where type = "failed_password"
)";
const std::vector<ReplayOptions> kWays{{.batch = 1}, {.batch = 4096}, {.batch = 100, .threads = 2}};

std::string value_of(const alerts::Alert& alert, std::string_view name) {
    const auto found = std::find_if(alert.values.begin(), alert.values.end(), [&](const auto& one) { return one.first == name; });
    return found == alert.values.end() ? "" : found->second;
}

double shown_number(const alerts::Alert& alert, std::string_view name) { return std::stod(value_of(alert, name)); }

TEST_CASE("five or more failed passwords of an address in the last minute: 572 times") {
    const auto file = shared_file(kAuth);
    const auto truth_file = shared_file("data/truth/truth.json");
    if (!file || !truth_file) {
        return;
    }
    const auto program = compile(std::string(kFailed) + R"(
rule burst
  window sliding 60s on Failed
  by     src_ip
  where  count() >= 5
)");
    simdjson::dom::parser parser;
    const simdjson::dom::element truth = parser.load(truth_file->string());
    for (const ReplayOptions& way : kWays) {
        const Replayed replayed = replay_files(program, {*file}, way);
        std::vector<std::int64_t> lines;
        std::set<std::uint64_t> ids;
        for (const alerts::Alert& alert : replayed.alerts()) {
            lines.push_back(static_cast<std::int64_t>(alert.window->event->offset));
            ids.insert(alert.id);
        }
        std::sort(lines.begin(), lines.end());
        CHECK(lines == ints_of(truth["R1"]["match_seqs"]));
        CHECK(lines.size() == 572);
        CHECK(ids.size() == 572);
        CHECK(replayed.left.runs + replayed.left.keys + replayed.left.events == 0);
    }
}

TEST_CASE("minutes with five or more failed passwords of an address: 125") {
    const auto file = shared_file(kAuth);
    const auto truth_file = shared_file("data/truth/truth.json");
    if (!file || !truth_file) {
        return;
    }
    const auto program = compile(std::string(kFailed) + R"(
rule minute
  window 60s on Failed
  by     src_ip
  let    n = count()
  where  n >= 5
rule any
  window 60s on Failed
  by     src_ip
  where  count() > 0
)");
    simdjson::dom::parser parser;
    const simdjson::dom::element truth = parser.load(truth_file->string());
    using Row = std::tuple<std::int64_t, std::string, std::string>;
    std::vector<Row> expected;
    for (const simdjson::dom::element window : truth["R3"]["list"].get_array()) {
        expected.emplace_back(std::int64_t(window["window_start_ms"]), simdjson::minify(window["src_ip"]),
                              simdjson::minify(window["count"]));
    }
    std::sort(expected.begin(), expected.end());
    for (const ReplayOptions& way : kWays) {
        const Replayed replayed = replay_files(program, {*file}, way);
        std::vector<Row> found;
        std::size_t any = 0;
        for (const alerts::Alert& alert : replayed.alerts()) {
            any += alert.rule == "any" ? 1U : 0U;
            if (alert.rule == "minute") {
                found.emplace_back(alert.window->start.micros() / 1000, alert.key.at(0).second, value_of(alert, "n"));
                CHECK(alert.window->end.micros() - alert.window->start.micros() == 60'000'000);
                CHECK(alert.window->end.micros() - alert.time.micros() == 1'000);
            }
        }
        std::sort(found.begin(), found.end());
        CHECK(found == expected);
        CHECK(found.size() == 125);
        CHECK(any == 167);
        CHECK(replayed.left.runs + replayed.left.keys + replayed.left.events == 0);
    }
}

TEST_CASE("errors of the web log, minute by minute, though it is written out of order") {
    const auto file = shared_file("data/elastic_weblogs/apache.ndjson.gz");
    const auto truth_file = shared_file("data/truth/truth.json");
    if (!file || !truth_file) {
        return;
    }
    const auto program = compile(R"(
stream Http(status: int, ts: time)
  time  ts
  slack 2h
rule errors
  window 60s on Http[status >= 400]
  let    n = count()
  where  n >= 1
)");
    simdjson::dom::parser parser;
    const simdjson::dom::element truth = parser.load(truth_file->string());
    std::vector<std::pair<std::int64_t, std::string>> expected;
    for (const simdjson::dom::element window : truth["A1"]["list"].get_array()) {
        expected.emplace_back(std::int64_t(window["window_start_ms"]), simdjson::minify(window["count"]));
    }
    std::sort(expected.begin(), expected.end());
    for (const ReplayOptions& way : kWays) {
        std::vector<std::pair<std::int64_t, std::string>> found;
        for (const alerts::Alert& alert : replay_files(program, {*file}, way).alerts()) {
            found.emplace_back(alert.window->start.micros() / 1000, value_of(alert, "n"));
        }
        CHECK(found == expected);
        CHECK(found.size() == 77);
    }
}

struct Trade {
    std::int64_t millis{0};
    double price{0};
    std::int64_t size{0};
    std::string exchange;
};

std::map<std::string, std::vector<Trade>> trades_of(const std::filesystem::path& file) {
    std::map<std::string, std::vector<Trade>> trades;
    each_record(file, [&](const simdjson::dom::object& record) {
        trades[text_of(record, "symbol")].push_back(
            {int_of(record, "ts_ms"), number_of(record, "price"), int_of(record, "size"), text_of(record, "exchange")});
    });
    return trades;
}

constexpr const char* kTrades = R"(
stream Trade(symbol: string, price: float, size: int, exchange: string, ts: time)
  time ts
)";

/// What the values of an alert ought to be, of the trades that its window holds.
void check_trades(const alerts::Alert& alert, const std::deque<Trade>& inside) {
    std::vector<double> prices;
    std::set<std::string> exchanges;
    std::int64_t shares = 0;
    long double sum = 0;
    for (const Trade& trade : inside) {
        prices.push_back(trade.price);
        exchanges.insert(trade.exchange);
        shares += trade.size;
        sum += trade.price;
    }
    std::sort(prices.begin(), prices.end());
    const auto n = static_cast<long double>(prices.size());
    long double squares = 0;
    for (const double price : prices) {
        squares += (price - sum / n) * (price - sum / n);
    }
    const auto rank = static_cast<std::size_t>(std::ceil(0.9 * static_cast<double>(prices.size())));
    const bool same = shown_number(alert, "n") == static_cast<double>(prices.size()) && shown_number(alert, "low") == prices.front() &&
                      shown_number(alert, "high") == prices.back() && shown_number(alert, "p90") == prices[rank - 1] &&
                      shown_number(alert, "shares") == static_cast<double>(shares) && shown_number(alert, "open") == inside.front().price &&
                      shown_number(alert, "close") == inside.back().price &&
                      shown_number(alert, "exchanges") == static_cast<double>(exchanges.size()) &&
                      shown_number(alert, "mean") == Approx(static_cast<double>(sum / n)).epsilon(1e-14) &&
                      shown_number(alert, "spread") == Approx(static_cast<double>(std::sqrt(squares / n))).epsilon(1e-9).margin(1e-12) &&
                      shown_number(alert, "about") == Approx(prices[rank - 1]).epsilon(1.0 / 127);
    if (!same) {
        FAIL("the window that ends at " << alert.window->end.micros() / 1000 << " has " << prices.size() << " trades");
    }
}

constexpr const char* kAllOfThem = R"(
  let    n = count()
  return low = min(price), high = max(price), mean = avg(price), spread = stddev(price), p90 = quantile(price, 0.9),
         about = quantile~(price, 0.9), shares = sum(size), open = first(price), close = last(price), exchanges = distinct(exchange)
)";

TEST_CASE("every aggregate of every sliding window of a day's trades") {
    const auto file = shared_file("data/market_lean/trades_20131007_aig_ibm.ndjson.gz");
    if (!file) {
        return;
    }
    const auto program =
        compile(std::string(kTrades) + "rule r\n  window sliding 20s on Trade\n  by symbol\n  where n > 1" + kAllOfThem);
    const auto trades = trades_of(*file);
    std::map<std::string, std::vector<alerts::Alert>> alerts;
    for (alerts::Alert& alert : replay_files(program, {*file}, {.batch = 1000, .threads = 2}).alerts()) {
        alerts[alert.key.at(0).second].push_back(std::move(alert));
    }
    for (const auto& [symbol, all] : trades) {
        std::deque<Trade> inside;
        auto alert = alerts.at('"' + symbol + '"').begin();
        for (const Trade& trade : all) {
            inside.push_back(trade);
            while (inside.front().millis <= trade.millis - 20'000) {
                inside.pop_front();
            }
            if (inside.size() > 1) {
                check_trades(*alert++, inside);
            }
        }
        CHECK(alert == alerts.at('"' + symbol + '"').end());
    }
}

TEST_CASE("every aggregate of every hopping window of a day's trades") {
    const auto file = shared_file("data/market_lean/trades_20131007_aig_ibm.ndjson.gz");
    if (!file) {
        return;
    }
    const auto program =
        compile(std::string(kTrades) + "rule r\n  window 5m every 25s on Trade\n  by symbol\n  where n > 1" + kAllOfThem);
    const auto trades = trades_of(*file);
    std::size_t windows = 0;
    for (const alerts::Alert& alert : replay_files(program, {*file}).alerts()) {
        const std::string symbol = alert.key.at(0).second.substr(1, 3);
        std::deque<Trade> inside;
        std::copy_if(trades.at(symbol).begin(), trades.at(symbol).end(), std::back_inserter(inside), [&](const Trade& trade) {
            return trade.millis * 1000 >= alert.window->start.micros() && trade.millis * 1000 < alert.window->end.micros();
        });
        check_trades(alert, inside);
        ++windows;
    }
    CHECK(windows > 2'000);
}

// The series stand one after the other in the file, so that its times go back by years.
TEST_CASE("the sessions of a series with gaps") {
    const auto file = shared_file("data/nab/realKnownCause.ndjson.gz");
    if (!file) {
        return;
    }
    const auto program = compile(R"(
stream Metric(series: string, value: float, ts: time)
  time  ts
  slack 2000d
rule session
  window session 1h on Metric
  by     series
  let    n = count()
  where  n > 0
)");
    using Session = std::tuple<std::string, std::int64_t, std::int64_t, std::size_t>;
    std::map<std::string, std::vector<std::int64_t>> times;
    each_record(*file, [&](const simdjson::dom::object& record) { times[text_of(record, "series")].push_back(int_of(record, "ts_ms")); });
    std::multiset<Session> expected;
    for (auto& [series, all] : times) {
        std::sort(all.begin(), all.end());
        for (std::size_t i = 0; i < all.size();) {
            std::size_t end = i + 1;
            while (end < all.size() && all[end] - all[end - 1] <= 3'600'000) {
                ++end;
            }
            expected.emplace('"' + series + '"', all[i], all[end - 1], end - i);
            i = end;
        }
    }
    std::multiset<Session> found;
    const Replayed replayed = replay_files(program, {*file}, {.batch = 333, .threads = 2});
    CHECK(replayed.late().empty());
    for (const alerts::Alert& alert : replayed.alerts()) {
        found.emplace(alert.key.at(0).second, alert.window->start.micros() / 1000, alert.window->end.micros() / 1000,
                      std::stoull(value_of(alert, "n")));
        CHECK(alert.time.micros() - alert.window->end.micros() == 3'600'000'000);
    }
    CHECK(found == expected);
    CHECK(found.size() > 7);
}

}  // namespace
}  // namespace tocsin::test
