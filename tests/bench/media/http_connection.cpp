#include "bench/media/http_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace livefair::bench {

HttpConnection::HttpConnection(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("no HTTP server at port " + std::to_string(port));
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval patience{30, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

HttpConnection::~HttpConnection() {
    if (fd_ >= 0) ::close(fd_);
}

void HttpConnection::ask(const std::string& path, const std::string& headers) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n";
    if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        throw std::runtime_error("the HTTP server hung up");
}

HttpConnection::Answer HttpConnection::receive() {
    Answer answer;
    std::string bytes;
    std::array<char, 65536> buffer;
    std::size_t length = 0;
    while (length == 0 || bytes.size() < length) {
        const auto count = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (count <= 0) throw std::runtime_error("the HTTP server hung up or does not answer");
        if (bytes.empty()) answer.first_byte = std::chrono::steady_clock::now();
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (length == 0) length = answer_length(bytes);
    }
    answer.status = std::stoi(bytes.substr(9, 3));
    answer.body = bytes.substr(bytes.find("\r\n\r\n") + 4);
    return answer;
}

std::size_t answer_length(std::string_view bytes) {
    constexpr std::string_view name = "Content-Length: ";
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const auto at = bytes.substr(0, end).find(name);
    if (at == std::string_view::npos) throw std::runtime_error("an answer without Content-Length: " + std::string(bytes.substr(0, end)));
    return end + 4 + std::stoul(std::string(bytes.substr(at + name.size(), 12)));
}

}  // namespace livefair::bench
