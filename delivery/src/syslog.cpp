#include <tocsin/delivery/syslog.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <tocsin/base/descriptor.hpp>

#include "alert_text.hpp"
#include "lines.hpp"

namespace tocsin::delivery {

namespace {

unsigned syslog_severity(const std::string& severity) {
    constexpr unsigned kCritical = 2;
    constexpr unsigned kError = 3;
    constexpr unsigned kWarning = 4;
    constexpr unsigned kNotice = 5;
    constexpr unsigned kInformational = 6;
    return severity == "critical" ? kCritical
           : severity == "high"   ? kError
           : severity == "medium" ? kWarning
           : severity == "low"    ? kNotice
                                  : kInformational;
}

std::string shortened(const AlertText& alert, std::size_t text_bytes) {
    return fmt::format(
        R"({{"id":{},"op":{},"rule":{},"version":{},"severity":{},"labels":{},"key":{},"time":{},"first":{},"last":{},"text":{},"shortened":true}})",
        quoted(alert.id), quoted(alert.op), quoted(alert.rule), quoted(alert.version), quoted(alert.severity),
        alert.labels_json, alert.key_json, quoted(alert.time), quoted(alert.first), quoted(alert.last),
        quoted(cut(alert.text, text_bytes)));
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0' ? std::string(name.data()) : "-";
}

class Syslog final : public LinesEndpoint {
public:
    Syslog(std::string name, SyslogOptions options, state::Outbox& outbox, WallClock clock)
        : LinesEndpoint(std::move(name), outbox, std::move(clock)), options_(std::move(options)), host_(host_name()) {}

private:
    [[nodiscard]] Result<void> write(std::span<const state::OutboxRow> rows, Written& written) override;
    [[nodiscard]] Result<void> send(int socket, const std::string& message) const;
    [[nodiscard]] tl::unexpected<Error> failure(const char* what) const {
        return fail(Errc::io, fmt::format("cannot {} {}: {}", what, options_.socket, std::strerror(errno)));
    }

    SyslogOptions options_;
    std::string host_;
};

/// A daemon that was started again has a new socket, so each group of rows has its own connection.
Result<void> Syslog::write(std::span<const state::OutboxRow> rows, Written& written) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options_.socket.copy(address.sun_path, sizeof address.sun_path - 1);
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket.number() < 0 || ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return failure("connect to");
    }
    for (const state::OutboxRow& row : rows) {
        const auto message = syslog_message(options_, host_, row);
        if (message) {
            if (auto sent = send(socket.number(), *message); !sent) {
                return sent;
            }
        }
        // One that cannot be sent at all would hold back those behind it for ever.
        written.refused.push_back(message ? "" : message.error().message);
        ++written.rows;
    }
    return {};
}

Result<void> Syslog::send(int socket, const std::string& message) const {
    // Waits while the daemon's queue is full; a second at most, so that the service can be stopped.
    const timeval patience{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ssize_t sent = -1;
    do {
        sent = ::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0 ? Result<void>{} : failure("send to");
}

}  // namespace

Result<std::string> syslog_message(const SyslogOptions& options, std::string_view host, const state::OutboxRow& row) {
    return read_alert(row).and_then([&](const AlertText& alert) -> Result<std::string> {
        const std::string head = fmt::format("<{}>1 {} {} {} {} {} - ", options.facility * 8 + syslog_severity(alert.severity),
                                             alert.time, host, options.app_name, ::getpid(), alert.op);
        if (head.size() + row.body.size() <= options.max_message) {
            return head + row.body;
        }
        std::string message = head + shortened(alert, alert.text.size());
        if (message.size() > options.max_message) {
            // An escape has six bytes at most.
            const std::size_t without_text = head.size() + shortened(alert, 0).size();
            const std::size_t left = options.max_message > without_text ? (options.max_message - without_text) / 6 : 0;
            message = head + shortened(alert, left);
        }
        return message.size() <= options.max_message
                   ? Result<std::string>(std::move(message))
                   : fail(Errc::limit,
                          fmt::format("longer than max_message ({} bytes) even without its events", options.max_message));
    });
}

std::unique_ptr<Endpoint> make_syslog(std::string name, SyslogOptions options, state::Outbox& outbox, WallClock clock) {
    return std::make_unique<Syslog>(std::move(name), std::move(options), outbox, std::move(clock));
}

}  // namespace tocsin::delivery
