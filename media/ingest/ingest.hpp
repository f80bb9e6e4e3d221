#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/id.hpp"
#include "hls/publication.hpp"
#include "ingest/cue_watch.hpp"
#include "ingest/gate.hpp"
#include "ingest/room_figures.hpp"
#include "ingest/seat.hpp"
#include "ingest/tap.hpp"
#include "net/listener.hpp"
#include "net/tls_server.hpp"
#include "redis/client.hpp"
#include "redis/subscriber.hpp"
#include "rtmp/session.hpp"

namespace livefair::ingest {

class Peer;
class Room;

/// The RTMP side: accepts publishers, asks Redis for the room behind a stream key, hands each publisher to its room's home shard
/// (chosen by the room's name, so that a reconnect finds its stream), and tells Redis how every stream does.
/// Owned by App; made before the shards start, destroyed after they have stopped.
class Ingest {
public:
    /// `make_taps`: called on a room's shard when its first publisher comes.
    Ingest(const Config& config, const Clock& clock, net::Shards& shards, hls::Publications& publications, TapFactory make_taps);
    ~Ingest();

    /// Connects to Redis and listens. Throws std::runtime_error when the port is busy.
    void start();
    std::uint16_t port() const { return listener_.port(); }
    /// The port of RTMPS; nothing without a certificate.
    std::optional<std::uint16_t> tls_port() const { return tls_ ? std::optional(tls_->listener.port()) : std::nullopt; }
    /// Whether Redis can be reached, as each shard last saw it. Thread-safe.
    bool is_ready() const;
    /// The rooms' figures in Prometheus' text format. Thread-safe.
    std::string metrics_text() const { return figures_.to_text(); }
    /// Accepts no more and hangs up every publisher; their states are reported. Thread-safe; ends soon, not at once.
    void drain();

private:
    /// What one shard owns; touched on that shard alone, but for `connected`.
    struct Home;

    /// RTMPS beside RTMP, if a certificate is configured.
    struct TlsSide {
        net::TlsCertificate certificate;
        net::Listener listener;
    };

    /// `tls`: null for RTMP in the clear.
    net::Task<> serve(net::Shard& shard, net::asio::ip::tcp::socket socket, std::unique_ptr<net::TlsSession> tls);
    net::Task<Result<rtmp::PublishRequested>> wait_for_publish(Peer& peer);
    /// Whose a stream key is.
    struct Holder {
        RoomId room;
        Role role = Role::main;
        std::string key_hash;
    };
    net::Task<Result<Holder>> find_holder(Home& home, std::string key_hash);
    net::Task<> refuse(Peer& peer, Errc errc);
    net::Task<> move_home(std::shared_ptr<Peer> peer, Holder holder);
    net::Task<> publish(Home& home, std::shared_ptr<Peer> peer, Holder holder);
    net::Task<Result<>> relay(Peer& peer, Room& room, std::uint64_t number);
    net::Task<> report_loop(Home& home);
    net::Task<> report(Home& home, std::string room_id, std::string state, std::uint64_t discontinuity);
    void report_soon(Home& home, Room& room);
    net::Task<> recheck_keys(Home& home);
    net::Task<Result<std::uint64_t>> next_discontinuity(Home& home, RoomId room);
    std::shared_ptr<Room> open_room(Home& home, const RoomId& id, std::uint64_t first_discontinuity);
    Home& home_of(const RoomId& room);
    void on_revoked(const std::string& key_hash);
    void on_command(const std::string& command);

    const Config& config_;
    const Clock& clock_;
    net::Shards& shards_;
    hls::Publications& publications_;
    TapFactory make_taps_;
    CueWatch cues_;
    RoomFigures figures_;
    std::shared_ptr<Gate> gate_;
    std::vector<std::unique_ptr<Home>> homes_;
    std::unique_ptr<redis::Subscriber> subscriber_;
    net::Listener listener_;
    std::unique_ptr<TlsSide> tls_;
};

}  // namespace livefair::ingest
