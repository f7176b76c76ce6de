// `tocsin backtest` as a command: its reports, its exit codes, and what it reads.
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>

#include <simdjson.h>

#include "cli/process.hpp"
#include "cli/store.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

const std::string kOld = "tests/cli/fixtures/backtest_old.tocsin";
const std::string kNew = "tests/cli/fixtures/backtest_new.tocsin";
const std::string kEvents = "tests/cli/fixtures/backtest.ndjson";
const std::string kLabels = "tests/cli/fixtures/backtest_labels.csv";

Finished backtest(std::vector<std::string> more) {
    std::vector<std::string> arguments{"backtest", kOld, kNew, kEvents};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tocsin(arguments);
}

/// The alerts that stand at the end of a replay, by id, in one line each.
std::map<std::string, std::string> standing(const std::vector<std::string>& replay) {
    const Finished run = run_tocsin(replay);
    REQUIRE(run.exit_code == 0);
    std::map<std::string, std::string> alerts;
    for (std::size_t begin = 0; begin < run.out.size();) {
        const std::size_t end = run.out.find('\n', begin);
        const std::string line = run.out.substr(begin, end - begin);
        const std::string id = line.substr(7, 16);
        if (line.find("\"op\":\"retract\"") != std::string::npos) {
            alerts.erase(id);
        } else if (line.find("\"op\":\"late\"") == std::string::npos) {
            alerts[id] = line;
        }
        begin = end + 1;
    }
    return alerts;
}

struct Totals {
    std::uint64_t before, after, added, removed, changed, unchanged;
};
Totals totals(const std::string& json) {
    simdjson::dom::parser parser;
    simdjson::dom::element all;
    REQUIRE(parser.parse(json).get(all) == simdjson::SUCCESS);
    const auto count = [&](const char* name) { return std::uint64_t(all["total"][name]); };
    for (const char* list : {"added", "removed", "changed"}) {
        REQUIRE(simdjson::dom::array(all[list]).size() == count(list));
    }
    return {count("old"), count("new"), count("added"), count("removed"), count("changed"), count("unchanged")};
}

}  // namespace

TEST_CASE("a backtest says what is added, removed and changed, by rule and by day, with examples and labels") {
    const std::string rename = "large_payment=big_payment";
    const Finished table = backtest({"--rename", rename, "--labels", kLabels});
    CHECK(table.exit_code == 0);
    check_golden("cli/backtest.txt", table.out);
    check_golden("cli/backtest.err.txt", table.err);
    check_golden("cli/backtest.json", backtest({"--rename", rename, "--labels", kLabels, "-f", "json"}).out);
}

TEST_CASE("without a rename and labels, and with one example of each kind") {
    check_golden("cli/backtest.short.txt", backtest({"--examples", "1"}).out);
    CHECK_THAT(backtest({"--examples", "0"}).out, !Catch::Contains("added:") && Catch::Contains("ADDED"));
}

TEST_CASE("JUnit's XML has a test a rule, which fails on what --fail-on names, or on any") {
    const TemporaryFolder folder;
    CHECK(backtest({"--junit", folder.path("any.xml")}).exit_code == 0);
    check_golden("cli/backtest.xml", read_file(folder.path("any.xml")));
    CHECK(backtest({"--junit", folder.path("changed.xml"), "--fail-on", "changed"}).exit_code == 1);
    const std::string changed = read_file(folder.path("changed.xml"));
    CHECK_THAT(changed, Catch::Contains("tests=\"3\" failures=\"1\"") && !Catch::Contains("removed 2026"));
}

TEST_CASE("the page is whole: all it shows is in it, what events say is escaped, and it loads nothing") {
    const TemporaryFolder folder;
    CHECK(backtest({"--html", folder.path("page.html"), "--labels", kLabels, "--examples", "1"}).exit_code == 0);
    const std::string page = read_file(folder.path("page.html"));
    check_golden("cli/backtest.html", page);
    CHECK_THAT(page, Catch::Contains("&lt;b&gt;Tom &amp; &quot;Co&quot;&lt;/b&gt;") && !Catch::Contains("<b>Tom"));
    for (const char* loading : {"http://", "https://", "<script", "src=", "href=", "@import", "url("}) {
        CHECK_THAT(page, !Catch::Contains(loading));
    }
}

TEST_CASE("--fail-on ends with 1 where there is such a difference, and with 0 where there is none") {
    for (const char* kind : {"added", "removed", "changed", "any"}) {
        CHECK(backtest({"--fail-on", kind}).exit_code == 1);
        CHECK(run_tocsin({"backtest", kOld, kOld, kEvents, "--fail-on", kind}).exit_code == 0);
    }
    // Only severities differ.
    const TemporaryFolder folder;
    const std::string louder = folder.write("new.tocsin", [] {
        std::string text = read_file(kOld);
        return text.replace(text.find("severity high"), 13, "severity low ");
    }());
    CHECK(run_tocsin({"backtest", kOld, louder, kEvents, "--fail-on", "added,removed"}).exit_code == 0);
    CHECK(run_tocsin({"backtest", kOld, louder, kEvents, "--fail-on", "added,changed"}).exit_code == 1);
}

TEST_CASE("a rule that is wrong on either side ends with 2, and the findings of both are drawn") {
    const TemporaryFolder folder;
    const std::string wrong = folder.write("wrong.tocsin", "rule a\n  when x: Nothing\n");
    const std::string other = folder.write("other.tocsin", "rule b\n  when x: Nowhere\n");
    CHECK(run_tocsin({"backtest", wrong, kNew, kEvents}).exit_code == 2);
    CHECK(run_tocsin({"backtest", kOld, wrong, kEvents}).exit_code == 2);
    const Finished both = run_tocsin({"backtest", wrong, other, kEvents});
    CHECK(both.exit_code == 2);
    CHECK_THAT(both.err, Catch::Contains("wrong.tocsin:2:11") && Catch::Contains("other.tocsin:2:11"));
    CHECK(both.out.empty());
    CHECK(run_tocsin({"backtest", wrong, folder.path("none.tocsin"), kEvents}).exit_code == 3);
}

TEST_CASE("wrong usage and what cannot be read or written end with 3, and say why") {
    const auto refused = [](const std::vector<std::string>& more, const std::string& why) {
        const Finished run = backtest(more);
        CHECK(run.exit_code == 3);
        CHECK_THAT(run.err, Catch::Contains(why));
    };
    refused({"--labels", "nowhere.csv"}, "nowhere.csv");
    refused({"--grace", "5m"}, "--grace is about labels");
    refused({"--labels", kLabels, "--grace", "soon"}, "--grace 'soon' is no duration");
    refused({"--rename", "a"}, "write OLD=NEW");
    refused({"--rename", "nothing=big_payment"}, "the old rules have no rule nothing");
    refused({"--fail-on", "everything"}, "--fail-on");
    refused({"--html", "/nowhere/page.html"}, "/nowhere/page.html");
    refused({"--junit", "/nowhere/junit.xml"}, "/nowhere/junit.xml");
    refused({"--data", "/nowhere"}, "no store in /nowhere");
    refused({"nowhere.ndjson"}, "nowhere.ndjson");
    refused({"--strict"}, "backtest.ndjson:7");
}

TEST_CASE("a damaged input is compared up to the damage, and ends with 3") {
    const TemporaryFolder folder;
    const std::string path = folder.write("bad.ndjson.gz", "this is no archive");
    const Finished run = run_tocsin({"backtest", kOld, kNew, kEvents, path});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.out, Catch::Contains("guessed_password"));
    CHECK_THAT(run.err, Catch::Contains("bad.ndjson.gz"));
}

TEST_CASE("inputs without events, and rules without alerts, give an empty comparison") {
    const TemporaryFolder folder;
    const Finished run = run_tocsin(
        {"backtest", kOld, kNew, folder.write("empty.ndjson", ""), "--labels", kLabels, "--html", folder.path("page.html")});
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.out,
               Catch::Contains("5 rules gave no alert on either side") && Catch::Contains("recall              -    -    -"));
    CHECK_THAT(read_file(folder.path("page.html")), !Catch::Contains("<svg"));
}

TEST_CASE("the answer is the same from a pipe, for any number of threads, and for any cut of the input") {
    const std::string expected = backtest({"-f", "json"}).out;
    RunOptions piped;
    piped.input = read_file(kEvents);
    CHECK(run_tocsin({"backtest", kOld, kNew, "backtest.ndjson=-", "-f", "json"}, piped).out == expected);
    CHECK(backtest({"-f", "json", "--threads", "1"}).out == expected);
    CHECK(backtest({"-f", "json", "--threads", "7"}).out == expected);
}

TEST_CASE("counts are those of two replays whose alerts are compared by hand") {
    const TemporaryFolder folder;
    const std::string events = folder.path("events.ndjson");
    REQUIRE(run_tocsin({"generate", "fraud", "--events", "20000", "--seed", "5", "--disorder", "4s", "-o", events}).exit_code ==
            0);
    std::string rules;
    for (const char* file : {"streams", "cards", "laundering", "takeover"}) {
        rules += read_file(std::string("rules/fraud/") + file + ".tocsin") + "\n";
    }
    const std::string before = folder.write("old.tocsin", rules);
    const std::string small = "amount < 2]{3,}";
    REQUIRE(rules.find(small) != std::string::npos);
    rules.replace(rules.find(small), small.size(), "amount < 5]{4,}");
    const std::string after = folder.write("new.tocsin", rules);

    // Only one rule is another: the ids of all others are the same on both sides, and so are their lines.
    const auto old_alerts = standing({"replay", "-r", before, events, "-f", "ndjson", "-q"});
    const auto new_alerts = standing({"replay", "-r", after, events, "-f", "ndjson", "-q"});
    std::size_t same_lines = 0;
    for (const auto& [id, line] : old_alerts) {
        const auto other = new_alerts.find(id);
        same_lines += other != new_alerts.end() && other->second == line ? 1U : 0U;
    }
    const auto of_rule = [](const auto& alerts) {
        return static_cast<std::uint64_t>(std::ranges::count_if(
            alerts, [](const auto& one) { return one.second.find("\"rule\":\"card_testing\"") != std::string::npos; }));
    };
    const Totals found = totals(run_tocsin({"backtest", before, after, events, "-f", "json"}).out);
    CHECK(found.before == old_alerts.size());
    CHECK(found.after == new_alerts.size());
    CHECK(same_lines == old_alerts.size() - of_rule(old_alerts));
    CHECK(found.unchanged >= same_lines);
    CHECK(found.removed + found.changed + (found.unchanged - same_lines) == of_rule(old_alerts));
    CHECK(found.added + found.changed + (found.unchanged - same_lines) == of_rule(new_alerts));
    CHECK(found.removed > 0);
}

TEST_CASE("sides that read the time from different fields merge their inputs in their own order, as a replay does") {
    const TemporaryFolder folder;
    std::string forward;
    std::string backward;
    for (int i = 0; i < 3000; ++i) {
        const std::string up = std::to_string(1'767'571'200'000 + i * 1000);
        const std::string down = std::to_string(1'767'571'200'000 + (3000 - i) * 1000);
        forward += "{\"a\":" + up + ",\"b\":" + down + ",\"n\":" + std::to_string(i % 10) + "}\n";
        backward += "{\"a\":" + std::to_string(1'767'571'200'500 + i * 1000) + ",\"b\":" + up +
                    ",\"n\":" + std::to_string(i % 7) + "}\n";
    }
    const auto rules = [&](const char* time) {
        return folder.write(std::string(time) + ".tocsin",
                            std::string("stream S(a: time, b: time, n: int)\n  time ") + time +
                                "\n  slack 1s\n\nrule r\n  when x: S[n = 1] => y: S[n = 2]\n  within 1h\n");
    };
    const std::string by_a = rules("a");
    const std::string by_b = rules("b");
    const std::vector<std::string> inputs{folder.write("f.ndjson", forward), folder.write("g.ndjson", backward)};
    const auto replayed = [&](const std::string& path) {
        return standing({"replay", "-r", path, inputs[0], inputs[1], "-f", "ndjson", "-q"}).size();
    };
    const Totals found = totals(run_tocsin({"backtest", by_a, by_b, inputs[0], inputs[1], "-f", "json"}).out);
    CHECK(found.before == replayed(by_a));
    CHECK(found.after == replayed(by_b));
    CHECK(found.before > 0);
    CHECK(found.before != found.after);
}

TEST_CASE("replay and backtest read the log of a service, in the order in which its records came") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("r.tocsin",
                                           "stream A(n: int, ts: time)\n  time ts\n  from \"web\"\n"
                                           "stream B(n: int, ts: time)\n  time ts\n  from \"shop\"\n\n"
                                           "rule both\n  when a: A -> b: B[n = a.n]\n  within 1h\n  alert \"{a.n}\"\n");
    const auto record = [](int n, const char* time) {
        return "{\"n\":" + std::to_string(n) + ",\"ts\":\"2026-01-05T10:0" + time + "Z\"}\n";
    };
    fill_store(folder.path("data"), {{"web", record(1, "0:00")},
                                     {"web", record(2, "0:01") + record(3, "0:02")},
                                     {"shop", record(1, "1:00")},
                                     {"web", record(4, "3:00")},
                                     {"shop", record(3, "2:00") + record(7, "2:30") + record(4, "4:00")}});
    const Finished run =
        run_tocsin({"replay", "-r", rules, "--data", folder.path("data"), "-f", "ndjson", "--summary", folder.path("s.json")});
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.out,
               Catch::Contains("\"text\":\"1\"") && Catch::Contains("\"text\":\"3\"") && Catch::Contains("\"text\":\"4\""));
    CHECK_THAT(run.out, Catch::Contains(R"({"input":"web","partition":"0","offset":3,)") &&
                            Catch::Contains(R"({"input":"shop","partition":"0","offset":4,)"));
    CHECK_THAT(read_file(folder.path("s.json")), Catch::Contains("\"name\": \"events\""));

    // A file goes with it, but not under a name that the log has.
    const std::string more = folder.write("more.ndjson", record(9, "5:00"));
    CHECK(run_tocsin({"replay", "-r", rules, "--data", folder.path("data"), more, "-f", "none"}).exit_code == 0);
    const Finished twice = run_tocsin({"replay", "-r", rules, "--data", folder.path("data"), "web=" + more, "-f", "none"});
    CHECK(twice.exit_code == 3);
    CHECK_THAT(twice.err, Catch::Contains("two inputs are named web"));

    const std::string fewer = folder.write("n.tocsin", [&] {
        std::string text = read_file(rules);
        return text.replace(text.find("b: B[n = a.n]"), 13, "b: B[n = a.n and n > 1]");
    }());
    const Totals found = totals(run_tocsin({"backtest", rules, fewer, "--data", folder.path("data"), "-f", "json"}).out);
    CHECK(found.before == 3);
    CHECK(found.after == 2);
    CHECK(found.removed == 1);
}

TEST_CASE("an interrupt ends a backtest by the signal, without a comparison") {
    const TemporaryFolder folder;
    const std::string pipe = folder.path("pipe.ndjson");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    Running running({"backtest", kOld, kNew, pipe, "--html", folder.path("page.html")}, folder.path("err"));
    std::ofstream writer(pipe);
    writer << "not a record\n" << std::flush;
    static_cast<void>(running.await("pipe.ndjson:1: "));
    running.signal(SIGINT);
    CHECK(running.wait() == 128 + SIGINT);
    CHECK(read_file(folder.path("page.html")).empty());
}
