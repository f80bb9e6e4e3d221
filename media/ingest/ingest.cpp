#include "ingest/ingest.hpp"

#include <livefair/v1/media.pb.h>

#include <charconv>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include "auth/token.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "ingest/peer.hpp"
#include "ingest/room.hpp"

namespace livefair::ingest {
namespace {

using net::asio::ip::tcp;

constexpr std::chrono::milliseconds report_every{2000};
constexpr const char* state_lifetime_ms = "10000";
constexpr const char* keys_hash = "lf:streamkeys";
constexpr const char* revoked_channel = "lf:streamkeys:revoked";
constexpr const char* commands_channel = "lf:media:commands";
constexpr const char* state_channel = "lf:media";
constexpr const char* discontinuities_hash = "lf:discontinuities";

/// What the publisher's program shows. The status code is what encoders know; the description is for people.
std::pair<std::string, std::string> refusal(Errc errc) {
    switch (errc) {
        case Errc::bad_key:
            return {"NetStream.Publish.BadName", "推流码无效，请在中控台获取新的推流码 / stream key not valid: get a new one from the host's page"};
        case Errc::unsupported:
            return {"NetStream.Publish.Rejected", "只支持 H.264、HEVC、AV1 视频和 AAC 音频，各一路 / only one track of H.264, HEVC or AV1 video and one of AAC audio are supported"};
        case Errc::invalid_input:
            return {"NetStream.Publish.Rejected", "音视频数据有误，请检查编码器 / broken audio or video data: check the encoder"};
        case Errc::too_large:
            return {"NetStream.Publish.Rejected", "码率过高，请降低码率 / bit rate too high: lower it"};
        default:
            return {"NetStream.Publish.Failed", "暂时无法验证推流码，请稍后重试 / the key can't be checked now: try again soon"};
    }
}

std::string_view name_of(Room::Status status) {
    return status == Room::Status::live ? "live" : status == Room::Status::reconnecting ? "reconnecting" : "offline";
}

rtmp::ChunkLimits chunk_limits(const Config& config) {
    const auto largest = static_cast<std::size_t>(config.media.message_bytes_max);
    return {largest, 2 * largest, 64};
}

metrics::Counter publishes(const char* outcome) {
    return metrics::counter("livefair_media_publishes_total", "Publish requests by outcome", {{"outcome", outcome}});
}

metrics::Gauge tls_expiry() {
    return metrics::gauge("livefair_media_tls_certificate_expires_seconds", "When the certificate of RTMPS ends, Unix seconds");
}

}  // namespace

struct Ingest::Home {
    Home(net::Shard& its_shard, redis::Options options) : shard(its_shard), redis(its_shard.executor(), std::move(options)) {}
    net::Shard& shard;
    redis::Client redis;
    std::map<RoomId, std::shared_ptr<Room>> rooms;
    std::atomic<bool> connected = false;
    bool draining = false;
};

Ingest::Ingest(const Config& config, const Clock& clock, net::Shards& shards, hls::Publications& publications, TapFactory make_taps)
    : config_(config),
      clock_(clock),
      shards_(shards),
      publications_(publications),
      make_taps_(std::move(make_taps)),
      cues_(config, clock, shards.at(0)),
      gate_(std::make_shared<Gate>(config, clock)),
      listener_(shards, config.media.address, static_cast<std::uint16_t>(config.media.rtmp_port),
                [this](net::Shard& shard, tcp::socket socket) { return serve(shard, std::move(socket), nullptr); }) {
    if (!config.media.tls_certificate_file.empty())
        tls_.reset(new TlsSide{
            {config.media.tls_certificate_file, config.media.tls_key_file},
            {shards, config.media.address, static_cast<std::uint16_t>(config.media.rtmps_port),
             [this](net::Shard& shard, tcp::socket socket) { return serve(shard, std::move(socket), tls_->certificate.accept()); }}});
    for (unsigned index = 0; index < shards.size(); ++index)
        homes_.push_back(std::make_unique<Home>(shards.at(index), redis::options_from(config)));
    subscriber_ = std::make_unique<redis::Subscriber>(
        shards.at(0).executor(), redis::options_from(config),
        [this](const std::string& channel, const std::string& message) {
            channel == revoked_channel ? on_revoked(message) : on_command(message);
        },
        // What was revoked while we were not subscribed is found by asking for every key in use.
        [this](const std::string& channel) {
            if (channel != revoked_channel) return;
            for (auto& home : homes_)
                home->shard.post([this, &home = *home] { net::spawn(home.shard.executor(), recheck_keys(home), "recheck_keys"); });
        });
}

Ingest::~Ingest() = default;

void Ingest::start() {
    for (auto& home : homes_) {
        home->redis.start();
        net::spawn(home->shard.executor(), report_loop(*home), "report_loop");
    }
    subscriber_->subscribe(revoked_channel);
    subscriber_->subscribe(commands_channel);
    subscriber_->start();
    cues_.start();
    listener_.start();
    if (tls_) tls_->listener.start();
}

bool Ingest::is_ready() const {
    for (const auto& home : homes_)
        if (!home->connected) return false;
    return true;
}

void Ingest::drain() {
    listener_.stop();
    if (tls_) tls_->listener.stop();
    for (auto& home : homes_)
        home->shard.post([&home = *home] {
            home.draining = true;
            // A room may end here and leave the map.
            const auto rooms = home.rooms;
            for (const auto& [id, room] : rooms) room->hang_up();
        });
}

Ingest::Home& Ingest::home_of(const RoomId& room) { return *homes_[std::hash<RoomId>{}(room) % homes_.size()]; }

net::Task<> Ingest::serve(net::Shard& shard, tcp::socket socket, std::unique_ptr<net::TlsSession> tls) {
    boost::system::error_code ec;
    const auto address = socket.remote_endpoint(ec).address().to_string();
    auto ticket = ec ? std::nullopt : Gate::admit(gate_, address);
    if (!ticket) co_return;
    const auto peer = std::make_shared<Peer>(std::move(socket), std::move(tls), chunk_limits(config_), address, std::move(*ticket));
    auto request = co_await wait_for_publish(*peer);
    if (!request) {
        log::info("publisher_gone", {{"address", address}, {"why", to_string(to_errc(request.error()))}});
        co_return peer->abort();
    }
    auto holder = co_await find_holder(*homes_[shard.index()], auth::hash_token(request->name));
    if (!holder) {
        const auto errc = to_errc(holder.error());
        if (errc == Errc::bad_key) gate_->note_bad_key(address);
        publishes(errc == Errc::bad_key ? "bad_key" : "unavailable").add();
        log::warn("publish_refused", {{"address", address}, {"why", to_string(errc)}});
        co_return co_await refuse(*peer, errc);
    }
    co_await move_home(peer, std::move(*holder));
}

net::Task<Result<rtmp::PublishRequested>> Ingest::wait_for_publish(Peer& peer) {
    peer.guard_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(config_.media.handshake_ms));
    for (;;) {
        auto actions = co_await peer.read();
        if (!actions) co_return actions.error();
        for (auto& action : *actions) {
            if (const auto* closed = std::get_if<rtmp::Closed>(&action)) co_return make_error_code(closed->reason);
            if (auto* request = std::get_if<rtmp::PublishRequested>(&action)) co_return std::move(*request);
        }
    }
}

/// The hash's value is the room, or the room and the word "backup". Errors: Errc::bad_key, or Redis' own.
net::Task<Result<Ingest::Holder>> Ingest::find_holder(Home& home, std::string key_hash) {
    constexpr std::string_view backup_suffix = " backup";
    redis::Client::Command command;
    command.push_back("HGET");
    command.push_back(keys_hash);
    command.push_back(key_hash);
    const auto reply = co_await home.redis.command(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->is_nil()) co_return make_error_code(Errc::bad_key);
    std::string_view name = reply->text;
    const bool is_backup = name.ends_with(backup_suffix);
    if (is_backup) name.remove_suffix(backup_suffix.size());
    auto room = RoomId::parse(std::string(name));
    if (!room) co_return make_error_code(Errc::bad_key);
    co_return Holder{std::move(*room), is_backup ? Role::backup : Role::main, std::move(key_hash)};
}

net::Task<> Ingest::refuse(Peer& peer, Errc errc) {
    auto [code, description] = refusal(errc);
    co_await peer.refuse(std::move(code), std::move(description));
}

net::Task<> Ingest::move_home(std::shared_ptr<Peer> peer, Holder holder) {
    auto& home = home_of(holder.room);
    if (home.shard.is_current()) {
        co_await publish(home, std::move(peer), std::move(holder));
        co_return;
    }
    if (!peer->detach()) co_return;
    home.shard.post([this, &home, peer, holder] {
        net::spawn(home.shard.executor(), publish(home, Peer::attach(home.shard, std::move(*peer)), holder), "publish");
    });
}

net::Task<> Ingest::publish(Home& home, std::shared_ptr<Peer> peer, Holder holder) {
    const auto room_id = holder.room;
    const auto discontinuity = co_await next_discontinuity(home, room_id);
    if (!discontinuity) co_return co_await refuse(*peer, to_errc(discontinuity.error()));
    if (home.draining) co_return;
    const auto room = open_room(home, room_id, *discontinuity);
    const auto role = holder.role == Role::main ? "main" : "backup";
    const auto number = room->begin(holder.role, std::move(holder.key_hash), [weak = std::weak_ptr<Peer>(peer)] {
        if (const auto old = weak.lock()) old->abort();
    });
    publishes("accepted").add();
    log::info("publish_started", {{"room", room_id.str()}, {"role", role}, {"address", peer->address()}});
    peer->guard_idle(std::chrono::milliseconds(config_.media.idle_ms));
    peer->pace();
    const auto ended = co_await relay(*peer, *room, number);
    const auto errc = to_errc(ended.error());
    room->end(number);
    log::info("publish_ended", {{"room", room_id.str()}, {"role", role}, {"address", peer->address()}, {"why", to_string(errc)}});
    const bool is_our_decision = errc == Errc::unsupported || errc == Errc::invalid_input || errc == Errc::too_large || errc == Errc::internal;
    if (is_our_decision) co_await refuse(*peer, errc);
    peer->abort();
}

/// Runs until the publisher ends one way or another: always an error.
net::Task<Result<>> Ingest::relay(Peer& peer, Room& room, std::uint64_t number) {
    auto actions = co_await peer.accept_publish();
    for (;;) {
        if (!actions) co_return actions.error();
        for (auto& action : *actions) {
            if (const auto* closed = std::get_if<rtmp::Closed>(&action)) co_return make_error_code(closed->reason);
            auto* media = std::get_if<rtmp::Media>(&action);
            if (!media) continue;
            if (const auto taken = room.on_media(number, std::move(*media)); !taken) co_return taken.error();
        }
        auto next = co_await peer.read();
        actions = std::move(next);
    }
}

/// Continues where the room's last playlist stopped, over restarts of this program, too. It must stay a small number: hls.js walks
/// an array of that length at each reload.
net::Task<Result<std::uint64_t>> Ingest::next_discontinuity(Home& home, RoomId room) {
    if (home.rooms.count(room)) co_return 0;
    redis::Client::Command command;
    command.push_back("HGET");
    command.push_back(discontinuities_hash);
    command.push_back(room.str());
    const auto reply = co_await home.redis.command(std::move(command));
    if (!reply) co_return reply.error();
    std::uint64_t last = 0;
    const auto parsed = std::from_chars(reply->text.data(), reply->text.data() + reply->text.size(), last);
    co_return parsed.ec == std::errc{} ? last + 1 : 0;
}

std::shared_ptr<Room> Ingest::open_room(Home& home, const RoomId& id, std::uint64_t first_discontinuity) {
    auto& room = home.rooms[id];
    if (!room) {
        Room::Events events;
        events.on_change = [this, &home](Room& changed) {
            log::info("stream_status", {{"room", changed.id().str()}, {"status", name_of(changed.status())}, {"publisher", changed.is_on_backup() ? "backup" : "main"}});
            report_soon(home, changed);
        };
        events.on_forgotten = [this, &home](Room& forgotten) {
            cues_.close(forgotten.id());
            figures_.forget(forgotten.id().str());
            home.rooms.erase(forgotten.id());
        };
        room = std::make_shared<Room>(home.shard, id, config_, clock_, publications_, first_discontinuity,
                                      make_taps_(home.shard, id), std::move(events));
        cues_.open(id, [&home, weak = std::weak_ptr<Room>(room)](std::shared_ptr<const hls::Cues> cues) {
            home.shard.post([weak, cues = std::move(cues)] {
                if (const auto open = weak.lock()) open->set_cues(cues);
            });
        });
    }
    return room;
}

net::Task<> Ingest::report_loop(Home& home) {
    auto live = metrics::gauge("livefair_media_rooms", "Rooms with a stream or a playlist", {{"shard", std::to_string(home.shard.index())}});
    for (;;) {
        for (const auto& [id, room] : home.rooms) report_soon(home, *room);
        if (tls_ && home.shard.index() == 0) tls_expiry().set(static_cast<double>(tls_->certificate.expires_at_s()));
        live.set(static_cast<double>(home.rooms.size()));
        redis::Client::Command ping;
        ping.push_back("PING");
        const auto pong = co_await home.redis.command(std::move(ping));
        home.connected = pong.has_value();
        co_await net::sleep_for(home.connected ? report_every : report_every / 10);
    }
}

void Ingest::report_soon(Home& home, Room& room) {
    v1::StreamState state;
    room.describe(state);
    figures_.set(state);
    net::spawn(home.shard.executor(), report(home, room.id().str(), state.SerializeAsString(), room.discontinuity_sequence()), "report");
}

/// A lost report is replaced by the next, 2 s later.
net::Task<> Ingest::report(Home& home, std::string room_id, std::string state, std::uint64_t discontinuity) {
    redis::Client::Command keep;
    for (const auto& word : {std::string("HSET"), std::string(discontinuities_hash), room_id, std::to_string(discontinuity)})
        keep.push_back(word);
    static_cast<void>(co_await home.redis.command(std::move(keep)));
    redis::Client::Command set;
    for (const auto& word : {std::string("SET"), "lf:stream:" + room_id, state, std::string("PX"), std::string(state_lifetime_ms)})
        set.push_back(word);
    static_cast<void>(co_await home.redis.command(std::move(set)));
    redis::Client::Command publish_command;
    for (const auto& word : {std::string("SPUBLISH"), std::string(state_channel), state}) publish_command.push_back(word);
    static_cast<void>(co_await home.redis.command(std::move(publish_command)));
}

void Ingest::on_revoked(const std::string& key_hash) {
    for (auto& home : homes_)
        home->shard.post([&home = *home, key_hash] {
            const auto rooms = home.rooms;
            for (const auto& [id, room] : rooms) room->hang_up(key_hash);
        });
}

/// "give_back <room>"; what else may come one day is for others.
void Ingest::on_command(const std::string& command) {
    constexpr std::string_view give_back = "give_back ";
    if (!command.starts_with(give_back)) return;
    const auto room_id = RoomId::parse(command.substr(give_back.size()));
    if (!room_id) return;
    auto& home = home_of(*room_id);
    home.shard.post([&home, room_id = *room_id] {
        const auto found = home.rooms.find(room_id);
        if (found != home.rooms.end()) found->second->give_back();
    });
}

net::Task<> Ingest::recheck_keys(Home& home) {
    const auto rooms = home.rooms;
    for (const auto& [id, room] : rooms) {
        for (const auto& key_hash : room->key_hashes()) {
            const auto found = co_await find_holder(home, key_hash);
            const bool is_revoked = found ? found->room != id : found.error() == Errc::bad_key;
            if (is_revoked) room->hang_up(key_hash);
        }
    }
}

}  // namespace livefair::ingest
