#include "service/receiver.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <sstream>
#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::test {

Receiver::Receiver(std::function<int(const Call&)> status) : status_(std::move(status)) {
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

std::vector<Receiver::Call> Receiver::wait_for(std::size_t count) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (calls().size() < count && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return calls();
}

void Receiver::serve() {
    while (!stop_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (::poll(&waiting, 1, 20) > 0) {
            const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            answer(connection);
            ::close(connection);
        }
    }
}

void Receiver::answer(int connection) {
    std::string all;
    std::array<char, 65536> buffer{};
    std::size_t wanted = std::string::npos;
    Call call;
    while (wanted == std::string::npos || all.size() < wanted) {
        const ssize_t size = ::recv(connection, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            return;     // the caller was killed
        }
        all.append(buffer.data(), static_cast<std::size_t>(size));
        const std::size_t head = all.find("\r\n\r\n");
        if (wanted != std::string::npos || head == std::string::npos) {
            continue;
        }
        std::istringstream lines(all.substr(0, head));
        std::string line;
        std::getline(lines, line);
        while (std::getline(lines, line)) {
            const std::size_t colon = line.find(':');
            std::string name = line.substr(0, colon);
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            line.erase(line.find_last_not_of('\r') + 1);
            call.headers[name] = line.substr(colon + 2);
        }
        wanted = head + 4 + std::stoul(call.headers.at("content-length"));
    }
    call.body = all.substr(all.find("\r\n\r\n") + 4);
    {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
    }
    const std::string response = "HTTP/1.1 " + std::to_string(status_(call)) + " x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    static_cast<void>(::send(connection, response.data(), response.size(), MSG_NOSIGNAL));
}

}  // namespace tocsin::test
