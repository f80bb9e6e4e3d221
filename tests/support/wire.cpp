#include "support/wire.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>
#include <vector>

namespace livefair::test {
namespace {

using Time = std::chrono::steady_clock::time_point;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

template <class Address>
int connect_to(int family, const Address& address) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

bool send_all(int to, const char* bytes, std::size_t count) {
    for (std::size_t sent = 0; sent < count;) {
        const auto some = ::send(to, bytes + sent, count - sent, MSG_NOSIGNAL);
        if (some <= 0) return false;
        sent += static_cast<std::size_t>(some);
    }
    return true;
}

/// Passes on what has come; false at the end.
bool pass(int from, int to) {
    std::array<char, 65'536> bytes;
    const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
    return count > 0 && send_all(to, bytes.data(), static_cast<std::size_t>(count));
}

}  // namespace

struct Wire::Pair {
    int client, server;
    bool over = false;
    struct Late {
        Time due;
        std::string bytes;
    };
    std::deque<Late> late;  ///< Of the server's words.
};

Wire::Wire(std::string socket) : socket_(std::move(socket)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) { listen(); }
Wire::Wire(std::uint16_t port) : server_port_(port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) { listen(); }

void Wire::listen() {
    auto address = loopback(0);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw std::runtime_error("a test's wire can't be laid");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

Wire::~Wire() {
    is_stopped_ = true;
    thread_.join();
    ::close(listener_);
}

int Wire::connect_server() const {
    if (server_port_ != 0) return connect_to(AF_INET, loopback(server_port_));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.copy(address.sun_path, sizeof address.sun_path - 1);
    return connect_to(AF_UNIX, address);
}

/// As pass(), with what was asked for.
bool Wire::pass_reply(Pair& pair) {
    std::array<char, 65'536> bytes;
    const auto count = ::recv(pair.server, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    if (swallows_) return true;
    auto length = static_cast<std::int64_t>(count);
    if (bytes_left_ >= 0) {
        const auto left = bytes_left_.load();
        must_reset_ = must_reset_ || left <= length;
        bytes_left_ = left <= length ? -1 : left - length;
        length = std::min(left, length);
    }
    if (delay_ms_ == 0 && pair.late.empty()) return send_all(pair.client, bytes.data(), static_cast<std::size_t>(length));
    pair.late.push_back({std::chrono::steady_clock::now() + std::chrono::milliseconds(delay_ms_), std::string(bytes.data(), static_cast<std::size_t>(length))});
    return true;
}

void Wire::run() {
    std::vector<Pair> pairs;
    while (!is_stopped_) {
        std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
        bool has_late = false;
        for (const auto& pair : pairs) {
            waiting.push_back({pair.client, POLLIN, 0});
            waiting.push_back({pair.server, POLLIN, 0});
            has_late |= !pair.late.empty();
        }
        const bool cut = is_cut_;
        const int ready = ::poll(waiting.data(), cut ? 0 : waiting.size(), has_late ? 2 : 20);
        if (cut && !must_reset_) continue;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            auto& pair = pairs[i];
            const auto now = std::chrono::steady_clock::now();
            for (; !pair.late.empty() && pair.late.front().due <= now; pair.late.pop_front())
                pair.over |= !send_all(pair.client, pair.late.front().bytes.data(), pair.late.front().bytes.size());
            if (ready > 0 && waiting[1 + 2 * i].revents != 0 && !pass(pair.client, pair.server)) pair.over = true;
            if (ready > 0 && waiting[2 + 2 * i].revents != 0 && !pass_reply(pair)) pair.over = true;
        }
        const bool reset = must_reset_.exchange(false);
        for (auto& pair : pairs) {
            pair.over |= reset;
            if (!pair.over) continue;
            ::close(pair.client);
            ::close(pair.server);
        }
        std::erase_if(pairs, [](const Pair& pair) { return pair.over; });
        if (ready <= 0 || waiting[0].revents == 0) continue;
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = connect_server();
        if (client >= 0 && server >= 0) {
            pairs.push_back({client, server, false, {}});
        } else {
            if (client >= 0) ::close(client);
            if (server >= 0) ::close(server);
        }
    }
    for (const auto& pair : pairs) {
        ::close(pair.client);
        ::close(pair.server);
    }
}

}  // namespace livefair::test
