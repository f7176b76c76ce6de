// Errors of syntax beside well-formed declarations: the others are checked, and nobody is told twice of one mistake.
#include <algorithm>
#include <array>
#include <filesystem>

#include "compiled.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

namespace fs = std::filesystem;

namespace tocsin::test {
namespace {

/// With tables, views, lists, definitions and rules that read alerts.
constexpr const char* kGood = R"(
stream Login(user: string, status: string, ip: ip, amount: float, ts: time)
  time  ts
  slack 10s
  where status != null

table Customer(id: string, tier: string, branch: string, ts: time)
  key  id
  time ts

table Branch(id: string, city: string, ts: time)
  key  id
  time ts

view Home = Customer left join Branch on Customer.branch = Branch.id where Branch.city != "Rome"

list staff = ("ann", "bob")
define failed = status = "fail"
define small = failed and amount < 10

rule guessing
  label  team = "red"
  lookup Customer as c on c.id = user
  lookup Home as h on h.Customer.id = user
  when   f: Login[small and not user in staff]{3,} -> s: Login[status = "ok"] -> not Login[failed]
  by     user
  within 5m
  let    tries = count(f)
  where  c.tier != "internal" and h.Branch.city = "Oslo" and tries > 3
  return attempts = tries, city = h.Branch.city
  alert  "{user}: {tries}"

rule moved
  when   m: Customer[op = "update" and before.tier != after.tier]
  within 1m

rule again
  when   g: guessing[attempts > 3]{2,}
  by     user
  within 1h

rule spike
  window 5m on Login
  by     user
  let    n = count(failed)
  where  n > 3 * prev(n)

test "three" for guessing
  10:00:00 Login user="ann" status="fail" ip="10.0.0.1" amount=1
  10:00:01 Customer id="ann" tier="x"
  watermark Login 11:00:00
  expect alert user="ann" attempts=3

test "twice" for again
  10:00:00 Login user="ann" status="fail"
  expect nothing
)";

constexpr std::array<const char*, 3> kJunk{"} ", "( ", "\""};

bool is_of_syntax(const std::string& code) { return code.starts_with("E01"); }

/// Every place between two words of the text that is neither in a comment nor in a string.
std::vector<std::size_t> gaps(const std::string& text) {
    std::vector<std::size_t> out;
    bool comment = false;
    bool string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        comment = c == '\n' ? false : comment || (!string && c == '#');
        string = c == '"' && !comment && text[i - 1] != '\\' ? !string : string && c != '\n';
        if (c == ' ' && !comment && !string && text[i + 1] != ' ') {
            out.push_back(i + 1);
        }
    }
    return out;
}

std::vector<std::string> load_of(const fs::path& folder) {
    std::vector<std::string> texts;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".tocsin") {
            texts.push_back(read_file(entry.path()));
        }
    }
    return texts;
}

/// Breaks `texts`, in which nothing is wrong, in each place in turn; gives the first report of anything but the error of syntax.
std::string follow_ups(std::vector<std::string> texts) {
    REQUIRE(compiled(texts).program != nullptr);
    for (std::string& text : texts) {
        const std::string whole = text;
        for (const std::size_t gap : gaps(whole)) {
            text.insert(gap, kJunk[gap % kJunk.size()]);
            const Compiled broken = compiled(texts);
            const bool good = broken.program == nullptr && std::ranges::any_of(broken.codes, is_of_syntax) &&
                              std::ranges::all_of(broken.codes, [](const std::string& code) {
                                  return !code.starts_with("E") || is_of_syntax(code);
                              });
            if (!good) {
                return broken.found;
            }
            text = whole;
        }
    }
    return {};
}

TEST_CASE("an error of syntax anywhere in a good program is the only error") {
    for (const char* pack : {"fraud", "monitoring", "security"}) {
        DYNAMIC_SECTION(pack) { CHECK(follow_ups(load_of(fs::path(TOCSIN_SOURCE_DIR) / "rules" / pack)) == ""); }
    }
    SECTION("with tables, views, lists, definitions and rules that read alerts") { CHECK(follow_ups({kGood}) == ""); }
}

TEST_CASE("a declaration without a readable name may be any that is not found") {
    const std::string users =
        "rule r when a: A within 1m where 1 in L and D\nrule s lookup T as t on t.id = a.x when a: A within 1m\n"
        "test \"t\" for q\n  10:00:00 A x=1\n";
    CHECK(compiled({users}).codes == std::vector<std::string>{"E0202", "E0207", "E0204", "E0228", "E0202", "E0211", "E0202"});
    CHECK(compiled({"stream (x: int)\n" + users}).codes ==
          std::vector<std::string>{"E0101", "E0207", "E0204", "E0228", "E0211"});
}

TEST_CASE("a name that is declared well and badly is declared twice") {
    const std::string good = "stream A(x: int, ts: time) time ts\n";
    CHECK(compiled({good + "stream A(x int)\n"}).codes == std::vector<std::string>{"E0201", "E0101"});
    CHECK(compiled({"stream A(x int)\n" + good}).codes == std::vector<std::string>{"E0101", "E0201"});
}

TEST_CASE("errors of all files of a load come in one report") {
    const Compiled both =
        compiled({"stream A(x: int, ts: time) time ts\nrule r when a: A[y = 1] within 1m\n",
                  "rule s when b: B[x >] within 1m\nstream B(x: itn, ts: time) time ts\n", "rule t when c: C within 1m\n"});
    CHECK(both.codes == std::vector<std::string>{"E0203", "E0101", "E0209", "E0202"});
    CHECK(both.program == nullptr);
}

TEST_CASE("what nothing seems to use is not hinted at where something could not be read") {
    const std::string unused = "list L = (1, 2)\ndefine d = 1\n";
    CHECK(compiled({unused}).codes == std::vector<std::string>{"H0703", "H0704"});
    CHECK(compiled({unused + "rule r when a: A[x in L and ] within 1m\n"}).codes == std::vector<std::string>{"E0101"});
}

TEST_CASE("what could not be read for too many errors is not reported as missing") {
    std::string junk;
    for (int i = 0; i < 200; ++i) {
        junk += "define d" + std::to_string(i) + " = )\n";
    }
    const Compiled found = compiled({"rule r when a: A within 1m\n" + junk + "stream A(x: int, ts: time) time ts\n"});
    CHECK(std::ranges::all_of(found.codes, is_of_syntax));
}

}  // namespace
}  // namespace tocsin::test
