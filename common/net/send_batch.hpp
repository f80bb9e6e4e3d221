#pragma once

#include <memory>
#include <vector>

namespace livefair::net {

class Poller;
class WebSocketConnection;

/// The frames that many connections of one loop are to send now, handed to the kernel in few system calls (io_uring) instead of one each. Where the
/// system has no io_uring, or forbids it, each goes by itself, as it would without a batch. Lives in the loop's Poller.
class SendBatch {
public:
    /// While one lives, frames that connections are given wait; at its end they are sent, and what the kernel did not take waits for room as ever.
    /// Scopes do not nest.
    class Scope {
    public:
        explicit Scope(Poller& poller);
        ~Scope();
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        SendBatch& batch_;
    };

    SendBatch();
    ~SendBatch();
    bool is_open() const { return is_open_; }
    /// Sends the connection's frame with the others; the connection hears of it by on_sent(). Only while is_open().
    void add(std::shared_ptr<WebSocketConnection> connection) { waiting_.push_back(std::move(connection)); }

private:
    class Ring;
    void send_all();

    std::unique_ptr<Ring> ring_;  ///< Made for the first batch; null when the system has none.
    std::vector<std::shared_ptr<WebSocketConnection>> waiting_;
    bool is_open_ = false;
    bool has_tried_ = false;
};

}  // namespace livefair::net
