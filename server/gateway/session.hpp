#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "auth/device.hpp"
#include "auth/rate_limit.hpp"
#include "auth/roles.hpp"
#include "gateway/services.hpp"
#include "net/http.hpp"
#include "net/websocket_connection.hpp"
#include "room/live_room.hpp"
#include "room/outbox.hpp"
#include "room/wire.hpp"

namespace livefair::v1 {
class ClientMessage;
class ServerMessage;
}  // namespace livefair::v1

namespace livefair::gateway {

class Upstream;

/// The account's sign-in ended; the client may come back as a guest.
constexpr std::uint16_t close_sign_in_ended = 3005;

/// One viewer's WebSocket, or stream of server-sent events whose messages come by POST (streams.hpp): takes its messages one after the other, and sends what its outbox holds as the peer makes room. Lives on one shard,
/// held by its connection and by the coroutines that work for it; an idle guest has none, and costs less than a kilobyte in all.
/// Limits: limits.message_bytes_max, messages_per_second, rooms_per_connection, outbox_bytes_max, orders_max.
class Session final : public net::WebSocketConnection::Owner, public std::enable_shared_from_this<Session> {
public:
    /// Orders of one connection that may be under way at once.
    static constexpr int orders_max = 4;
    /// Messages of a stream's client that may wait.
    static constexpr std::size_t posts_max = 16;

    Session(Services& services, const net::HttpRequest& request, std::shared_ptr<net::WebSocketConnection> connection);
    ~Session() override;

    /// Serves the connection from now on.
    void start();

    Services& services() const { return services_; }
    room::Format format() const { return format_; }
    const auth::Identity& identity() const;
    /// limits.trusted_addresses names the peer: limits per connection and account do not hold.
    bool is_trusted() const { return trusted_; }
    /// auth::device_of() its cookie; 0 without one.
    std::uint64_t device() const { return device_; }
    /// Who counts as one of the people who watch.
    std::uint64_t person() const { return auth::person_of(device_, identity().account.str(), address_); }
    std::size_t queued_bytes() const { return outbox_.bytes(); }
    bool watches_dashboard() const { return watches_dashboard_; }
    void watch_dashboard() { watches_dashboard_ = true; }

    /// Takes one message of a stream's client, after those before it. Errors: not_found - it is being closed; too_many_requests -
    /// posts_max wait already.
    Result<> post(std::string bytes);

    /// Has a message that needs the ledger carried out by the program that has it. The answer may be a failure; of an order whose fate is not
    /// known, that it is unknown.
    net::Task<v1::ServerMessage> ask_ledger(v1::ClientMessage message);

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

    /// Queues a frame (room::to_frame()) to this client alone, at once.
    void push(const SharedBytes& frame);
    void answer(v1::ServerMessage message, std::uint32_t request_id);
    /// Sends what is queued and closes.
    void close(std::uint16_t code, std::string reason);
    /// Drops the connection.
    void abort() { connection_->abort(); }

private:
    friend class Directory;
    struct SignIn {
        std::string token;
        auth::Identity identity;
        std::shared_ptr<Upstream> upstream;  ///< Null until it is needed.
    };
    /// What a session has whose connection only sends.
    struct Stream {
        std::string id;
        std::deque<std::string> posted;  ///< Wait for their turn.
        bool is_busy = false;
    };
    struct Closing {
        std::uint16_t code;
        std::string reason;
    };

    void on_message(net::WebSocketMessage message) override;
    void on_written() override { pump(); }
    void on_end(Errc why) override;

    /// Takes no message until `work` is done; an exception that escapes it ends the connection.
    void run_paused(net::Task<> work);
    static net::Task<> finish(std::shared_ptr<Session> self, net::Task<> work);
    static net::Task<> begin(std::shared_ptr<Session> self, std::string token);
    /// Handles messages that were posted until one takes its time.
    void take_posted();
    bool within_rate();
    /// Hands the connection what it has room for, and closes when it is time.
    void pump();
    void close_when_done();
    /// The viewer is too slow: closes with 3008 and leaves the rooms.
    void give_up();
    std::shared_ptr<Upstream> make_upstream();

    Services& services_;
    const std::shared_ptr<net::WebSocketConnection> connection_;
    const std::string address_;
    const std::uint64_t device_;
    std::unique_ptr<SignIn> sign_in_;  ///< Null for a guest.
    std::unique_ptr<Stream> stream_;   ///< Null for a WebSocket.
    room::Outbox outbox_;
    std::vector<std::unique_ptr<room::Membership>> rooms_;
    auth::TokenBucket messages_;
    std::unique_ptr<Closing> closing_;
    std::size_t place_ = 0;  ///< In the directory.
    int refused_in_a_row_ = 0;
    std::uint8_t orders_under_way_ = 0;
    room::Format format_;
    bool trusted_;
    bool watches_dashboard_ = false;
    bool is_pumping_ = false;
    bool has_ended_ = false;
    bool has_given_up_ = false;
};

}  // namespace livefair::gateway
