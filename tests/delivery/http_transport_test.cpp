// The transport against real servers on this machine.
#include <chrono>
#include <ctime>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tocsin/delivery/transport.hpp>

#include "delivery/tls_receiver.hpp"
#include "service/receiver.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
using delivery::Answer;
using delivery::HttpOptions;

std::unique_ptr<delivery::Transport> transport(HttpOptions options) {
    auto made = delivery::make_http_transport(std::move(options));
    INFO((made ? "" : made.error().message));
    REQUIRE(made.has_value());
    return std::move(*made);
}

HttpOptions local(delivery::Millis timeout = 5s) {
    HttpOptions options;
    options.timeout = timeout;
    options.allow_private = true;
    return options;
}

Answer call(HttpOptions options, const std::string& url, const std::string& body = "{}") {
    return delivery::call_once(*transport(std::move(options)), {url, {{"webhook-id", "7"}}, body});
}

TEST_CASE("a call is a POST with its headers and body, and its answer's status and start come back") {
    const Receiver receiver([](const Receiver::Call&) {
        Receiver::Reply reply(202);
        reply.body = "thanks";
        return reply;
    });
    const std::string body(100'000, 'x');
    const Answer answer = call(local(), receiver.url(), body);
    CHECK(answer.status == 202);
    CHECK(answer.excerpt == "thanks");
    REQUIRE(receiver.count() == 1);
    CHECK(receiver.calls()[0].headers.at("webhook-id") == "7");
    CHECK(receiver.calls()[0].headers.count("expect") == 0);
    CHECK(receiver.calls()[0].body == body);
}

TEST_CASE("a receiver that says nothing is given up after the time limit") {
    const Receiver receiver([](const Receiver::Call&) {
        Receiver::Reply reply(200);
        reply.after = 10s;
        return reply;
    });
    const auto begin = std::chrono::steady_clock::now();
    const Answer answer = call(local(100ms), receiver.url());
    CHECK(answer.status == 0);
    CHECK_THAT(answer.failure, Catch::Contains("timed out"));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a reset, and a port where nobody listens, are failures with a reason") {
    std::string unused;
    {
        const Receiver receiver([](const Receiver::Call&) { return 0; });
        unused = receiver.url();
        const Answer reset = call(local(), receiver.url());
        CHECK(reset.status == 0);
        CHECK_FALSE(reset.failure.empty());
        CHECK(receiver.count() >= 1);
    }
    const Answer refused = call(local(), unused);
    CHECK(refused.status == 0);
    CHECK_THAT(refused.failure, Catch::Contains("connect"));
}

TEST_CASE("of a huge answer the start is read, and its status counts") {
    const Receiver receiver([](const Receiver::Call&) {
        Receiver::Reply reply(200);
        reply.body.assign(50U << 20, 'x');
        return reply;
    });
    const Answer answer = call(local(), receiver.url());
    CHECK(answer.status == 200);
    CHECK(answer.excerpt == std::string(delivery::kExcerptBytes, 'x'));
}

TEST_CASE("redirects are not followed") {
    const Receiver target;
    const Receiver receiver([&](const Receiver::Call&) {
        Receiver::Reply reply(307);
        reply.headers = "Location: " + target.url() + "\r\n";
        return reply;
    });
    CHECK(call(local(), receiver.url()).status == 307);
    CHECK(target.count() == 0);
}

TEST_CASE("Retry-After is read as seconds and as a date") {
    std::string value;
    const Receiver receiver([&](const Receiver::Call&) {
        Receiver::Reply reply(503);
        reply.headers = "Retry-After: " + value + "\r\n";
        return reply;
    });
    value = "120";
    CHECK(call(local(), receiver.url()).retry_after == 120s);
    value = "80000";
    CHECK(call(local(), receiver.url()).retry_after == 80'000s);
    value = fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(std::time(nullptr) + 3600));
    const auto date = call(local(), receiver.url()).retry_after;
    REQUIRE(date.has_value());
    CHECK(*date >= 3590s);
    CHECK(*date <= 3601s);
    for (const char* const useless : {"soon", "-5", "0", "Thu, 01 Jan 1970 00:00:00 GMT"}) {
        value = useless;
        INFO(useless);
        CHECK_FALSE(call(local(), receiver.url()).retry_after.has_value());
    }
}

TEST_CASE("a private address is refused however it is written, and nothing reaches it") {
    const Receiver receiver;
    HttpOptions options = local();
    options.allow_private = false;
    for (const char* const host :
         {"127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"}) {
        INFO(host);
        const Answer answer = call(options, fmt::format("http://{}:{}/", host, receiver.port()));
        CHECK(answer.status == 0);
        CHECK_THAT(answer.failure, Catch::Contains("private"));
    }
    CHECK(receiver.count() == 0);
    CHECK(call(local(), fmt::format("http://localhost:{}/", receiver.port())).status == 200);
}

TEST_CASE("only HTTP and HTTPS are spoken, and no proxy is asked") {
    for (const char* const url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"}) {
        INFO(url);
        CHECK(call(local(), url).status == 0);
    }
    const Receiver receiver;
    const Receiver proxy;
    ::setenv("http_proxy", proxy.url().c_str(), 1);
    CHECK(call(local(), receiver.url()).status == 200);
    ::unsetenv("http_proxy");
    CHECK(proxy.count() == 0);
}

TEST_CASE("several calls are under way at once, and a wait is ended by wake") {
    const Receiver receiver([](const Receiver::Call& call) {
        Receiver::Reply reply(200);
        reply.after = call.body == "slow" ? 30s : 0s;
        return reply;
    });
    const auto http = transport(local(60s));
    const auto begin = std::chrono::steady_clock::now();
    http->start(1, {receiver.url(), {}, "slow"});
    http->start(2, {receiver.url(), {}, "quick"});
    std::vector<delivery::Ended> ended = http->wait(20s);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].call == 2);
    CHECK(ended[0].answer.status == 200);
    std::thread waker([&] { http->wake(); });
    CHECK(http->wait(20s).empty());
    waker.join();
    http->wake();
    CHECK(http->wait(20s).empty());  // one before the wait counts, too
    CHECK(http->wait(1ms).empty());
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

// ---- TLS

TEST_CASE("a server whose certificate nobody vouches for is refused, and taken with it as ca_file") {
    const TemporaryFolder folder;
    const Certificate own = make_certificate(folder, "own");
    const TlsReceiver receiver(own, "");
    const Answer refused = call(local(), receiver.url("localhost"));
    CHECK(refused.status == 0);
    CHECK_THAT(refused.failure, Catch::Contains("certificate"));
    CHECK(receiver.calls() == 0);
    HttpOptions trusting = local();
    trusting.ca_file = own.cert_file;
    CHECK(call(trusting, receiver.url("localhost")).status == 200);
    CHECK(receiver.calls() == 1);
    // A certificate for another name, and one of another signer.
    CHECK(call(trusting, receiver.url("127.0.0.2")).status == 0);
    trusting.ca_file = make_certificate(folder, "other").cert_file;
    CHECK(call(trusting, receiver.url("localhost")).status == 0);
    CHECK(receiver.calls() == 1);
}

TEST_CASE("a server that asks for a certificate gets the one of the settings") {
    const TemporaryFolder folder;
    const Certificate own = make_certificate(folder, "own");
    const Certificate client = make_certificate(folder, "client");
    const TlsReceiver receiver(own, client.cert_file);
    HttpOptions options = local();
    options.ca_file = own.cert_file;
    CHECK(call(options, receiver.url("localhost")).status == 0);
    CHECK(receiver.calls() == 0);
    options.cert_file = client.cert_file;
    options.key_file = client.key_file;
    const Answer answer = call(options, receiver.url("localhost"));
    INFO(answer.failure);
    CHECK(answer.status == 200);
    CHECK(receiver.calls() == 1);
}

TEST_CASE("files of certificates that cannot be used are errors at once") {
    const TemporaryFolder folder;
    const Certificate own = make_certificate(folder, "own");
    const Certificate other = make_certificate(folder, "other");
    const std::string text = folder.write("text", "no certificate\n");
    struct Case {
        std::string ca;
        std::string cert;
        std::string key;
        const char* says;
    };
    for (const Case& wrong :
         {Case{folder.path("missing"), "", "", "cannot read"}, Case{text, "", "", "holds no certificate"},
          Case{"", own.cert_file, "", "together"}, Case{"", "", own.key_file, "together"},
          Case{"", text, own.key_file, "holds no certificate"}, Case{"", own.cert_file, text, "holds no key"},
          Case{"", own.cert_file, folder.path("missing"), "cannot read"},
          Case{"", own.cert_file, other.key_file, "not that of"}}) {
        HttpOptions options;
        options.ca_file = wrong.ca;
        options.cert_file = wrong.cert;
        options.key_file = wrong.key;
        const auto made = delivery::make_http_transport(options);
        REQUIRE_FALSE(made.has_value());
        CHECK_THAT(made.error().message, Catch::Contains(wrong.says));
    }
}

}  // namespace
}  // namespace tocsin::test
