// check, fmt, test, explain, infer, completion, version, help.
#include <algorithm>
#include <filesystem>

#include "cli/process.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin::test;

namespace {

const std::string kRules = "tests/cli/fixtures/logins.tocsin";

}  // namespace

TEST_CASE("check lists the rules with their bounds") {
    const Finished run = run_tocsin({"check", kRules});
    CHECK(run.exit_code == 0);
    check_golden("cli/check.txt", run.out);
}

TEST_CASE("check --json lists findings and rules for programs") {
    const TemporaryFolder folder;
    const std::string path =
        folder.write("wrong.tocsin", "stream S(a: int, ts: time)\n  time ts\n\nrule r\n  when s: S[b = 1]\n");
    const Finished run = run_tocsin({"check", "--json", path});
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.out, Catch::Contains(R"("severity": "error")") && Catch::Contains(R"("line": 5)") &&
                            Catch::Contains(R"("rules": [])"));
    check_golden("cli/check.json", run_tocsin({"check", "--json", kRules}).out);
}

TEST_CASE("one warning is fine, unless warnings are denied") {
    const std::string rules = "tests/golden/check/W0602.tocsin";
    const Finished fine = run_tocsin({"check", rules});
    CHECK(fine.exit_code == 0);
    CHECK_THAT(fine.out, Catch::Contains("warning[W0602]"));
    CHECK(run_tocsin({"check", "--deny-warnings", rules}).exit_code == 1);
}

TEST_CASE("check reports all errors of all files") {
    const TemporaryFolder folder;
    static_cast<void>(folder.write("a.tocsin", "rule one\n  when a: Nothing\n"));
    static_cast<void>(folder.write("b.tocsin", "rule two\n  when b: Nowhere\n"));
    const Finished run = run_tocsin({"check", folder.path("")});
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.out, Catch::Contains("a.tocsin:2:11") && Catch::Contains("b.tocsin:2:11"));
}

TEST_CASE("an error of syntax hides no other error, and makes none where the name of its declaration is used") {
    const TemporaryFolder folder;
    static_cast<void>(folder.write("a.tocsin", "stream A(x: int, ts time)\nstream B(x: itn, ts: time) time ts\n"));
    static_cast<void>(folder.write("b.tocsin", "rule one\n  when a: A[x = 1] -> b: Nowhere\n"));
    const Finished run = run_tocsin({"check", folder.path("")});
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.out, Catch::Contains("a.tocsin:1:21: error[E0101]") && Catch::Contains("a.tocsin:2:13: error[E0209]") &&
                            Catch::Contains("b.tocsin:2:26: error[E0202]") && Catch::Contains("3 errors"));
}

TEST_CASE("a folder without rules is an error") {
    const TemporaryFolder folder;
    const Finished run = run_tocsin({"check", folder.path("")});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("no .tocsin file in"));
}

TEST_CASE("fmt rewrites a file once, keeps its permissions, and then leaves it alone") {
    namespace fs = std::filesystem;
    const TemporaryFolder folder;
    const std::string path = folder.write("a.tocsin", "stream  S( a:int,ts : time ) time ts\nrule r when s:S [a=1]\n");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    CHECK(run_tocsin({"fmt", "--check", path}).exit_code == 1);
    const Finished run = run_tocsin({"fmt", path});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "formatted " + path + "\n");
    check_golden("cli/fmt.tocsin", read_file(path));
    CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(run_tocsin({"fmt", "--check", path}).exit_code == 0);
    CHECK(run_tocsin({"fmt", path}).out.empty());
}

TEST_CASE("fmt - is a filter") {
    const Finished run = run_tocsin({"fmt", "-"}, {.input = "rule r when s:S [a=1]"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == run_tocsin({"fmt", "-"}, {.input = run.out}).out);
    CHECK(run_tocsin({"fmt", "-"}, {.input = "rule"}).exit_code == 2);
}

TEST_CASE("fmt leaves a file with errors as it is") {
    const TemporaryFolder folder;
    const std::string path = folder.write("a.tocsin", "rule r\n  when\n");
    CHECK(run_tocsin({"fmt", path}).exit_code == 2);
    CHECK(read_file(path) == "rule r\n  when\n");
}

TEST_CASE("test runs the tests of a file") {
    const Finished run = run_tocsin({"test", kRules});
    CHECK(run.exit_code == 0);
    CHECK(run.out ==
          "PASS guessed_password: three failures and a success\n"
          "PASS guessed_password: two failures are not enough\n"
          "2 passed, 0 failed\n");
}

TEST_CASE("a test's row is held against the types of its own stream only") {
    const TemporaryFolder folder;
    const std::string streams = "stream A(status: int, ts: time) time ts\nstream B(status: string, ts: time) time ts\n";
    const std::string rules = "rule a when x: A[status = 1] -> y: B[status = \"1\"] within 1m\n";
    const std::string path = folder.write(
        "a.tocsin", streams + rules + "test \"both\" for a\n 10:00:00 A status=1\n 10:00:01 B status=\"1\"\n expect alert\n");
    const Finished run = run_tocsin({"test", path});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "PASS a: both\n1 passed, 0 failed\n");
}

TEST_CASE("a test's row that its stream would not take fails the test") {
    const TemporaryFolder folder;
    const std::string path = folder.write("a.tocsin",
                                          "stream A(kind: string, ts: time) time ts where kind = \"a\"\n"
                                          "rule r when x: A\n"
                                          "test \"fits\" for r\n 10:00:00 A kind=\"a\"\n expect alert\n"
                                          "test \"does not\" for r\n 10:00:00 A kind=\"b\"\n expect nothing\n"
                                          "test \"says nothing\" for r\n 10:00:00 A\n expect nothing\n");
    const Finished run = run_tocsin({"test", path});
    CHECK(run.exit_code == 1);
    const std::string why = ": the row does not fit the `where` of A: no such record would be one of its events\n";
    CHECK_THAT(run.out, Catch::Contains("PASS r: fits") && Catch::Contains(path + ":7" + why) &&
                            Catch::Contains(path + ":10" + why) && Catch::Contains("1 passed, 2 failed"));
}

TEST_CASE("test shows what differs, and --junit writes it for machines") {
    const TemporaryFolder folder;
    const std::string path = folder.write("a.tocsin", read_file(kRules) + R"(
test "wrong time, wrong user, too much" for guessed_password
  10:00:00 Login user="ann" status="fail"
  10:00:10 Login user="ann" status="fail"
  10:00:20 Login user="ann" status="fail"
  10:00:30 Login user="ann" status="ok"
  expect nothing
  10:00:50 Login user="bob" status="ok"
  expect alert user="ann" at 10:00:31
  expect alert user="bob"
)");
    const Finished run = run_tocsin({"test", path, "--junit", folder.path("out.xml")});
    CHECK(run.exit_code == 1);
    CHECK_THAT(run.out, Catch::Contains("FAIL guessed_password: wrong time, wrong user, too much (" + path +
                                        ":26)\n"
                                        "     " +
                                        path +
                                        ":33: - expected and not written, + written and not expected\n"
                                        "     - alert user=\"ann\" at 10:00:31\n"
                                        "     - alert user=\"bob\"\n"
                                        "     + alert user=\"ann\" at 10:00:30\n"
                                        "2 passed, 1 failed\n"));
    CHECK_THAT(read_file(folder.path("out.xml")), Catch::Contains(R"(tests="3" failures="1")"));
}

TEST_CASE("what is written after the last expect is not passed over") {
    const TemporaryFolder folder;
    const std::string path = folder.write("a.tocsin", read_file(kRules) + R"(
test "unseen" for guessed_password
  expect nothing
  10:00:00 Login user="ann" status="fail"
  10:00:10 Login user="ann" status="fail"
  10:00:20 Login user="ann" status="fail"
  10:00:30 Login user="ann" status="ok"
)");
    const Finished run = run_tocsin({"test", path, "--run", "unseen"});
    CHECK(run.exit_code == 1);
    CHECK_THAT(run.out, Catch::Contains("+ alert user=\"ann\" at 10:00:30\n0 passed, 1 failed\n"));
}

TEST_CASE("watermarks, late records and idle streams can be tested") {
    const TemporaryFolder folder;
    const std::string path = folder.write("a.tocsin", R"(
stream A(k: int, ts: time)
  time ts
stream B(k: int, ts: time)
  time ts

rule pair
  when   a: A -> b: B
  by     k
  within 1h

test "the other stream holds the watermark back" for pair
  10:00:00 A k=1
  10:00:01 B k=1
  expect nothing
  watermark A 10:00:02
  expect nothing
  watermark B 10:00:02
  expect alert k=1 at 10:00:01
  10:00:00 A k=2
  expect late k=2 behind_ms=2000

test "an idle stream does not hold it back" for pair
  10:00:00 A k=1
  10:00:01 B k=1
  idle A
  expect nothing
  10:00:05 B k=2
  expect alert k=1
)");
    const Finished run = run_tocsin({"test", path});
    CAPTURE(run.out, run.err);
    CHECK(run.exit_code == 0);
}

TEST_CASE("--run chooses tests by a regular expression") {
    CHECK_THAT(run_tocsin({"test", kRules, "--run", "not enough$"}).out, Catch::EndsWith("1 passed, 0 failed\n"));
    CHECK(run_tocsin({"test", kRules, "--run", "("}).exit_code == 3);
}

TEST_CASE("a test's row with a value of another type than declared is an error at its place") {
    const TemporaryFolder folder;
    const std::string path = folder.write(
        "a.tocsin",
        read_file(kRules) + "\ntest \"typo\" for guessed_password\n  10:00:00 Login ip=\"10.0.0\"\n  expect nothing\n");
    const Finished run = run_tocsin({"test", path, "--run", "typo"});
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.err, Catch::Contains("error[E0311]: `ip` is an ip; `\"10.0.0\"` is not one"));
}

TEST_CASE("a test's row that is no readable record fails its test, with the reason") {
    const TemporaryFolder folder;
    const std::string path = folder.write("a.tocsin",
                                          "stream A(name: string, ts: time) time ts\n"
                                          "rule r when x: A\n"
                                          "test \"long\" for r\n 10:00:00 A name=\"" +
                                              std::string(60, 'x') + "\"\n expect nothing\n");
    CHECK(run_tocsin({"test", path}).exit_code == 1);
    const Finished run = run_tocsin({"test", path, "--limit", "record_bytes=80"});
    CHECK(run.exit_code == 1);
    CHECK_THAT(run.out, Catch::Contains(path + ":4: longer than 80 bytes"));
}

TEST_CASE("explain shows key, conditions, automaton and bound, as text, DOT and JSON") {
    check_golden("cli/explain.txt", run_tocsin({"explain", "guessed_password", "--rules", kRules}).out);
    check_golden("cli/explain.dot", run_tocsin({"explain", "guessed_password", "-r", kRules, "-f", "dot"}).out);
    check_golden("cli/explain.json", run_tocsin({"explain", "guessed_password", "-r", kRules, "-f", "json"}).out);
}

TEST_CASE("explain and check tell of a window: when it is judged, what it computes, and what is held") {
    const TemporaryFolder folder;
    const std::string path =
        folder.write("w.tocsin",
                     "stream S(k: string, v: int, ts: time) time ts\n"
                     "rule tumbling window 5m on S[v > 1] by k let n = count() where n > prev(n)\n"
                     "rule hopping window 1h every 5m for 1d on S by k where distinct(v) > 3 or count() = 0\n"
                     "rule sliding window sliding 60s on S by k where count() > 3 overlap none\n"
                     "rule session window session 30m on S where quantile~(v, 0.9) > 3\n");
    std::string told = run_tocsin({"check", path}).out;
    for (const char* rule : {"tumbling", "hopping", "sliding", "session"}) {
        told += "\n" + run_tocsin({"explain", rule, "-r", path}).out;
    }
    told += "\n" + run_tocsin({"explain", "hopping", "-r", path, "-f", "json"}).out;
    check_golden("cli/windows.txt", told);
    const Finished drawn = run_tocsin({"explain", "hopping", "-r", path, "-f", "dot"});
    CHECK(drawn.exit_code == 3);
    CHECK_THAT(drawn.err, Catch::Contains("'hopping' is a window, which has no automaton to draw"));
}

TEST_CASE("explain names the nearest rule for an unknown one") {
    const Finished run = run_tocsin({"explain", "guessed_pasword", "--rules", kRules});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("did you mean 'guessed_password'?"));
}

TEST_CASE("explain --format svg says so where graphviz is missing") {
    const Finished run =
        run_tocsin({"explain", "guessed_password", "-r", kRules, "-f", "svg"}, {.environment = {"PATH=/nonexistent"}});
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Catch::Contains("install graphviz"));
}

TEST_CASE("infer writes declarations that the check accepts") {
    const TemporaryFolder folder;
    const Finished inferred = run_tocsin({"infer", "tests/cli/fixtures/logins.ndjson"});
    CHECK(inferred.exit_code == 0);
    CHECK(run_tocsin({"check", folder.write("a.tocsin", inferred.out)}).exit_code == 0);
    CHECK(run_tocsin({"infer", "/nonexistent.ndjson"}).exit_code == 3);
}

TEST_CASE("completion scripts know the commands and their options") {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const std::string script = run_tocsin({"completion", shell}).out;
        CAPTURE(shell);
        CHECK_THAT(script, Catch::Contains("replay") && Catch::Contains("summary") && Catch::Contains("ndjson"));
    }
    const TemporaryFolder folder;
    const std::string script = folder.write("completion.bash", run_tocsin({"completion", "bash"}).out);
    const std::string probe =
        "bash -c 'source " + script +
        "; COMP_WORDS=(tocsin replay --f); COMP_CWORD=2; _tocsin; [[ \" ${COMPREPLY[*]} \" == *\" --format \"* ]]'";
    CHECK(std::system(probe.c_str()) == 0);
    CHECK(run_tocsin({"completion", "tcsh"}).exit_code == 3);
}

TEST_CASE("version and --version agree") {
    CHECK(run_tocsin({"version"}).out == run_tocsin({"--version"}).out);
    CHECK_THAT(run_tocsin({"version"}).out, Catch::StartsWith("tocsin "));
}

TEST_CASE("generate gives the same bytes for the same seed, and the truth beside them") {
    const TemporaryFolder folder;
    const std::vector<std::string> arguments{"generate", "security", "--events", "1000", "--seed", "7"};
    std::vector<std::string> to_file = arguments;
    to_file.insert(to_file.end(), {"-o", folder.path("s.ndjson"), "--truth", folder.path("truth.json")});
    CHECK(run_tocsin(to_file).exit_code == 0);
    const std::string records = read_file(folder.path("s.ndjson"));
    CHECK(std::count(records.begin(), records.end(), '\n') == 1000);
    CHECK(run_tocsin(arguments).out == records);
    CHECK_THAT(read_file(folder.path("truth.json")), Catch::Contains(R"("incidents")"));
    CHECK(run_tocsin({"generate", "nothing"}).exit_code == 3);
    CHECK(run_tocsin({"generate", "fraud", "--disorder", "often"}).exit_code == 3);
    CHECK(run_tocsin({"generate", "fraud", "--truth", "/dev/full"}).exit_code == 3);
}
