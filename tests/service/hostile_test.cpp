// What comes from outside and means no good, or is broken.
#include <algorithm>
#include <array>
#include <iostream>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/serving.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kTight =
    "http: {listen: '127.0.0.1:0', max_body: 4KiB, max_connections: 8, idle_timeout: 150ms, read_timeout: 150ms}\n";

/// A connection that is held open; what it wrote stays as it is.
class Held {
public:
    Held(std::uint16_t port, const std::string& bytes) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        send(bytes);
    }
    Held(Held&& other) noexcept : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
        if (socket_ >= 0) {
            ::close(socket_);
        }
    }
    [[nodiscard]] bool connected() const { return connected_; }
    void send(const std::string& bytes) const { static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)); }
    /// All that comes until the other side closes.
    [[nodiscard]] std::string read() const {
        std::string out;
        std::array<char, 4096> buffer{};
        for (ssize_t size = 0; (size = ::recv(socket_, buffer.data(), buffer.size(), 0)) > 0;) {
            out.append(buffer.data(), static_cast<std::size_t>(size));
        }
        return out;
    }

private:
    int socket_;
    bool connected_{false};
};

std::string status_of(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

TEST_CASE("what is too large or no HTTP is answered and closed, and the service goes on") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules, kTight);
    const auto ask = [&](const std::string& bytes) { return status_of(raw_http(serving.port(), bytes)); };
    CHECK(ask("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x')) ==
          "HTTP/1.1 413 Payload Too Large");
    CHECK(ask("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n") ==
          "HTTP/1.1 400 Bad Request");
    CHECK(ask("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(40'000, 'y') + "\r\n\r\n") ==
          "HTTP/1.1 431 Request Header Fields Too Large");
    CHECK(ask("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n") == "HTTP/1.1 400 Bad Request");
    CHECK(ask("POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n") ==
          "HTTP/1.1 400 Bad Request");
    CHECK(ask("POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n") ==
          "HTTP/1.1 400 Bad Request");
    CHECK(ask("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") ==
          "HTTP/1.1 400 Bad Request");
    CHECK(serving.get("/-/ready").status == 200);
    CHECK(serving.metric("tocsin_records_total") == "0");
}

TEST_CASE("a body in chunks is the body that they make") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules, kTight);
    const std::string record = login("ann", false, 0);
    std::string chunks;
    for (const char c : record) {
        chunks += std::string("1\r\n") + c + "\r\n";
    }
    const std::string answer = raw_http(
        serving.port(), "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            chunks + "0\r\n\r\n");
    CHECK_THAT(answer, Catch::EndsWith("{\"accepted\":1,\"first\":1,\"last\":1}\n"));
}

TEST_CASE("a client that is slow on purpose is cut off, whether at the head or in the body") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules, kTight);
    const Held head(serving.port(), "POST /v1/events HTTP/1.1\r\nHost: x\r\n");
    const Held body(serving.port(), "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
    const auto begin = std::chrono::steady_clock::now();
    // A byte now and then does not buy time: the limit is for the whole.
    std::thread dripping([&] {
        for (int i = 0; i < 20; ++i) {
            body.send("x");
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    });
    CHECK_THAT(head.read(), !Catch::Contains("200"));
    CHECK_THAT(body.read(), !Catch::Contains("200"));
    dripping.join();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    CHECK(serving.get("/-/ready").status == 200);
}

TEST_CASE("beyond the limit connections are closed at once; when others end there is room again") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules, "http: {listen: '127.0.0.1:0', max_connections: 8, idle_timeout: 60s}\n");
    {
        std::vector<Held> held;
        for (int i = 0; i < 8; ++i) {
            held.emplace_back(serving.port(), "GET /");
            REQUIRE(held.back().connected());
        }
        CHECK(eventually([&] { return raw_http(serving.port(), "GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n").empty(); }));
    }
    CHECK(eventually([&] { return serving.get("/-/ready").status == 200; }));
}

/// Both ends of the connections are in this process. False where the system does not let it have so many descriptors.
bool may_open(rlim_t descriptors) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, descriptors));
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= descriptors;
}

TEST_CASE("a thousand idle connections do not keep records out") {
    if (!may_open(3000)) {
        std::cout << "skipped: too few descriptors\n";
        return;
    }
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules, "http: {listen: '127.0.0.1:0', max_connections: 2000, idle_timeout: 60s}\n");
    std::vector<Held> held;
    for (int i = 0; i < 1000; ++i) {
        held.emplace_back(serving.port(), i % 2 == 0 ? "" : "POST /v1/events HTTP/1.1\r\n");
        REQUIRE(held.back().connected());
    }
    CHECK(serving.post(login("ann", false, 0)).status == 200);
}

TEST_CASE("records that are odd are counted or refused, and harm no other") {
    const TemporaryFolder folder;
    const Serving serving(folder, kLoginRules);
    const std::string deep = "{\"a\":" + std::string(2000, '[') + std::string(2000, ']') + "}\n";
    for (const std::string& bad :
         {deep, std::string("{\"user\":\"\xff\xfe\"}\n"), std::string("{\"ts\":1e999}\n"), std::string("{\"user\":\n"),
          std::string("\0\0\0\n", 4), std::string(2'000'000, '{') + "\n"}) {
        const HttpAnswer answer = serving.post(login("ann", false, 0) + bad + login("ann", false, 1), "?on_error=skip");
        INFO(answer.body.substr(0, 200));
        CHECK(answer.status == 200);
        CHECK((answer.body.find("\"accepted\":2") != std::string::npos ||
               answer.body.find("\"accepted\":3") != std::string::npos));
    }
}

}  // namespace
}  // namespace tocsin::test
