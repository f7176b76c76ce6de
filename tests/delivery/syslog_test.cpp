#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <tocsin/delivery/syslog.hpp>

#include "delivery/outbox.hpp"
#include "delivery/virtual_transport.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;

/// The socket of a syslog daemon.
class Daemon {
public:
    explicit Daemon(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), path_(path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    ~Daemon() {
        ::close(socket_);
        ::unlink(path_.c_str());
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    /// What waits in the socket.
    [[nodiscard]] std::vector<std::string> messages() const {
        std::vector<std::string> out;
        std::array<char, 65536> buffer{};
        for (ssize_t size = 0; (size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;) {
            out.emplace_back(buffer.data(), static_cast<std::size_t>(size));
        }
        return out;
    }

private:
    int socket_;
    std::string path_;
};

struct SyslogHook {
    explicit SyslogHook(const std::string& socket) {
        spdlog::set_level(spdlog::level::off);
        options.socket = socket;
        endpoint = delivery::make_syslog("hook", options, outbox, [this] { return clock.now; });
    }
    delivery::SyslogOptions options;
    MemoryOutbox outbox;
    VirtualClock clock;
    std::unique_ptr<delivery::Endpoint> endpoint;
    std::atomic<bool> interrupted{false};

    void run() { REQUIRE(endpoint->run(interrupted).has_value()); }
};

TEST_CASE("each alert is one message to the daemon, in order, once it is there, and again after it was restarted") {
    const TemporaryFolder folder;
    SyslogHook syslog(folder.path("log"));
    syslog.outbox.add(1);
    syslog.outbox.add(2);
    syslog.run();
    CHECK(syslog.endpoint->counters().failures == 1);
    for (std::uint64_t sequence = 1; sequence <= 3; sequence += 2) {
        const Daemon daemon(folder.path("log"));
        syslog.clock.now += 5s;
        syslog.run();
        const std::vector<std::string> messages = daemon.messages();
        REQUIRE(messages.size() == 2);
        CHECK_THAT(messages[0], Catch::StartsWith("<11>1 2026-01-01T00:00:02Z ") &&
                                    Catch::EndsWith(" - " + syslog.outbox.rows.at(sequence).body));
        CHECK_THAT(messages[1], Catch::EndsWith(" - " + syslog.outbox.rows.at(sequence + 1).body));
        syslog.outbox.add(3);
        syslog.outbox.add(4);
    }
    CHECK(syslog.outbox.done == std::vector<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("a daemon that takes nothing holds back a second, and what it took before is not sent again") {
    const TemporaryFolder folder;
    SyslogHook syslog(folder.path("log"));
    const Daemon daemon(folder.path("log"));
    // More than the queue of a datagram socket takes.
    for (std::uint64_t alert = 1; alert <= 900; ++alert) {
        syslog.outbox.add(alert);
    }
    std::vector<std::string> messages;
    int stops = 0;
    while (!syslog.outbox.waiting.empty()) {
        const auto next = syslog.endpoint->run(syslog.interrupted);
        REQUIRE(next.has_value());
        stops += *next ? 1 : 0;
        for (std::string& message : daemon.messages()) {
            messages.push_back(std::move(message));
        }
        syslog.clock.now += 5s;
        if (stops == 1) {
            break;
        }
    }
    CHECK(stops == 1);
    CHECK(messages.size() == syslog.outbox.done.size());
    syslog.clock.now += 5s;
    std::atomic<bool> done{false};
    std::thread reader([&] {
        while (!done) {
            for (std::string& message : daemon.messages()) {
                messages.push_back(std::move(message));
            }
            std::this_thread::sleep_for(1ms);
        }
    });
    syslog.run();
    done = true;
    reader.join();
    for (std::string& message : daemon.messages()) {
        messages.push_back(std::move(message));
    }
    REQUIRE(messages.size() == 900);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        REQUIRE_THAT(messages[i], Catch::EndsWith(syslog.outbox.rows.at(i + 1).body));
    }
}

TEST_CASE("an alert that no message can hold is a dead letter, and holds back nothing") {
    const TemporaryFolder folder;
    SyslogHook syslog(folder.path("log"));
    const Daemon daemon(folder.path("log"));
    syslog.outbox.add(1, "alert", std::string(9000, 'x'));
    syslog.outbox.add(2);
    syslog.run();
    REQUIRE(syslog.outbox.letters.size() == 1);
    CHECK_THAT(syslog.outbox.letters[0].reason, Catch::Contains("max_message"));
    CHECK(daemon.messages().size() == 1);
    CHECK(syslog.endpoint->counters().delivered == 1);
}

}  // namespace
}  // namespace tocsin::test
