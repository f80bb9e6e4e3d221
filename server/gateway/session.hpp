#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "auth/rate_limit.hpp"
#include "auth/roles.hpp"
#include "gateway/services.hpp"
#include "net/http.hpp"
#include "net/websocket.hpp"
#include "room/live_room.hpp"
#include "room/outbox.hpp"
#include "room/wire.hpp"

namespace livefair::v1 {
class ClientMessage;
class ServerMessage;
}  // namespace livefair::v1

namespace livefair::gateway {

/// The account's sign-in ended; the client may come back as a guest.
constexpr std::uint16_t close_sign_in_ended = 3005;

/// One WebSocket. A reader coroutine takes messages and answers them, a writer coroutine sends what the outbox holds. Lives on one shard;
/// shared by its coroutines. Limits: limits.message_bytes_max, messages_per_second, rooms_per_connection, outbox_bytes_max, orders_max.
class Session : public std::enable_shared_from_this<Session> {
public:
    /// Orders of one connection that may be under way at once.
    static constexpr int orders_max = 4;

    Session(Services& services, const net::HttpRequest& request, std::shared_ptr<net::WebSocket> socket);
    ~Session();

    /// Serves the connection until it ends.
    net::Task<> run();

    Services& services() { return services_; }
    room::Format format() const { return format_; }
    const auth::Identity& identity() const { return identity_; }
    /// limits.trusted_addresses names the peer: limits per connection and account do not hold.
    bool is_trusted() const { return trusted_; }
    bool watches_dashboard() const { return watches_dashboard_; }
    void watch_dashboard() { watches_dashboard_ = true; }

    /// Signs in with a token. Errors: unauthenticated, ledger_unavailable.
    net::Task<Result<>> sign_in(std::string token);
    /// Whether the caller may do `action` in `room`, by the grants the ledger has now (at most some seconds old).
    /// Errors: unauthenticated - a guest, or the sign-in has ended; forbidden; ledger_unavailable.
    net::Task<Result<>> check(auth::Action action, RoomId room);

    /// The caller's place in a room; null when it has not joined.
    const room::Membership* membership(const RoomId& room) const;
    /// Joins (again, when it was in already). Errors: too_large (rooms per connection), those of Hub::join().
    net::Task<Result<>> join(RoomId room, room::JoinRequest request);
    void leave(const RoomId& room);

    /// Takes one of orders_max places for an order; false when all are taken.
    bool begin_order();
    void end_order();

    /// Queues a message to this client alone, at once.
    void push(const SharedBytes& bytes);
    void answer(v1::ServerMessage message, std::uint32_t request_id);
    /// Sends what is queued and closes.
    void close(std::uint16_t code, std::string reason);
    /// Drops the connection.
    void abort();

private:
    struct Closing {
        std::uint16_t code;
        std::string reason;
    };
    net::Task<> read_loop();
    /// Keeps the session alive until the writer has ended, which may be after run().
    static net::Task<> run_writer(std::shared_ptr<Session> self);
    net::Task<> write_loop();
    net::Task<bool> write_waiting();
    net::Task<> take(const std::string& bytes, bool text);
    bool within_rate();
    void wake();

    Services& services_;
    std::shared_ptr<net::WebSocket> socket_;
    room::Format format_;
    std::string token_;
    bool trusted_;
    auth::Identity identity_;
    room::Outbox outbox_;
    net::asio::steady_timer wake_timer_;  ///< Never expires; cancelled to wake the writer.
    std::map<RoomId, std::unique_ptr<room::Membership>> rooms_;
    auth::TokenBucket messages_;
    int refused_in_a_row_ = 0;
    int orders_under_way_ = 0;
    bool watches_dashboard_ = false;
    bool reader_ended_ = false;
    std::optional<Closing> closing_;
};

}  // namespace livefair::gateway
