#include "support/redis_server.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string_view>

namespace livefair::test {
namespace {

/// Whether a PING over the unix socket is answered with PONG (a server that still loads answers -LOADING).
bool answers_ping(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const timeval patience{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    constexpr std::string_view ping = "PING\r\n";
    char reply[7] = {};
    const bool pong = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                      ::send(fd, ping.data(), ping.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(ping.size()) &&
                      ::recv(fd, reply, sizeof reply, MSG_WAITALL) == 7 && std::string_view(reply, 5) == "+PONG";
    ::close(fd);
    return pong;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> arguments, std::map<std::string, std::string> environment)
    : socket_(folder_.file("redis.sock")), arguments_(std::move(arguments)), environment_(std::move(environment)) {
    start();
}

RedisServer::~RedisServer() {
    if (process_) resume();
}

redis::Options RedisServer::options() const {
    redis::Options options;
    options.socket = socket_;
    return options;
}

void RedisServer::start() {
    std::vector<std::string> command = {"redis-server",         LIVEFAIR_SOURCE_DIR "/config/redis.conf",
                                        "--port",               "0",
                                        "--unixsocket",         socket_,
                                        "--dir",                folder_.path().string(),
                                        "--save",               "",
                                        "--enable-debug-command", "local"};
    command.insert(command.end(), arguments_.begin(), arguments_.end());
    process_ = std::make_unique<Process>(Process::Options{command, environment_, folder_.file("redis.log"), {}});
    const bool ready = eventually([this] { return !process_->is_running() || answers_ping(socket_); });
    if (!ready || !process_->is_running()) throw std::runtime_error("redis-server did not start: " + process_->output());
}

void RedisServer::kill9() {
    process_->signal(SIGKILL);
    process_->wait(std::chrono::seconds(10));
}

void RedisServer::restart() {
    if (process_->is_running()) kill9();
    start();
}

void RedisServer::pause() { process_->signal(SIGSTOP); }

void RedisServer::resume() { process_->signal(SIGCONT); }

}  // namespace livefair::test
