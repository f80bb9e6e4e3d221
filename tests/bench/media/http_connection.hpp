#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace livefair::bench {

/// One HTTP connection that stays open, on loopback, blocking: what a player has, with as little of its own cost as can be.
class HttpConnection {
public:
    using Time = std::chrono::steady_clock::time_point;
    struct Answer {
        int status = 0;
        std::string body;
        Time first_byte;
    };
    /// Throws std::runtime_error when nobody listens.
    explicit HttpConnection(int port);
    ~HttpConnection();
    HttpConnection(HttpConnection&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }

    /// `headers`: whole lines. Throws std::runtime_error when the server hangs up.
    void ask(const std::string& path, const std::string& headers = "");
    Answer receive();
    Answer get(const std::string& path) {
        ask(path);
        return receive();
    }
    int socket() const { return fd_; }

private:
    int fd_ = -1;
};

/// The length of the whole answer that `bytes` begin with, head and body; 0 while the head is not whole.
std::size_t answer_length(std::string_view bytes);

}  // namespace livefair::bench
