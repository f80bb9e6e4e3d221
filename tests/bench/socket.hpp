#pragma once

#include <livefair/v1/socket.pb.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/errc.hpp"
#include "net/task.hpp"

namespace livefair::net {
class WebSocket;
}

namespace livefair::bench {

/// A client's WebSocket in subprotocol livefair.v1.proto. Lives on one thread. It closes when the last copy of the pointer that
/// connect() gave is gone; the listener is not called after that. At most 1000 messages wait to be written.
class Socket : public std::enable_shared_from_this<Socket> {
public:
    /// Gets every message that answers no request: events, order changes, dashboards.
    using Listener = std::function<void(const v1::ServerMessage&)>;

    /// Connects and says Hello with `token` (empty: a guest). Errors: closed, timed_out, unauthenticated.
    static net::Task<Result<std::shared_ptr<Socket>>> connect(std::string url, std::string token, Listener listener);
    ~Socket();

    /// Sends with a request id of its own and waits for the answer.
    /// Errors: closed; timed_out - no answer within `deadline`; for a Failure the Errc of its code.
    net::Task<Result<v1::ServerMessage>> request(v1::ClientMessage message, std::chrono::milliseconds deadline = std::chrono::seconds(15));
    /// Sends without waiting. Errors: closed, too_large - too much waits.
    Result<> send(const v1::ClientMessage& message);
    bool is_open() const { return open_; }
    void close();

private:
    struct Waiting {
        explicit Waiting(const net::asio::any_io_executor& executor) : timer(executor) {}
        net::asio::steady_timer timer;
        v1::ServerMessage answer;
        bool answered = false;
    };
    Socket(net::asio::any_io_executor executor, std::shared_ptr<net::WebSocket> websocket, Listener listener);
    net::Task<> read_all();
    net::Task<> write_all();
    void take(v1::ServerMessage message);
    void end();

    net::asio::any_io_executor executor_;
    std::shared_ptr<net::WebSocket> websocket_;
    Listener listener_;
    std::map<std::uint32_t, Waiting*> waiting_;
    std::deque<std::string> outgoing_;
    net::asio::steady_timer outgoing_added_;
    std::uint32_t last_request_id_ = 0;
    bool open_ = true;
};

}  // namespace livefair::bench
