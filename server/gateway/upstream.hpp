#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/errc.hpp"
#include "net/websocket_client.hpp"

namespace livefair::v1 {
class ClientMessage;
class ServerMessage;
}  // namespace livefair::v1

namespace livefair::gateway {

/// One client's WebSocket to the program with the ledger, for what a gateway can't decide itself. That program sees the client's own token and
/// address, so all its checks and limits hold. Made at the first question; lives on its session's shard.
class Upstream : public std::enable_shared_from_this<Upstream> {
public:
    struct Handlers {
        /// What comes without being asked for.
        std::function<void(const v1::ServerMessage&)> message;
        /// The connection has ended; the close code, 0: without one. The next question makes a new one.
        std::function<void(std::uint16_t code)> end;
    };
    Upstream(net::WebSocketClientOptions options, Handlers handlers);
    ~Upstream();

    /// The answer to `message`. Errors: ledger_unavailable - it was not sent; redis_unknown - it was, and no answer came: it may have happened.
    net::Task<Result<v1::ServerMessage>> ask(v1::ClientMessage message);
    /// Ends the connection; the handlers are not called any more.
    void close();

private:
    struct Question;
    net::Task<bool> connect();
    static net::Task<> read(std::shared_ptr<Upstream> self, std::shared_ptr<net::WebSocket> socket);
    net::Task<> write(SharedBytes bytes);
    void take(const v1::ServerMessage& message);

    const net::WebSocketClientOptions options_;
    Handlers handlers_;
    std::shared_ptr<net::WebSocket> socket_;
    std::unique_ptr<net::asio::steady_timer> connecting_;  ///< Cancelled to wake those who wait for the connection.
    std::uint32_t questions_asked_ = 0;
    std::map<std::uint32_t, std::shared_ptr<Question>> questions_;
    std::deque<SharedBytes> to_write_;
    bool is_writing_ = false;
    bool is_closed_ = false;
};

}  // namespace livefair::gateway
