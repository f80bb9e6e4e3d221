#pragma once

#include <livefair/v1/socket.pb.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/websocket_client.hpp"
#include "room/wire.hpp"
#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/wire.hpp"

namespace livefair::test {

/// One livefair-server process.
class Gateway {
public:
    /// Throws std::runtime_error when it does not start.
    Gateway(const std::string& role, std::map<std::string, std::string> settings, const TemporaryFolder& folder);
    Process& process() { return *process_; }
    std::uint16_t port() const { return port_; }
    std::uint16_t health_port() const { return health_port_; }

private:
    std::unique_ptr<Process> process_;
    std::uint16_t port_ = 0, health_port_ = 0;
};

/// A livefair-server process with a real Redis and two live shows: "show-a" in "room-a" with offers "offer-a1" and "offer-a2",
/// "show-b" in "room-b". Failing steps throw std::runtime_error.
class House {
public:
    /// `settings`: environment variables of the server.
    using Settings = std::map<std::string, std::string>;
    explicit House(Settings settings = {});
    /// Its server reaches Redis over a wire that can be cut.
    struct Wired {};
    House(Wired, Settings settings);
    /// Its server has a Redis Cluster.
    struct Clustered {};
    House(Clustered, Settings settings);
    /// One more process on the same Redis, with --role gateway and the house's settings. Lives as long as the house.
    Gateway& add_gateway();

    /// Tokens: the first operator's, that of a host of `room`, that of a buyer.
    const std::string& site_operator() const { return operator_token_; }
    std::string host_of(const std::string& room) { return staff_of(room, "HOST"); }
    /// `role`: HOST, ASSISTANT or MODERATOR.
    std::string staff_of(const std::string& room, const std::string& role);
    /// `device`: the value of the browser's cookie.
    std::string buyer(const std::string& nickname, const std::string& device = {});
    /// A buyer whose address "home" is on record.
    std::string buyer_with_address(const std::string& nickname);

    /// One call of the API; returns the body. Throws when the status is not 200.
    std::string call(const std::string& method, const std::string& path, const std::string& body, const std::string& token, const std::string& device = {});
    /// GET on the health port; returns the status.
    int health(const std::string& path);

    net::asio::io_context& context() { return context_; }
    std::uint16_t port() const { return server_->port(); }
    Process& server() { return server_->process(); }
    Gateway& gateway() { return *server_; }
    /// Not of a clustered house.
    RedisServer& redis() { return *redis_; }
    RedisCluster& cluster() { return *cluster_; }
    Wire& wire() { return *wire_; }

private:
    void open();
    void start();
    void make_show(const std::string& name);

    std::unique_ptr<RedisServer> redis_;
    std::unique_ptr<RedisCluster> cluster_;
    std::unique_ptr<Wire> wire_;
    TemporaryFolder folder_;
    net::asio::io_context context_;
    Settings settings_;
    std::unique_ptr<Gateway> server_;
    std::vector<std::unique_ptr<Gateway>> more_;
    std::string operator_token_;
    int buyers_ = 0;
    int staff_ = 0;
};

/// Puts "offer-a1" on sale; one piece of it to "home".
v1::ClientMessage open_offer();
v1::ClientMessage order(const std::string& id);

class EventStream;

/// One client: a WebSocket, or with Format::events a stream of server-sent events. Everything that comes is kept until someone waits for it.
class Client {
public:
    Client(House& house, const std::string& token = {}, room::Format format = room::Format::proto);
    /// At one of its gateways, from the browser with this cookie.
    Client(House& house, const Gateway& gateway, const std::string& token = {}, room::Format format = room::Format::proto, const std::string& device = {});
    ~Client();

    /// Sends with a request_id of its own and returns the answer to it.
    v1::ServerMessage ask(v1::ClientMessage message);
    v1::Snapshot join(const std::string& room, const std::string& epoch = {}, std::int64_t seq = 0);
    v1::ServerMessage say(const std::string& room, const std::string& text);
    v1::ServerMessage pin(const std::string& room, const std::string& offer);

    /// Sends a frame of the subprotocol's kind as it is.
    void send_bytes(std::string bytes);

    /// The next event that `wanted` accepts; what comes before it is dropped. Throws after 10 s.
    v1::SequencedEvent wait_event(const std::function<bool(const v1::SequencedEvent&)>& wanted);
    v1::SequencedEvent wait_chat(const std::string& text);
    /// The next message that `wanted` accepts; others stay.
    v1::ServerMessage wait_message(const std::function<bool(const v1::ServerMessage&)>& wanted);
    /// Reads to the end of the connection; returns the close code, 0 when it ended without one.
    std::uint16_t wait_close();
    /// Reads one message, which also stays for the others.
    void wait_any();
    /// All that has come, in order: what the other calls have taken too.
    const std::vector<v1::ServerMessage>& heard() const { return heard_; }
    /// Drops the connection.
    void drop();
    const std::string& epoch() const { return epoch_; }

private:
    void send(const v1::ClientMessage& message);
    std::string read_bytes();
    v1::ServerMessage read_one();

    House& house_;
    room::Format format_;
    std::shared_ptr<net::WebSocket> socket_;
    std::unique_ptr<EventStream> stream_;
    std::uint32_t requests_ = 0;
    std::string epoch_;  ///< Of the newest events or snapshot.
    std::vector<v1::ServerMessage> heard_;
    std::deque<v1::ServerMessage> waiting_;
    std::deque<v1::SequencedEvent> events_;
};

}  // namespace livefair::test
