#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "cli/process.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin::test;

namespace {

const std::string kRules = "tests/cli/fixtures/logins.tocsin";
const std::string kEvents = "tests/cli/fixtures/logins.ndjson";

Finished replay(std::vector<std::string> arguments, const RunOptions& options = {}) {
    std::vector<std::string> all{"replay", "--rules", kRules};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_tocsin(all, options);
}

auto lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// The summary with its times and rates, which differ from run to run, as `#`.
std::string without_figures(std::string text) {
    const std::size_t begin = text.find(" in ");
    const std::size_t end = text.find('\n', begin);
    return text.replace(begin, end - begin, " in #");
}

}  // namespace

TEST_CASE("a pipe gets one JSON object a line, and the summary goes to standard error") {
    const Finished run = replay({kEvents});
    CHECK(run.exit_code == 0);
    check_golden("cli/replay.ndjson", run.out);
    check_golden("cli/replay.summary.txt", without_figures(run.err));
}

TEST_CASE("the table has one line an alert") {
    const Finished run = replay({"--format", "table", "--quiet", kEvents});
    CHECK(run.exit_code == 0);
    check_golden("cli/replay.table.txt", run.out);
}

TEST_CASE("threads and batches change no byte of the output") {
    const std::string expected = replay({"-q", "--threads", "1", kEvents}).out;
    REQUIRE(lines(expected) > 1);
    for (const char* threads : {"1", "2", "8"}) {
        for (const char* batch : {"1", "7", "4096"}) {
            CAPTURE(threads, batch);
            CHECK(replay({"-q", "--threads", threads, "--batch", batch, kEvents}).out == expected);
        }
    }
}

TEST_CASE("format none writes no alerts, and the summary file has the counters") {
    const TemporaryFolder folder;
    const Finished run = replay({"--format", "none", "--summary", folder.path("s.json"), kEvents});
    CHECK(run.out.empty());
    const std::string summary = read_file(folder.path("s.json"));
    for (const char* member : {R"("events": 12)", R"("alerts": 2)", R"("too_late": 1)", R"("unparsable": 1)",
                               R"("null_keys": 1)", R"("without_time": 1)"}) {
        CHECK_THAT(summary, Catch::Contains(member));
    }
}

TEST_CASE("too-late records go to a file of their own where one is given") {
    const TemporaryFolder folder;
    const Finished run = replay({"-q", "--late", folder.path("late.ndjson"), kEvents});
    CHECK_THAT(run.out, !Catch::Contains(R"("op":"late")"));
    const std::string late = read_file(folder.path("late.ndjson"));
    CHECK(lines(late) == 1);
    CHECK_THAT(late, Catch::StartsWith(R"({"op":"late","stream":"Login","behind_ms":50000,"rules":["guessed_password"])"));
}

TEST_CASE("standard input is an input like any other") {
    const std::string text = read_file(kEvents);
    const std::string expected = replay({"-q", "stdin=" + kEvents}).out;
    CHECK(replay({"-q", "-"}, {.input = text}).out == expected);
    CHECK(replay({"-q"}, {.input = text}).out == expected);
}

TEST_CASE("an input can be named") {
    CHECK_THAT(replay({"-q", "logins=" + kEvents}).out, Catch::Contains(R"({"input":"logins","partition":"0")"));
}

TEST_CASE("packed inputs give what plain ones give") {
    const TemporaryFolder folder;
    const std::string packed = folder.write("logins.ndjson", read_file(kEvents));
    REQUIRE(std::system(("gzip -k " + packed).c_str()) == 0);
    CHECK(replay({"-q", "x=" + packed + ".gz"}).out == replay({"-q", "x=" + packed}).out);
}

TEST_CASE("a truncated archive gives what it holds, an error, and exit code 3") {
    const TemporaryFolder folder;
    const std::string packed = folder.write("logins.ndjson", read_file(kEvents));
    REQUIRE(std::system(("gzip -c " + packed + " | head -c 150 > " + packed + ".gz").c_str()) == 0);
    const Finished run = replay({packed + ".gz"});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("tocsin: error: ") && Catch::Contains("logins.ndjson.gz"));
    CHECK_THAT(run.err, Catch::Contains(" events in "));
}

TEST_CASE("several inputs are merged by event time") {
    const TemporaryFolder folder;
    std::string odd;
    std::string even;
    std::string all;
    for (int i = 0; i < 40; ++i) {
        const std::string record = R"({"$offset":)" + std::to_string(i) + R"(,"ts":)" + std::to_string(i * 1000) +
                                   R"(,"user":"u)" + std::to_string(i % 3) + R"(","status":")" + (i % 10 < 8 ? "fail" : "ok") +
                                   "\"}\n";
        (i % 2 == 0 ? even : odd) += record;
        all += record;
    }
    const auto texts = [](const std::string& out) {
        std::string found;
        for (std::size_t at = out.find("\"text\":"); at != std::string::npos; at = out.find("\"text\":", at + 1)) {
            found += out.substr(at, out.find('}', at) - at) + "\n";
        }
        return found;
    };
    const std::string expected = texts(replay({"-q", folder.write("all.ndjson", all)}).out);
    REQUIRE(lines(expected) > 1);
    for (const char* threads : {"1", "4"}) {
        CHECK(texts(replay({"-q", "--threads", threads, folder.write("odd.ndjson", odd), folder.write("even.ndjson", even)})
                        .out) == expected);
    }
}

TEST_CASE("two inputs of one name are refused") {
    const Finished run = replay({kEvents, kEvents});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("two inputs are named logins.ndjson"));
}

TEST_CASE("events outside --from and --to are passed over") {
    const Finished run = replay({"--from", "2026-11-23T10:02:30Z", "--to", "2026-11-23T10:03:30Z", kEvents});
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Catch::Contains("outside --from"));
    CHECK(lines(replay({"-q", "--from", "2026-11-23T10:02:30Z", kEvents}).out) == 1);
    CHECK(replay({"--from", "yesterday", kEvents}).exit_code == 3);
}

TEST_CASE("unreadable records are reported with file, line and reason: the first few, then a count") {
    std::string input;
    for (int i = 0; i < 14; ++i) {
        input += "broken\n";
    }
    const Finished run = replay({"-"}, {.input = input});
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.err, Catch::Contains("warning: stdin:1: ") && Catch::Contains("warning: stdin:10: "));
    CHECK_THAT(run.err, !Catch::Contains("stdin:11: "));
    CHECK_THAT(run.err, Catch::Contains("and 4 records more could not be read") && Catch::Contains("unparsable 14"));
    CHECK_THAT(replay({"--limit", "reported_records=1", "-"}, {.input = input}).err, !Catch::Contains("stdin:2: "));
}

TEST_CASE("--strict ends at the first unreadable record") {
    const Finished run = replay({"--strict", kEvents});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("error: logins.ndjson:8: "));
}

TEST_CASE("an empty input gives no alerts and no error") {
    const Finished run = replay({"-"});
    CHECK(run.exit_code == 0);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Catch::StartsWith("0 events"));
}

TEST_CASE("a wrong rule is exit code 2, with its place") {
    const TemporaryFolder folder;
    const std::string rules = folder.write("wrong.tocsin", "rule r\n  when a: Nothing\n");
    const Finished run = run_tocsin({"replay", "--rules", rules, kEvents});
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Catch::Contains("wrong.tocsin:2:11: error["));
}

TEST_CASE("wrong usage and missing files are exit code 3") {
    CHECK(run_tocsin({}).exit_code == 3);
    CHECK(run_tocsin({"replay", kEvents}).exit_code == 3);
    CHECK(replay({"--unknown", kEvents}).exit_code == 3);
    CHECK(replay({"--format", "xml", kEvents}).exit_code == 3);
    CHECK(replay({"--threads", "0", kEvents}).exit_code == 3);
    CHECK(replay({"--speed", "fast", kEvents}).exit_code == 3);
    CHECK(run_tocsin({"replay", "--rules", "/nonexistent.tocsin", kEvents}).exit_code == 3);
    const Finished run = replay({"/nonexistent.ndjson"});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("/nonexistent.ndjson") && Catch::Contains("No such file or directory"));
}

TEST_CASE("alerts that cannot be written are an error, not lost") {
    const Finished run = replay({kEvents}, {.out_path = "/dev/full"});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("cannot write standard output: No space left on device"));
    CHECK(replay({"--summary", "/dev/full", kEvents}).exit_code == 3);
    CHECK(replay({"--late", "/dev/full", kEvents}).exit_code == 3);
}

TEST_CASE("further rule files may follow --rules") {
    const TemporaryFolder folder;
    const std::string other = folder.write("other.tocsin", "rule any_login\n  when l: Login\n  alert \"{l.user}\"\n");
    const Finished run = replay({other, "-q", kEvents});
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.out, Catch::Contains(R"("rule":"any_login")") && Catch::Contains(R"("rule":"guessed_password")"));
}

TEST_CASE("the output is never coloured when it goes to a pipe") {
    CHECK_THAT(replay({"--format", "table", kEvents}).out, !Catch::Contains("\x1b"));
}

TEST_CASE("pacing lets event time go by at the given speed") {
    const auto started = std::chrono::steady_clock::now();
    const Finished run = replay({"-q", "--speed", "600x", kEvents});  // 210 s of event time
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    CHECK(run.out == replay({"-q", kEvents}).out);
    CHECK(took.count() >= 0.34);
}

TEST_CASE("an interrupt writes what was found so far and ends by the signal") {
    const TemporaryFolder folder;
    const std::string out = folder.path("out");
    const std::string err = folder.path("err");
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string command = std::string("exec ") + TOCSIN_BINARY + " replay --speed 10x -r " + kRules + " " + kEvents +
                                    " > " + out + " 2> " + err;
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    ::usleep(1'500'000);
    REQUIRE(::kill(child, SIGINT) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
    CHECK_THAT(read_file(err), Catch::Contains("interrupted"));
}
