#include <algorithm>

#include "compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

const std::string kStream = "stream S(a: int, ts: time) time ts\n";

bool found(const Compiled& result, const std::string& code) {
    return std::ranges::find(result.codes, code) != result.codes.end();
}

/// d1 uses `first`, d2 uses d1 …
std::string definitions(int count, const std::string& first, const std::string& one) {
    std::string text = "define d0 = " + first + "\n";
    for (int i = 1; i <= count; ++i) {
        std::string body = one;
        for (std::size_t at = body.find('@'); at != std::string::npos; at = body.find('@')) {
            body.replace(at, 1, "d" + std::to_string(i - 1));
        }
        text += "define d" + std::to_string(i) + " = " + body + "\n";
    }
    return text + "rule r when S[d" + std::to_string(count) + " > 0]\n";
}

TEST_CASE("definitions expand to a bounded depth") {
    CHECK(compiled(kStream + definitions(400, "a", "@ + 1")).program != nullptr);
    CHECK(found(compiled(kStream + definitions(1'200, "a", "@ + 1")), "E0317"));
}

TEST_CASE("definitions that double at each level are refused, and quickly") {
    CHECK(compiled(kStream + definitions(10, "a", "@ + @")).program != nullptr);
    CHECK(found(compiled(kStream + definitions(100, "a", "@ + @")), "E0317"));
}

TEST_CASE("a chain of conditions may be as long as the parser lets it") {
    std::string text = kStream + "rule r when S[a = 0";
    for (int i = 1; i < 900; ++i) {
        text += " or a = " + std::to_string(i);
    }
    CHECK(compiled(text + "]").program != nullptr);
}

TEST_CASE("an event may be in a thousand windows of a rule, and no more") {
    const std::string rule = "rule r where count() > 1 window ";
    CHECK(compiled(kStream + rule + "1000s every 1s on S").program != nullptr);
    CHECK(compiled(kStream + rule + "1001s every 1s on S").codes == std::vector<std::string>{"E0422"});
    CHECK(compiled(kStream + rule + "1000500ms every 1s on S").codes == std::vector<std::string>{"E0422"});
}

TEST_CASE("64 conditions fit in a rule, 65 do not") {
    const auto rule = [](int count) {
        std::string text = kStream + "rule r within 1h when S[a = 0]";
        for (int i = 1; i < count; ++i) {
            text += " -> S[a = " + std::to_string(i) + "]";
        }
        return text;
    };
    CHECK(compiled(rule(64)).program != nullptr);
    CHECK(compiled(rule(65)).codes == std::vector<std::string>{"E0409"});
}

}  // namespace
}  // namespace tocsin::test
