#include "service/http_client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::test {

std::string raw_http(std::uint16_t port, const std::string& bytes) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string out;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const ssize_t size = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (size <= 0) {
                break;
            }
            sent += static_cast<std::size_t>(size);
        }
        std::array<char, 4096> buffer{};
        for (ssize_t size = 0; (size = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;) {
            out.append(buffer.data(), static_cast<std::size_t>(size));
        }
    }
    ::close(socket);
    return out;
}

HttpAnswer http(std::uint16_t port, const std::string& method, const std::string& target, const std::string& body,
                const std::vector<std::string>& headers) {
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n";
    for (const std::string& header : headers) {
        request += header + "\r\n";
    }
    const std::string all = raw_http(port, request + "\r\n" + body);
    HttpAnswer answer;
    const std::size_t head = all.find("\r\n\r\n");
    if (head == std::string::npos) {
        return answer;
    }
    std::istringstream lines(all.substr(0, head));
    std::string line;
    std::getline(lines, line);
    answer.status = std::stoi(line.substr(line.find(' ') + 1));
    while (std::getline(lines, line)) {
        const std::size_t colon = line.find(':');
        std::string name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        line.erase(line.find_last_not_of('\r') + 1);
        answer.headers[name] = line.substr(colon + 2);
    }
    answer.body = all.substr(head + 4);
    return answer;
}

}  // namespace tocsin::test
