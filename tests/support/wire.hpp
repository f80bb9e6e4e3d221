#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace livefair::test {

/// A TCP port of loopback that leads to a unix socket or to another port, and misbehaves when told to. Has a thread of its own. All may be called at any time.
class Wire {
public:
    explicit Wire(std::string socket);
    explicit Wire(std::uint16_t port);
    ~Wire();
    std::uint16_t port() const { return port_; }

    /// No byte passes either way, nothing is closed, and new connections get no answer, as behind a firewall that drops.
    void cut() { is_cut_ = true; }
    /// What waits passes again.
    void mend() { is_cut_ = false; }
    /// While on: what the server says is lost, what clients say arrives.
    void swallow_replies(bool on) { swallows_ = on; }
    /// What the server says arrives so much later.
    void delay_replies(std::chrono::milliseconds by) { delay_ms_ = by.count(); }
    /// Once the server has said so many bytes more, all connections are broken in the midst of what it says.
    void break_after(std::int64_t bytes) { bytes_left_ = bytes; }
    /// Breaks all connections.
    void reset() { must_reset_ = true; }

private:
    struct Pair;
    void listen();
    void run();
    int connect_server() const;
    bool pass_reply(Pair& pair);

    const std::string socket_;
    const std::uint16_t server_port_ = 0;
    int listener_;
    std::uint16_t port_;
    std::atomic<bool> is_cut_ = false, is_stopped_ = false, swallows_ = false, must_reset_ = false;
    std::atomic<std::int64_t> delay_ms_ = 0, bytes_left_ = -1;
    std::thread thread_;
};

}  // namespace livefair::test
