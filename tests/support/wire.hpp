#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace livefair::test {

/// A TCP port of loopback that leads to a unix socket, and can be cut without a word: then no byte passes either way, nothing is closed, and new
/// connections get no answer, as behind a firewall that drops. Has a thread of its own.
class Wire {
public:
    explicit Wire(std::string socket);
    ~Wire();
    std::uint16_t port() const { return port_; }
    void cut() { is_cut_ = true; }
    /// What waits passes again.
    void mend() { is_cut_ = false; }

private:
    void run();

    const std::string socket_;
    int listener_;
    std::uint16_t port_;
    std::atomic<bool> is_cut_ = false, is_stopped_ = false;
    std::thread thread_;
};

}  // namespace livefair::test
