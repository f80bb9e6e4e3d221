#include "support/wire.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

namespace livefair::test {
namespace {

struct Pair {
    int client, server;
    bool over = false;
};

int connect_to(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

/// Passes on what has come; false at the end.
bool pass(int from, int to) {
    std::array<char, 65'536> bytes;
    const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    for (ssize_t sent = 0; sent < count;) {
        const auto some = ::send(to, bytes.data() + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
        if (some <= 0) return false;
        sent += some;
    }
    return true;
}

}  // namespace

Wire::Wire(std::string socket) : socket_(std::move(socket)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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

void Wire::run() {
    std::vector<Pair> pairs;
    while (!is_stopped_) {
        std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
        for (const auto& pair : pairs) {
            waiting.push_back({pair.client, POLLIN, 0});
            waiting.push_back({pair.server, POLLIN, 0});
        }
        const bool cut = is_cut_;
        if (::poll(waiting.data(), cut ? 0 : waiting.size(), 20) <= 0 || cut) continue;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            auto& pair = pairs[i];
            if (waiting[1 + 2 * i].revents != 0 && !pass(pair.client, pair.server)) pair.over = true;
            if (waiting[2 + 2 * i].revents != 0 && !pass(pair.server, pair.client)) pair.over = true;
            if (!pair.over) continue;
            ::close(pair.client);
            ::close(pair.server);
        }
        std::erase_if(pairs, [](const Pair& pair) { return pair.over; });
        if (waiting[0].revents == 0) continue;
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = connect_to(socket_);
        if (client >= 0 && server >= 0) {
            pairs.push_back({client, server});
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
