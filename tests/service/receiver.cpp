#include "service/receiver.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::test {

namespace {

/// How soon the end of the receiver is seen.
constexpr int kLookMillis = 20;

Receiver::Call parse_head(const std::string& head) {
    Receiver::Call call;
    std::istringstream lines(head);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        const std::size_t colon = line.find(':');
        std::string name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        line.erase(line.find_last_not_of('\r') + 1);
        call.headers[name] = line.substr(colon + 2);
    }
    return call;
}

}  // namespace

Receiver::Receiver(std::function<Reply(const Call&)> reply) : reply_(std::move(reply)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

Receiver::~Receiver() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
}

std::vector<Receiver::Call> Receiver::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::size_t Receiver::count() const {
    const std::lock_guard lock(mutex_);
    return calls_.size();
}

std::vector<Receiver::Call> Receiver::wait_for(std::size_t wanted) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (count() < wanted && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return calls();
}

bool Receiver::wait_readable(int connection) const {
    while (!stop_) {
        pollfd waiting{connection, POLLIN, 0};
        if (::poll(&waiting, 1, kLookMillis) > 0) {
            return true;
        }
    }
    return false;
}

void Receiver::serve() {
    while (wait_readable(listener_)) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        {
            const std::lock_guard lock(mutex_);
            ++open_;
        }
        std::thread([this, connection] {
            talk(connection);
            ::close(connection);
            const std::lock_guard lock(mutex_);
            --open_;
            closed_.notify_all();
        }).detach();
    }
    std::unique_lock lock(mutex_);
    closed_.wait(lock, [&] { return open_ == 0; });
}

void Receiver::talk(int connection) {
    std::string unread;
    for (Call call; read_call(connection, unread, call);) {
        {
            const std::lock_guard lock(mutex_);
            calls_.push_back(call);
        }
        if (!answer(connection, reply_(call))) {
            return;
        }
    }
}

bool Receiver::read_call(int connection, std::string& unread, Call& call) const {
    std::array<char, 65536> buffer{};
    for (;;) {
        const std::size_t head = unread.find("\r\n\r\n");
        if (head != std::string::npos) {
            call = parse_head(unread.substr(0, head));
            const std::size_t size = std::stoul(call.headers.at("content-length"));
            if (unread.size() >= head + 4 + size) {
                call.at = std::chrono::steady_clock::now();
                call.body = unread.substr(head + 4, size);
                unread.erase(0, head + 4 + size);
                return true;
            }
        }
        if (!wait_readable(connection)) {
            return false;
        }
        const ssize_t size = ::recv(connection, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            return false;
        }
        unread.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

bool Receiver::answer(int connection, const Reply& reply) const {
    const auto until = std::chrono::steady_clock::now() + reply.after;
    while (!stop_ && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now(),
                                                                       std::chrono::milliseconds(kLookMillis)));
    }
    if (reply.status == 0) {
        const linger reset{1, 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        return false;
    }
    const std::string response = "HTTP/1.1 " + std::to_string(reply.status) +
                                 " x\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n" + reply.headers +
                                 "\r\n" + reply.body;
    std::size_t sent = 0;
    while (sent < response.size()) {
        const ssize_t size = ::send(connection, response.data() + sent, response.size() - sent, MSG_NOSIGNAL);
        if (size <= 0) {
            return false;
        }
        sent += static_cast<std::size_t>(size);
    }
    return true;
}

}  // namespace tocsin::test
