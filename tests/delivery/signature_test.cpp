// The expected signatures were made with the command line of OpenSSL:
//   printf '%s' "$id.$timestamp.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64
#include <array>

#include <tocsin/delivery/signature.hpp>

#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
using delivery::Secret;
using delivery::sign;
using delivery::Verification;
using delivery::verify;

constexpr const char* kOld = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
constexpr const char* kNew = "whsec_dG9jc2luIHNlY29uZCBzZWNyZXQga2V5";
constexpr const char* kId = "5f3a0000000000c1.alert";
constexpr const char* kBody = R"({"id":"5f3a0000000000c1"})";
constexpr std::int64_t kTime = 1767225600;
constexpr const char* kOfOld = "v1,HXuX2N6govCDN6kGXp+mcTecbXpx+akKyaeNSTbXTSk=";
constexpr const char* kOfNew = "v1,eSvkB8mMn2DbYCPH8Y1V7SK8JGE2ejB94xziei0qwKE=";

Secret secret(const std::string& text) {
    auto parsed = Secret::parse(text);
    REQUIRE(parsed);
    return std::move(*parsed);
}

TEST_CASE("a signature is the HMAC-SHA256 of id, timestamp and body") {
    CHECK(sign(std::array{secret(kOld)}, kId, kTime, kBody) == kOfOld);
    CHECK(sign(std::array{secret(kOld)}, "m", 0, "") == "v1,fv+yPVyMt4q/iTXsbHOP/a7/YV0NtQyei8NRymxqZY8=");
    CHECK(sign(std::array{secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
               R"({"test": 2432232314})") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("two secrets give two signatures, in their order") {
    CHECK(sign(std::array{secret(kOld), secret(kNew)}, kId, kTime, kBody) == std::string(kOfOld) + " " + kOfNew);
}

TEST_CASE("a secret has 24 to 64 bytes") {
    CHECK_FALSE(Secret::parse("whsec_eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="));
    CHECK(secret("whsec_eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4").bytes() == std::string(24, 'x'));
    std::string base64;
    for (int i = 0; i < 21; ++i) {
        base64 += "eHh4";
    }
    CHECK(secret("whsec_" + base64 + "eA==").bytes() == std::string(64, 'x'));
    CHECK_FALSE(Secret::parse("whsec_" + base64 + "eHg="));
}

TEST_CASE("a bad secret is refused, and not shown") {
    for (const std::string text :
         {"", "whsec_", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", "whsec_short",
          "whsec_!!!BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE",
          "whsec_QUFB=UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}) {
        INFO(text);
        const auto parsed = Secret::parse(text);
        REQUIRE_FALSE(parsed);
        const std::string shown = parsed.error().message;
        CHECK(shown.find("QUFB") == std::string::npos);
        CHECK(shown.find("short") == std::string::npos);
    }
}

TEST_CASE("a receiver with any of the secrets finds its signature among those of the header") {
    const std::string header = std::string(kOfOld) + " " + kOfNew;
    CHECK(verify(std::array{secret(kOld)}, kId, kTime, kBody, header) == Verification::fits);
    CHECK(verify(std::array{secret(kNew)}, kId, kTime, kBody, header) == Verification::fits);
    CHECK(verify(std::array{secret(kNew), secret(kOld)}, kId, kTime, kBody, kOfOld) == Verification::fits);
    CHECK(verify(std::array{secret(kOld)}, kId, kTime, kBody, std::string("v2,abc ") + kOfOld) == Verification::fits);
}

TEST_CASE("what was changed on the way does not verify") {
    const std::array secrets{secret(kOld)};
    CHECK(verify(secrets, "5f3a0000000000c2.alert", kTime, kBody, kOfOld) == Verification::wrong);
    CHECK(verify(secrets, kId, kTime + 1, kBody, kOfOld) == Verification::wrong);
    CHECK(verify(secrets, kId, kTime, std::string(kBody) + " ", kOfOld) == Verification::wrong);
    CHECK(verify(secrets, kId, kTime, kBody, kOfNew) == Verification::wrong);
    CHECK(verify(secrets, kId, kTime, kBody, "v1,") == Verification::wrong);
    CHECK(verify(secrets, kId, kTime, kBody, "v1,AAAA") == Verification::wrong);
}

TEST_CASE("a header without a v1 signature is no signature") {
    const std::array secrets{secret(kOld)};
    CHECK(verify(secrets, kId, kTime, kBody, "") == Verification::none);
    CHECK(verify(secrets, kId, kTime, kBody, "v1a,abcd") == Verification::none);
}

}  // namespace
}  // namespace tocsin::test
