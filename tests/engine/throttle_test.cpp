// What `throttle` shows, holds back, and counts.

#include <fmt/format.h>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

using Lines = std::vector<std::string>;

const std::string kStream = "stream Pay(owner: string, payee: string, amount: int, ts: time) time ts s slack 0s\n";

std::string pay(const std::string& owner, int ts, int amount, const std::string& payee = "p") {
    return fmt::format(R"({{"owner":"{}","payee":"{}","amount":{},"ts":{}}})", owner, payee, amount, ts);
}

TEST_CASE("an alert is held back as long as it is less than the throttle away from one shown for its key, and counted") {
    const EngineRun run = run_of(kStream + "rule r when p: Pay by owner throttle 10s alert \"{owner} {p.amount}\"",
                                 {pay("ann", 100, 1), pay("ann", 109, 2), pay("bob", 109, 3), pay("ann", 110, 4), pay("ann", 119, 5)});
    CHECK(told(run.output) == Lines{"ann 1 at 100", "bob 3 at 109", "ann 4 at 110"});
    CHECK(run.counters.rules[0].alerts == 3);
    CHECK(run.counters.rules[0].held_back == 2);
}

TEST_CASE("what is held back holds nothing back") {
    CHECK(told(kStream + "rule r when p: Pay by owner throttle 10s alert \"{p.amount}\"",
               {pay("ann", 100, 1), pay("ann", 106, 2), pay("ann", 111, 3)}) == Lines{"1 at 100", "3 at 111"});
}

TEST_CASE("without a key one alert holds back all others") {
    CHECK(told(kStream + "rule r when p: Pay throttle 10s alert \"{p.amount}\"", {pay("ann", 100, 1), pay("bob", 105, 2)}) ==
          Lines{"1 at 100"});
}

TEST_CASE("throttle goes by the values that it names: parts of the key, lets, returns") {
    const Lines records{pay("ann", 100, 1, "x"), pay("bob", 101, 2, "x"), pay("ann", 102, 13, "y"), pay("ann", 103, 4, "x")};
    const auto with = [&](const std::string& per) {
        return told(kStream + "rule r when p: Pay by owner let large = p.amount > 10 return payee = p.payee throttle 10s per " + per +
                        " alert \"{p.amount}\"",
                    records);
    };
    CHECK(with("owner") == Lines{"1 at 100", "2 at 101"});
    CHECK(with("payee") == Lines{"1 at 100", "13 at 102"});
    CHECK(with("large") == Lines{"1 at 100", "13 at 102"});
    CHECK(with("owner, payee") == Lines{"1 at 100", "2 at 101", "13 at 102"});
}

const std::string kLate = kStream + "rule r when a: Pay[amount = 1] -> not Pay[amount = 0] -> b: Pay[amount = 2]"
                                    " by owner within 3s lateness 1h throttle 10s alert \"{owner}\"";

TEST_CASE("what was held back and is taken back is not shown as either") {
    CHECK(told(kLate, {pay("ann", 100, 1), pay("ann", 102, 2), pay("ann", 105, 1), pay("ann", 107, 2), pay("bob", 130, 5),
                       pay("ann", 106, 0)}) == Lines{"ann at 102"});
}

TEST_CASE("a correction is shown of what was shown, and not of what was held back") {
    const std::string rules = kStream + "rule r window 10s on Pay by owner where count() >= 1 lateness 1h throttle 1h alert \"{count()}\"";
    const Lines before{pay("ann", 100, 1), pay("ann", 111, 2), pay("bob", 200, 5)};
    const auto with = [&](int late) {
        Lines records = before;
        records.push_back(pay("ann", late, 3));
        return told(rules, records);
    };
    CHECK(with(112) == Lines{"1 at 109", "1 at 209"});
    CHECK(with(102) == Lines{"1 at 109", "correct 2 at 109", "1 at 209"});
}

TEST_CASE("an alert that was shown and taken back holds others back still") {
    CHECK(told(kLate, {pay("ann", 100, 1), pay("ann", 102, 2), pay("bob", 104, 5), pay("ann", 101, 0), pay("ann", 105, 1),
                       pay("ann", 107, 2)}) == Lines{"ann at 102", "retract ann at 102"});
}

TEST_CASE("a late alert is held back by one shown for a later time, too") {
    CHECK(told(kLate, {pay("ann", 110, 1), pay("ann", 112, 2), pay("bob", 130, 5), pay("ann", 102, 1), pay("ann", 103, 2),
                       pay("ann", 99, 1), pay("ann", 101, 2)}) == Lines{"ann at 112", "ann at 101"});
    CHECK(told(kLate, {pay("ann", 110, 1), pay("ann", 112, 2), pay("bob", 130, 5), pay("ann", 101, 1), pay("ann", 102, 2)}) ==
          Lines{"ann at 112", "ann at 102"});
}

TEST_CASE("what throttle shows does not depend on threads and batches") {
    Lines records;
    for (int i = 0; i < 4000; ++i) {
        records.push_back(pay(fmt::format("u{}", i * 7 % 11), i / 3 - (i % 13 == 0 ? 5 : 0), i % 4));
    }
    const Lines expected = told(kLate, records);
    REQUIRE(expected.size() > 50);
    for (const unsigned threads : {1U, 2U, 8U}) {
        for (const std::size_t batch : {std::size_t{1}, std::size_t{64}}) {
            INFO(threads << " threads, batches of " << batch);
            CHECK(told(run_of(kLate, records, threads, batch).output) == expected);
        }
    }
}

}  // namespace
}  // namespace tocsin::test
