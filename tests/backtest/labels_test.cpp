// The truth beside the alerts: how it is read, what hits what, and the figures, computed by hand.
#include "backtest/comparing.hpp"
#include "support/temporary_folder.hpp"

using namespace tocsin;
using namespace tocsin::test;
using backtest::Label;
using backtest::Labels;

namespace {

EventTime at(const std::string& time) {
    const auto parsed = parse_rfc3339("2026-01-05T" + time + "Z");
    REQUIRE(parsed);
    return *parsed;
}

alerts::Alert alert(const std::string& user, const std::string& first, const std::string& time) {
    alerts::Alert made;
    made.rule = "guessed";
    made.key = {{"user", "\"" + user + "\""}};
    made.values = {{"n", "3"}, {"total", "12.5"}, {"flag", "true"}};
    made.first = at(first);
    made.last = at(time);
    made.time = at(time);
    return made;
}

Label label(const std::string& from, const std::string& to, std::vector<std::pair<std::string, std::string>> key = {}) {
    return {.rule = {}, .key = std::move(key), .from = at(from), .to = at(to)};
}

/// Whether the one label is hit.
bool hits(const Label& truth, const alerts::Alert& one, Duration grace = Duration(0)) {
    return Labels({truth}, grace).hit_by(one, one.rule).size() == 1;
}

backtest::LabelFile read(const std::string& name, const std::string& text) {
    const TemporaryFolder folder;
    auto file = backtest::read_labels(folder.write(name, text), {"user", "src.ip", "time"}, {});
    INFO((file ? "" : file.error().message));
    REQUIRE(file);
    return std::move(*file);
}

std::string refused(const std::string& name, const std::string& text) {
    const TemporaryFolder folder;
    const std::string path = folder.write(name, text);
    const auto file = backtest::read_labels(path, {"user"}, {});
    REQUIRE_FALSE(file);
    return file.error().message.substr(path.size());
}

}  // namespace

TEST_CASE("an alert hits a label whose time its own meets, at either end exactly") {
    const auto one = alert("ann", "10:00:00", "10:05:00");
    CHECK(hits(label("10:02:00", "10:02:00"), one));
    CHECK(hits(label("10:05:00", "10:09:00"), one));
    CHECK(hits(label("09:00:00", "10:00:00"), one));
    CHECK_FALSE(hits(label("10:05:01", "10:09:00"), one));
    CHECK_FALSE(hits(label("09:00:00", "09:59:59"), one));
}

TEST_CASE("grace lets an alert begin later, by so much and no more") {
    const auto one = alert("ann", "10:00:00", "10:05:00");
    CHECK(hits(label("09:00:00", "09:59:00"), one, std::chrono::minutes(1)));
    CHECK_FALSE(hits(label("09:00:00", "09:58:59"), one, std::chrono::minutes(1)));
    // It is no licence to come too early.
    CHECK_FALSE(hits(label("10:05:01", "10:06:00"), one, std::chrono::minutes(1)));
}

TEST_CASE("a label's rule and all of its key must be the alert's") {
    const auto one = alert("ann", "10:00:00", "10:05:00");
    const auto keyed = [&](std::vector<std::pair<std::string, std::string>> key) {
        return hits(label("10:00:00", "10:00:00", std::move(key)), one);
    };
    CHECK(keyed({{"user", "ann"}}));
    CHECK_FALSE(keyed({{"user", "bob"}}));
    CHECK_FALSE(keyed({{"host", "ann"}}));
    CHECK(keyed({{"user", "ann"}, {"n", "3"}}));
    CHECK_FALSE(keyed({{"user", "ann"}, {"n", "4"}}));
    Label named = label("10:00:00", "10:00:00");
    named.rule = "guessed";
    CHECK(hits(named, one));
    named.rule = "other";
    CHECK_FALSE(hits(named, one));
}

TEST_CASE("a label's text is any value that reads so") {
    const auto one = alert("007", "10:00:00", "10:05:00");
    const auto keyed = [&](const char* name, const char* text) {
        return hits(label("10:00:00", "10:00:00", {{name, text}}), one);
    };
    CHECK(keyed("n", "3.0"));
    CHECK(keyed("total", "12.50"));
    CHECK(keyed("flag", "true"));
    CHECK(keyed("user", "007"));
    CHECK_FALSE(keyed("user", "7"));
    auto by_ip = alert("ann", "10:00:00", "10:05:00");
    by_ip.key = {{"ip", "\"2001:db8::1\""}};
    CHECK(hits(label("10:00:00", "10:00:00", {{"ip", "2001:0db8:0::1"}}), by_ip));
}

TEST_CASE("a long label is found behind many short ones") {
    std::vector<Label> labels{label("00:00:00", "23:00:00", {{"user", "ann"}})};
    for (int minute = 0; minute < 59; ++minute) {
        const std::string time = (minute < 10 ? "01:0" : "01:") + std::to_string(minute) + ":00";
        labels.push_back(label(time, time, {{"user", "ann"}}));
    }
    CHECK(Labels(labels, Duration(0)).hit_by(alert("ann", "10:00:00", "10:00:00"), "guessed") == std::vector<std::uint32_t>{0});
    CHECK(Labels(labels, Duration(0)).hit_by(alert("ann", "01:30:00", "01:30:00"), "guessed") ==
          std::vector<std::uint32_t>{0, 31});
}

TEST_CASE("labels are read from CSV: quoted, with days, milliseconds, empty cells and columns that mean nothing") {
    const auto file = read("l.csv",
                           "user,src.ip,time,from,to,amount,note,rule\n"
                           "ann,10.0.0.7,2026-01-05T10:00:00+01:00,,,12.50,\"a, b\",guessed\n"
                           ",,2026-01-05,,,,,\n"
                           "\"b\"\"ob\",,,1767571200000,2026-01-06,1e3,,\n"
                           "eve,,2026-01-05 10:00:00,,,0,,\n");
    CHECK(file.ignored == std::vector<std::string>{"note"});
    REQUIRE(file.labels.size() == 4);
    CHECK(file.labels[0].key == std::vector<std::pair<std::string, std::string>>{{"user", "ann"}, {"src.ip", "10.0.0.7"}});
    CHECK(file.labels[0].rule == "guessed");
    CHECK(file.labels[0].from == at("09:00:00"));
    CHECK(file.labels[0].to == at("09:00:00"));
    CHECK(file.labels[0].amount == 12.5);
    CHECK(file.labels[1].key.empty());
    CHECK_FALSE(file.labels[1].rule);
    CHECK(file.labels[1].from == at("00:00:00"));
    CHECK(file.labels[1].to == at("23:59:59.999999"));
    CHECK(file.labels[2].key.front().second == "b\"ob");
    CHECK(file.labels[2].from == at("00:00:00"));
    CHECK(file.labels[2].to == at("23:59:59.999999") + std::chrono::hours(24));
    CHECK(file.labels[2].amount == 1000);
    CHECK(file.labels[3].from == at("10:00:00"));
}

TEST_CASE("labels are read from NDJSON: nested keys, numbers, and a part of a key that is named like a column") {
    const auto file =
        read("l.ndjson", R"({"key":{"user":"ann","time":5},"time":"2026-01-05T10:00:00Z","amount":7,"note":"x"})"
                         "\n"
                         R"({"src":{"ip":"10.0.0.7"},"user":42,"from":"2026-01-05T10:00:00Z","to":"2026-01-05T11:00:00Z"})"
                         "\n");
    REQUIRE(file.labels.size() == 2);
    CHECK(file.labels[0].key == std::vector<std::pair<std::string, std::string>>{{"user", "ann"}, {"time", "5"}});
    CHECK(file.labels[0].amount == 7);
    CHECK(file.labels[1].key == std::vector<std::pair<std::string, std::string>>{{"user", "42"}, {"src.ip", "10.0.0.7"}});
}

TEST_CASE("what is no label is refused with its place") {
    CHECK(refused("l.csv", "user,time\nann,yesterday\n") ==
          ":2: 'yesterday' is no time; write 2026-11-23T10:00:00Z, 2026-11-23, or Unix milliseconds");
    CHECK(refused("l.csv", "user\nann\n") == ":2: a label has either `time`, or `from` and `to`");
    CHECK(refused("l.csv", "time,from,to\n2026-01-05,2026-01-05,2026-01-05\n") ==
          ":2: a label has either `time`, or `from` and `to`");
    CHECK(refused("l.csv", "from,to\n2026-01-05,\n") == ":2: a label has either `time`, or `from` and `to`");
    CHECK(refused("l.csv", "from,to\n2026-01-05,2026-01-04\n") == ":2: `to` is before `from`");
    for (const char* amount : {"12 EUR", "-1", "nan", "inf"}) {
        CHECK(refused("l.csv", std::string("time,amount\n2026-01-05,") + amount + "\n") ==
              std::string(":2: '") + amount + "' is no amount: a number of at least 0, with a point and without a currency");
    }
    CHECK_THAT(refused("l.ndjson", "{\"time\":\"2026-01-05\"}\n{\"time\":\n"), Catch::StartsWith(":2: "));
    CHECK_THAT(refused("l.ndjson", "{\"$watermark\":{\"ts\":\"2026-01-05T10:00:00Z\"}}\n"),
               Catch::Contains("a heartbeat is no label"));
    CHECK_FALSE(backtest::read_labels("/nowhere/labels.csv", {}, {}));
}

TEST_CASE("an empty file is no labels") { CHECK(read("l.csv", "").labels.empty()); }

TEST_CASE("precision, recall, F1 and amounts are those of the book") {
    // Old: 4 alerts, 3 of them true, 2 of 5 labels caught: P 3/4, R 2/5, F1 2 * 0.75 * 0.4 / 1.15.
    const backtest::SideScore side{.alerts = 4, .true_alerts = 3, .labels = 5, .caught = 2, .amount = 100, .caught_amount = 30};
    CHECK(*side.precision() == Approx(0.75));
    CHECK(*side.recall() == Approx(0.4));
    CHECK(*side.f1() == Approx(0.6 / 1.15));
    CHECK(side.missed_amount() == 70);
    const backtest::SideScore nothing{};
    CHECK_FALSE(nothing.precision());
    CHECK_FALSE(nothing.recall());
    CHECK_FALSE(nothing.f1());
    const backtest::SideScore wrong{.alerts = 1, .true_alerts = 0, .labels = 1};
    CHECK(wrong.f1() == 0.0);
}

TEST_CASE("both sides are held against the labels, each alert and each label once") {
    const std::string stream = "stream Pay(user: string, amount: float, ts: time)\n  time ts\n";
    const auto rule = [&](int least) {
        return stream + "rule large\n  when p: Pay[amount >= " + std::to_string(least) + "]\n  by user\n";
    };
    std::string events;
    for (const auto& [user, amount, minute] :
         {std::tuple("ann", 10, "00"), {"ann", 20, "01"}, {"bob", 30, "02"}, {"eve", 40, "03"}, {"zoe", 5, "30"}}) {
        events += std::string("{\"user\":\"") + user + "\",\"amount\":" + std::to_string(amount) +
                  ",\"ts\":\"2026-01-05T10:" + minute + ":00Z\"}\n";
    }
    // One of ann that two alerts hit, one of eve, one of zoe that no rule sees, one of hours before, one of a rule that is
    // not there.
    std::vector<Label> truth{label("10:00:00", "10:05:00", {{"user", "ann"}}), label("10:03:00", "10:03:00", {{"user", "eve"}}),
                             label("10:30:00", "10:30:00", {{"user", "zoe"}}), label("01:00:00", "02:00:00"),
                             label("10:02:00", "10:02:00")};
    truth[4].rule = "gone";
    const double amounts[] = {100, 20, 3, 1000, 50};
    for (std::size_t i = 0; i < truth.size(); ++i) {
        truth[i].amount = amounts[i];
    }
    const Labels labels(truth, Duration(0));
    const auto old_program = compile(rule(10));
    const auto new_program = compile(rule(25));
    auto comparer = backtest::Comparer::create({old_program, new_program, {}}, &labels);
    REQUIRE(comparer);
    Replayed before = replay_text(old_program, events);
    Replayed after = replay_text(new_program, events);
    comparer->take(Side::before, before.output);
    comparer->take(Side::after, after.output);
    comparer->see(at("10:00:00"));
    comparer->see(at("10:30:00"));
    const Comparison result = std::move(*comparer).finish();
    REQUIRE(result.score);
    const backtest::Score& score = *result.score;
    CHECK(score.labels == 5);
    CHECK(score.outside == 1);
    CHECK(score.without_key == 2);
    CHECK(score.unknown_rules == std::vector<std::string>{"gone"});
    // Old: ann twice, bob, eve: 4 alerts, 3 true; caught ann and eve of 4 labels.
    CHECK(score.before.alerts == 4);
    CHECK(score.before.true_alerts == 3);
    CHECK(score.before.labels == 4);
    CHECK(score.before.caught == 2);
    CHECK(score.before.amount == 173);
    CHECK(score.before.caught_amount == 120);
    // New: bob and eve.
    CHECK(*score.after.precision() == Approx(0.5));
    CHECK(*score.after.recall() == Approx(0.25));
    CHECK(score.after.missed_amount() == 153);
    REQUIRE(score.rules.size() == 1);
    CHECK(score.rules[0].before.labels == 3);
}
