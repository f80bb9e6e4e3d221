#include "room_parts.hpp"

#include <livefair/v1/catalog.pb.h>

#include <utility>

#include "base/metrics.hpp"
#include "gateway/session.hpp"

namespace livefair {
namespace {

constexpr std::chrono::milliseconds lag_period{100};

redis::Options redis_options(const Config& config, std::vector<std::string> libraries) {
    auto options = redis::options_from(config);
    options.libraries = std::move(libraries);
    options.libraries.emplace_back(room::library_source());
    return options;
}

std::chrono::milliseconds redis_deadline(const Config& config) { return std::chrono::milliseconds(config.redis.deadline_ms); }

}  // namespace

RoomParts::RoomParts(const SharedRoomParts& shared, net::Shard& shard, std::vector<std::string> libraries, RoomSources sources)
    : shard_(shard),
      redis_(shard.executor(), redis_options(shared.config, std::move(libraries))),
      bus_(redis_, redis_deadline(shared.config), shared.config.room.history_max),
      chat_desk_(redis_, redis_deadline(shared.config), shared.config.room.history_max),
      hub_(shard, bus_, shared.relay, std::move(sources.show_of), shared.config.room, shared.clock),
      services_{shared.config, shared.clock, shared.chat, shared.chat_filter, std::move(sources.find_identity),
                sources.ledger_side, sources.ledger_link, bus_, chat_desk_, hub_, directory_, shard.index()} {
    hub_.on_ban([this](const RoomId& room, const AccountId& account) { directory_.remove_from_room(account, room); });
}

RoomParts::~RoomParts() = default;

void RoomParts::start() {
    redis_.start();
    net::spawn(shard_.executor(), measure_lag(), "measure_lag");
}

void RoomParts::stop() {
    stopped_ = true;
    redis_.stop();
}

void RoomParts::serve(net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) {
    std::make_shared<gateway::Session>(services_, request, std::move(connection))->start();
}

void RoomParts::on_message(const std::string& channel, const SharedBytes& payload) {
    if (channel == media_channel) return hub_.on_stream(payload);
    if (channel == orders_channel) return directory_.on_order(*payload);
    hub_.on_message(channel, payload);
}

net::Task<> RoomParts::measure_lag() {
    auto lag = metrics::gauge("livefair_loop_lag_seconds", "How late a timer of the shard's loop was, at the last measurement.",
                              {{"shard", std::to_string(shard_.index())}});
    while (!stopped_) {
        const auto due = std::chrono::steady_clock::now() + lag_period;
        co_await net::sleep_for(lag_period);
        lag.set(std::chrono::duration<double>(std::chrono::steady_clock::now() - due).count());
    }
}

}  // namespace livefair
