#include "bench/fanout/audience.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "net/websocket_frame.hpp"

namespace livefair::bench {
namespace {

constexpr std::size_t sources = 8;  // addresses that the viewers come from: one has 28,000 ports

int connect_to(const Door& door, std::size_t number) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(number % sources));
    const int one = 1;
    if (door.receive_bytes > 0) ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &door.receive_bytes, sizeof door.receive_bytes);
    ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(door.port));
    if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("a viewer cannot connect");
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

std::string upgrade_for(const Door& door) {
    std::string request = "GET " + door.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (!door.subprotocol.empty()) request += "Sec-WebSocket-Protocol: " + door.subprotocol + "\r\n";
    return request + door.headers + "\r\n";
}

/// What came behind the answer's head.
std::string read_answer(int socket) {
    std::string answer;
    std::array<char, 4096> buffer;
    while (answer.find("\r\n\r\n") == answer.npos) {
        const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (count <= 0) throw std::runtime_error("a viewer got no answer");
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
    if (!answer.starts_with("HTTP/1.1 101")) throw std::runtime_error("a viewer was refused: " + answer.substr(0, 40));
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t length) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < length; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

}  // namespace

Audience::Audience(Listener listener) : listener_(std::move(listener)), poll_(::epoll_create1(EPOLL_CLOEXEC)) {}

Audience::~Audience() {
    for (const auto& viewer : viewers_) ::close(viewer.socket);
    ::close(poll_);
}

std::size_t Audience::enter(const Door& door) {
    viewers_.push_back({-1, 0, {}});
    open(viewers_.size() - 1, door);
    return viewers_.size() - 1;
}

void Audience::enter_again(std::size_t viewer, const Door& door) {
    viewers_[viewer] = {-1, 0, {}};
    open(viewer, door);
}

void Audience::freeze(std::size_t viewer) { ::epoll_ctl(poll_, EPOLL_CTL_DEL, viewers_[viewer].socket, nullptr); }

void Audience::open(std::size_t index, const Door& door) {
    const int socket = viewers_[index].socket = connect_to(door, index);
    const auto request = upgrade_for(door);
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) throw std::runtime_error("a viewer cannot ask");
    const auto more = read_answer(socket);
    if (!more.empty()) take(index, more, std::chrono::steady_clock::now());
    if (!door.hello.empty()) send(index, door.hello);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
}

void Audience::hung_up(std::size_t index) {
    const int code = viewers_[index].close_code;
    if (!hang_up_listener_) throw std::runtime_error("the server hung up on viewer " + std::to_string(index) + ", code " + std::to_string(code));
    ::close(std::exchange(viewers_[index].socket, -1));
    hang_up_listener_(index, code);
}

void Audience::send(std::size_t viewer, std::string_view message, bool text) { send_frame(viewers_[viewer].socket, text ? 1 : 2, message); }

void Audience::send_frame(int socket, int opcode, std::string_view payload) {
    const auto frame = net::masked_frame(static_cast<net::Opcode>(opcode), payload, 0);
    if (::send(socket, frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size()))
        throw std::runtime_error("a viewer cannot send");
}

void Audience::turn(std::chrono::milliseconds patience) {
    static thread_local std::array<char, 65'536> buffer;
    std::array<epoll_event, 512> events;
    const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), static_cast<int>(patience.count()));
    for (int i = 0; i < count; ++i) {
        const auto index = events[static_cast<std::size_t>(i)].data.u64;
        const auto got = ::recv(viewers_[index].socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) hung_up(index);
        else take(index, {buffer.data(), static_cast<std::size_t>(got)}, std::chrono::steady_clock::now());
    }
}

void Audience::run_for(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    for (auto left = time; left.count() > 0; left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())) turn(left);
}

void Audience::take(std::size_t index, std::string_view bytes, Time at) {
    auto& unread = viewers_[index].unread;
    if (!unread.empty()) {
        unread.append(bytes);
        bytes = unread;
    }
    while (bytes.size() >= 2) {
        const int opcode = bytes[0] & 15;
        std::size_t head = 2, length = static_cast<unsigned char>(bytes[1]) & 127;
        const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (bytes.size() < head + extended) break;
        if (extended > 0) length = number_at(bytes, head, extended);
        head += extended;
        if (bytes.size() < head + length) break;
        take_frame(index, opcode, bytes.substr(head, length), at);
        bytes.remove_prefix(head + length);
    }
    std::string rest(bytes);  // `bytes` may be a view of `unread`
    unread.swap(rest);
}

void Audience::take_frame(std::size_t index, int opcode, std::string_view payload, Time at) {
    constexpr int close = 8, ping = 9, pong = 10;
    if (opcode < close) return listener_(index, payload, at);
    if (opcode == ping) send_frame(viewers_[index].socket, pong, payload);
    if (opcode == close && payload.size() >= 2) viewers_[index].close_code = static_cast<int>(number_at(payload, 0, 2));
}

}  // namespace livefair::bench
