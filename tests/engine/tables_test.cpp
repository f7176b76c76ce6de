// Tables, what looks into them, and their changes, from records to alerts.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

using Lines = std::vector<std::string>;

const std::string kCustomer = "table Customer(id: string, tier: string, limit: float, ts: time) key id time ts s\n";
const std::string kTransfer = "stream Transfer(owner: string, amount: float, ts: time) time ts s\n";
const std::string kOverLimit = kTransfer + kCustomer +
                               "rule over lookup Customer as c on c.id = owner when t: Transfer[amount > c.limit] by owner"
                               " alert \"{c.tier} {t.amount}\"";

std::string customer(const std::string& id, int ts, const std::string& tier, int limit) {
    return fmt::format(R"({{"$stream":"Customer","id":"{}","tier":"{}","limit":{},"ts":{}}})", id, tier, limit, ts);
}
std::string transfer(const std::string& owner, int ts, int amount) {
    return fmt::format(R"({{"$stream":"Transfer","owner":"{}","amount":{},"ts":{}}})", owner, amount, ts);
}
std::string gone(const std::string& id, int ts) {
    return fmt::format(R"({{"$stream":"Customer","$op":"delete","id":"{}","ts":{}}})", id, ts);
}

std::vector<alerts::LateRecord> late_of(const std::vector<alerts::Output>& output) {
    std::vector<alerts::LateRecord> late;
    for (const alerts::Output& one : output) {
        if (const auto* record = std::get_if<alerts::LateRecord>(&one)) {
            late.push_back(*record);
        }
    }
    return late;
}

// ---- look-ups

TEST_CASE("a look-up finds the row as of the event's time, whichever record came first") {
    const Lines in_order{customer("ann", 10, "gold", 100), transfer("ann", 20, 150), customer("ann", 30, "basic", 500),
                         transfer("ann", 40, 150)};
    CHECK(told(kOverLimit, in_order) == Lines{"gold 150 at 20"});
    CHECK(told(kOverLimit, {in_order[1], in_order[0]}) == Lines{"gold 150 at 20"});  // the table holds the rule's clock
    const std::string patient = "table Customer(id: string, tier: string, limit: float, ts: time) key id time ts s slack 1h\n" +
                                kTransfer +
                                "rule over lookup Customer as c on c.id = owner when t: Transfer[amount > c.limit] by owner"
                                " alert \"{c.tier} {t.amount}\"";
    CHECK(told(patient, {in_order[3], in_order[2], in_order[0]}).empty());
    CHECK(told(patient, {in_order[2], in_order[1], in_order[0]}) == Lines{"gold 150 at 20"});
}

TEST_CASE("a row with the event's own time is found, also behind the event") {
    CHECK(told(kOverLimit, {transfer("ann", 20, 150), customer("ann", 20, "gold", 100)}) == Lines{"gold 150 at 20"});
}

TEST_CASE("without a row, or behind its deletion, all fields are null") {
    CHECK(told(kOverLimit, {transfer("ann", 20, 150)}).empty());
    CHECK(told(kOverLimit, {customer("ann", 10, "gold", 100), gone("ann", 15), transfer("ann", 20, 150)}).empty());
    CHECK(told(kOverLimit, {customer("ann", 10, "gold", 100), gone("ann", 25), transfer("ann", 20, 150)}) ==
          Lines{"gold 150 at 20"});
}

TEST_CASE("in a condition the row is as of the event at hand, in where and alert as of the last event") {
    const std::string rules = kTransfer + kCustomer +
                              "rule r lookup Customer as c on c.id = owner"
                              " when a: Transfer[c.tier = \"gold\"] -> b: Transfer[c.tier = \"basic\"] by owner within 1m"
                              " where c.limit = 500 alert \"{c.tier} {a.amount} {b.amount}\"";
    CHECK(told(rules, {customer("ann", 10, "gold", 100), transfer("ann", 20, 1), customer("ann", 25, "basic", 500),
                       transfer("ann", 30, 2)}) == Lines{"basic 1 2 at 30"});
}

TEST_CASE("an aggregate looks as of each event that it runs over") {
    const std::string rules = kTransfer + kCustomer +
                              "rule r lookup Customer as c on c.id = owner when a: Transfer{2} by owner within 1m"
                              " alert \"{sum(a.amount * c.limit)}\"";
    CHECK(told(rules, {customer("ann", 10, "", 2), transfer("ann", 20, 1), customer("ann", 25, "", 10),
                       transfer("ann", 30, 1)}) == Lines{"12 at 30"});
}

TEST_CASE("a look-up can find its row by another look-up") {
    const std::string rules = kTransfer +
                              "table Customer(id: string, boss: string, ts: time) key id time ts s\n"
                              "rule r lookup Customer as c on c.id = owner lookup Customer as d on d.id = c.boss"
                              " when t: Transfer[d.boss = \"eve\"] by owner alert \"{d.id}\"";
    CHECK(told(rules, {R"({"$stream":"Customer","id":"ann","boss":"bob","ts":1})",
                       R"({"$stream":"Customer","id":"bob","boss":"eve","ts":1})", transfer("ann", 2, 0)}) ==
          Lines{"bob at 2"});
}

TEST_CASE("a part of the key is known in a look-up's expression, whatever the stream at hand calls it") {
    const std::string rules =
        kTransfer +
        "stream Reset(user: string, ts: time) time ts s\n"
        "table Customer(id: string, tier: string, ts: time) key id time ts s\n"
        "rule r lookup Customer as c on c.id = user"
        " when r: Reset -> t: Transfer[c.tier = \"gold\"] by user = Transfer.owner within 1m alert \"{c.tier}\"";
    CHECK(told(rules, {R"({"$stream":"Customer","id":"ann","tier":"gold","ts":1})",
                       R"({"$stream":"Reset","user":"ann","ts":2})", transfer("ann", 3, 0)}) == Lines{"gold at 3"});
}

TEST_CASE("a not at the start looks into tables too") {
    const std::string rules =
        kTransfer +
        "table Customer(id: string, tier: string, ts: time) key id time ts s\n"
        "rule r lookup Customer as c on c.id = owner"
        " when not Transfer[c.tier = \"gold\"] -> t: Transfer[amount > 10] by owner within 1m alert \"{t.amount}\"";
    const std::string gold = R"({"$stream":"Customer","id":"ann","tier":"gold","ts":1})";
    CHECK(told(rules, {gold, transfer("ann", 2, 1), transfer("ann", 3, 20)}).empty());
    CHECK(told(rules, {transfer("ann", 2, 1), transfer("ann", 3, 20)}) == Lines{"20 at 3"});
}

TEST_CASE("windows look into tables: an event as of its time, the window as of its last event") {
    const std::string rules = kTransfer + kCustomer +
                              "rule r lookup Customer as c on c.id = owner window 1m on Transfer[c.tier = \"gold\"] by owner"
                              " where sum(amount * c.limit) > c.limit alert \"{count()} {sum(amount * c.limit)} {c.limit}\"";
    CHECK(told(rules, {customer("ann", 0, "gold", 10), transfer("ann", 10, 1), customer("ann", 20, "gold", 2),
                       transfer("ann", 30, 1), customer("ann", 40, "basic", 7), transfer("ann", 50, 1)}) ==
          Lines{"2 12 2 at 59"});
}

// ---- rows that come late

TEST_CASE("a row that comes too late for a rule is a late record, and counted") {
    const EngineRun result =
        run_of(kOverLimit, {customer("ann", 10, "gold", 100), transfer("ann", 20, 150), customer("bob", 30, "gold", 100),
                         transfer("bob", 30, 1), customer("ann", 15, "x", 1)});
    const auto late = late_of(result.output);
    REQUIRE(late.size() == 1);
    CHECK(late[0].stream == "Customer");
    CHECK(late[0].rules == Lines{"over"});
    CHECK(late[0].behind_ms == 15'000);
    CHECK(result.counters.rules[0].received == 5);
    CHECK(result.counters.rules[0].too_late == 1);
    CHECK(told(result.output) == Lines{"gold 150 at 20"});
}

TEST_CASE("a late row that is accepted takes back, adds and corrects alerts, which show what was shown") {
    const std::string rules = kOverLimit + " lateness 1h";
    const Lines before{customer("ann", 10, "gold", 100), transfer("ann", 20, 150), customer("bob", 30, "gold", 100),
                       transfer("bob", 40, 1)};
    const auto with = [&](const std::string& row) {
        Lines lines = before;
        lines.push_back(row);
        return told(rules, lines);
    };
    CHECK(with(customer("ann", 15, "silver", 120)) == Lines{"gold 150 at 20", "correct silver 150 at 20"});
    CHECK(with(customer("ann", 15, "silver", 200)) == Lines{"gold 150 at 20", "retract gold 150 at 20"});
    CHECK(with(gone("ann", 15)) == Lines{"gold 150 at 20", "retract gold 150 at 20"});
    CHECK(with(customer("ann", 25, "silver", 200)) == Lines{"gold 150 at 20"});
}

TEST_CASE("what is for good is not looked up again when a later row of the table comes late") {
    const std::string rules = kTransfer + kCustomer +
                              "rule seen lookup Customer as c on c.id = \"ann\" when t: Transfer within 30s lateness 20s"
                              " alert \"{c.tier}\"";
    const Lines lines =
        told(rules, {transfer("x", 12, 1), customer("ann", 10, "gold", 1), gone("ann", 20), transfer("x", 60, 1),
                     transfer("x", 80, 1), customer("bob", 80, "silver", 1), customer("ann", 60, "bronze", 1)});
    CHECK(lines == Lines{"gold at 12", "null at 60", "correct bronze at 60", "bronze at 80"});
}

TEST_CASE("rules with different lateness see different rows of one table") {
    const std::string rules = kOverLimit +
                              "\nrule patient lookup Customer as c on c.id = owner when t: Transfer[amount > c.limit]"
                              " by owner lateness 1h alert \"patient {c.tier}\"";
    const Lines lines =
        told(rules, {customer("ann", 10, "gold", 100), transfer("ann", 20, 150), customer("bob", 30, "gold", 100),
                     transfer("bob", 40, 1), customer("ann", 15, "silver", 120)});
    CHECK(lines == Lines{"gold 150 at 20", "patient gold at 20", "correct patient silver at 20"});
}

TEST_CASE("rows from before --from are what the first events find") {
    engine::Options options;
    options.from = EventTime::from_millis(15'000);
    Driver driver(kOverLimit, {"input"}, std::move(options));
    driver.push({customer("ann", 10, "gold", 100), transfer("ann", 12, 150), transfer("ann", 20, 150)});
    driver.finish();
    CHECK(told(driver.output) == Lines{"gold 150 at 20"});
}

TEST_CASE("a row whose key is null is counted, and is a row of nothing") {
    const EngineRun result =
        run_of(kOverLimit, {R"({"$stream":"Customer","tier":"gold","limit":1,"ts":1})", transfer("ann", 2, 5)});
    CHECK(result.counters.rules[0].null_key == 1);
    CHECK(result.output.empty());
}

TEST_CASE("a row that is read twice is a duplicate") {
    const std::string row = R"({"$stream":"Customer","$offset":7,"id":"ann","tier":"gold","limit":1,"ts":1})";
    CHECK(run_of(kOverLimit, {row, row, transfer("ann", 2, 5)}).counters.rules[0].duplicate == 1);
}

TEST_CASE("of a table the latest rows are held, and nothing of what was deleted") {
    const EngineRun result = run_of(kOverLimit, {customer("ann", 10, "a", 1), customer("ann", 20, "b", 1),
                                              customer("bob", 30, "c", 1), gone("bob", 40), transfer("ann", 50, 9)});
    CHECK(result.left.rows == 1);
}

// ---- changes

const std::string kChanges =
    "table Customer(id: string, tier: string, limit: float, ts: time) key id time ts s slack 10s\n"
    "rule r when c: Customer alert \"{c.op} {c.before.tier} {c.after.tier}\"";

TEST_CASE("rows are inserts, updates and deletes in the stream of changes, in the order of their times") {
    CHECK(told(kChanges, {customer("ann", 10, "a", 1), customer("ann", 30, "c", 1), gone("ann", 40)}) ==
          Lines{"insert null a at 10", "update a c at 30", "delete c null at 40"});
    CHECK(told(kChanges, {customer("ann", 10, "a", 1), customer("ann", 19, "c", 1), customer("ann", 15, "b", 1)}) ==
          Lines{"insert null a at 10", "update a b at 15", "update b c at 19"});
}

TEST_CASE("a row that says the same again is no change") {
    CHECK(told(kChanges, {customer("ann", 10, "a", 1), customer("ann", 20, "a", 1), customer("ann", 30, "b", 1)}) ==
          Lines{"insert null a at 10", "update a b at 30"});
}

TEST_CASE("a late row changes the changes around it") {
    const std::string rules = kChanges + " lateness 1h";
    CHECK(told(rules, {customer("ann", 10, "a", 1), customer("ann", 30, "c", 1), customer("bob", 60, "x", 1),
                       customer("ann", 20, "b", 1)}) == Lines{"insert null a at 10", "update a c at 30", "update a b at 20",
                                                              "correct update b c at 30", "insert null x at 60"});
}

const std::string kView =
    "table Account(id: string, owner: string, ts: time) key id time ts s\n"
    "table Owner(id: string, tier: string, ts: time) key id time ts s\n"
    "view Held = Account left join Owner on Account.owner = Owner.id\n";

std::string account(const std::string& id, const std::string& owner, int ts) {
    return fmt::format(R"({{"$stream":"Account","id":"{}","owner":"{}","ts":{}}})", id, owner, ts);
}
std::string owner(const std::string& id, const std::string& tier, int ts) {
    return fmt::format(R"({{"$stream":"Owner","id":"{}","tier":"{}","ts":{}}})", id, tier, ts);
}

TEST_CASE("one row changes all rows of a view that refer to it, in the order of the view's key") {
    const std::string rules =
        kView + "rule r when h: Held[op = \"update\"] alert \"{h.after.Account.id} {h.after.Owner.tier}\"";
    CHECK(told(rules, {account("a2", "ann", 1), account("a1", "ann", 1), account("a3", "bob", 1), owner("ann", "gold", 5)}) ==
          Lines{"a1 gold at 5", "a2 gold at 5"});
    const EngineRun result = run_of(rules, {account("a2", "ann", 1), account("a1", "ann", 1), owner("ann", "gold", 5)});
    const auto alerts = alerts_of(result.output);
    REQUIRE(alerts.size() == 2);
    CHECK(alerts[0].id != alerts[1].id);
}

TEST_CASE("a rule looks into a view as into a table") {
    const std::string rules =
        kView + kTransfer +
        "rule r lookup Held as h on h.Account.id = owner when t: Transfer[h.Owner.tier = \"gold\"] by owner"
        " alert \"{h.Account.owner} {h.Owner.tier}\"";
    CHECK(told(rules, {account("a1", "ann", 1), owner("ann", "gold", 2), transfer("a1", 1, 1), transfer("a1", 3, 1)}) ==
          Lines{"ann gold at 3"});
}

// ---- what must always hold

/// Random rows and events, each with its offset, some of them late by up to `late` seconds.
Lines random_records(unsigned seed, int count, int late) {
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    Lines lines;
    for (int i = 0; i < count; ++i) {
        const int ts = late + i / 2 - below(late + 1);
        const std::string id = fmt::format("a{}", below(3));
        const std::string who = fmt::format("o{}", below(2));
        std::string line;
        switch (below(5)) {
            case 0: line = account(id, who, ts); break;
            case 1: line = owner(who, below(2) == 0 ? "gold" : "basic", ts); break;
            case 2:
                line = below(2) == 0 ? fmt::format(R"({{"$stream":"Account","$op":"delete","id":"{}","ts":{}}})", id, ts)
                                     : fmt::format(R"({{"$stream":"Owner","$op":"delete","id":"{}","ts":{}}})", who, ts);
                break;
            default: line = transfer(id, ts, i);
        }
        line.insert(1, fmt::format(R"("$offset":{},)", i + 1));
        lines.push_back(std::move(line));
    }
    return lines;
}

Lines sorted_by_time(Lines lines) {
    const auto time = [](const std::string& line) { return std::stoi(line.substr(line.rfind(':') + 1)); };
    std::stable_sort(lines.begin(), lines.end(), [&](const std::string& a, const std::string& b) { return time(a) < time(b); });
    return lines;
}

/// What is left standing, by id.
std::map<std::uint64_t, std::string> net(const std::vector<alerts::Output>& output) {
    std::map<std::uint64_t, std::string> standing;
    for (alerts::Alert alert : alerts_of(output)) {
        if (alert.op == alerts::Op::retract) {
            standing.erase(alert.id);
            continue;
        }
        alert.op = alerts::Op::alert;
        std::string text;
        alerts::append_json(text, alerts::Output(alert));
        standing[alert.id] = std::move(text);
    }
    return standing;
}

TEST_CASE("rows and events that come late, but not too late, come to what they come to in order") {
    const std::string rules =
        kView + kTransfer +
        "view Gold = Account join Owner on Account.owner = Owner.id where Owner.tier = \"gold\"\n"
        "rule r lookup Held as h on h.Account.id = owner when t: Transfer[h.Owner.tier = \"gold\"] by owner"
        " alert \"{h.Owner.tier}\" #\n"
        "rule c when h: Held -> i: Held[after.Owner.tier != h.after.Owner.tier] by k = Held.after.Account.id"
        " within 1h #\n"
        "rule g when x: Gold -> t: Transfer by owner = Gold.after.Account.id"
        " within 1h #\n"
        "rule w lookup Gold as g on g.Account.id = owner window 10s on Transfer by owner"
        " let golden = count(g.Owner.tier = \"gold\") where golden > 0 return last = g.Owner.id #\n"
        "rule a when r -> c by owner = c.k within 1h #\n";
    const auto with = [&](const std::string& clauses) {
        std::string text = rules;
        for (std::size_t at = text.find('#'); at != std::string::npos; at = text.find('#')) {
            text.replace(at, 1, clauses);
        }
        return text;
    };
    for (unsigned seed = 0; seed < 25; ++seed) {
        INFO("seed " << seed);
        const Lines late = random_records(seed, 120, 15);
        const auto expected = net(run_of(with(""), sorted_by_time(late)).output);
        const EngineRun whole = run_of(with("lateness 1m"), late);
        CHECK(net(whole.output) == expected);
        CHECK(late_of(whole.output).empty());
        CHECK(whole.left.events == 0);
        CHECK(json_of(run_of(with("lateness 1m"), late, 3, 7).output) == json_of(whole.output));
        CHECK(net(run_of(with("lateness 1m emit early"), late).output) == expected);
    }
}

TEST_CASE("batches and threads change no byte of what rules over tables write") {
    const std::string rules =
        kView + kTransfer +
        "rule r lookup Held as h on h.Account.id = owner when t: Transfer[h.Owner.tier = \"gold\"] by owner"
        " lateness 20s alert \"{h.Owner.tier}\"\n"
        "rule c when h: Held -> i: Held[after.Owner.tier != h.after.Owner.tier] by k = Held.after.Account.id"
        " within 1h lateness 5s\n"
        "rule a when r -> c by owner = c.k within 1h lateness 20s\n";
    Lines lines;
    for (int i = 0; i < 300; ++i) {
        const int ts = i / 2 + (i * 7919) % 17;
        const std::string id = fmt::format("a{}", i % 3);
        const std::string who = fmt::format("o{}", (i / 5) % 2);
        lines.push_back(i % 4 == 0   ? account(id, who, ts)
                        : i % 4 == 1 ? owner(who, i % 8 == 1 ? "gold" : "basic", ts)
                                     : transfer(id, ts, i));
    }
    const std::string whole = json_of(run_of(rules, lines).output);
    CHECK(whole.find("\"op\":\"retract\"") != std::string::npos);
    for (const auto& [threads, batch] : {std::pair<unsigned, std::size_t>{1, 1}, {3, 7}, {8, 64}}) {
        CHECK(json_of(run_of(rules, lines, threads, batch).output) == whole);
    }
}

// ---- change data capture

TEST_CASE("the shared envelopes are rows of their tables") {
    std::ifstream file(std::filesystem::path(TOCSIN_SHARED_DIR) / "data" / "cdc" / "debezium.ndjson");
    if (!file) {
        WARN("the shared data are not there");
        return;
    }
    Lines lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    const std::string rules =
        "table product(id: int, name: string, weight: float, age: int, address: string) key id slack 20000d\n"
        "table products(id: int, name: string) key id slack 20000d\n"
        "table paimon_1(id: int, name: string) key id slack 20000d\n"
        "rule r when p: product alert \"{p.op} {p.before.id} {p.after.id} {p.after.age}\"\n"
        "rule s when p: products or q: paimon_1 alert \"{coalesce(p.after.name, q.after.name)}\"\n";
    const EngineRun result = run_of(rules, lines);
    CHECK(result.counters.mistyped_fields == 0);
    Lines products;
    Lines others;
    for (const alerts::Alert& alert : alerts_of(result.output)) {
        (alert.rule == "r" ? products : others).push_back(alert.text);
    }
    CHECK(products == Lines{"insert null 101 null", "insert null 102 null", "insert null 103 18", "insert null 104 24",
                            "insert null 105 null", "delete 101 null null", "insert null 107 null", "insert null 101 null",
                            "update 105 105 null"});
    CHECK(others == Lines{"scooter", "scooter"});
}

}  // namespace
}  // namespace tocsin::test
