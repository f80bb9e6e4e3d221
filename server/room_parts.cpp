#include "room_parts.hpp"

#include <livefair/v1/catalog.pb.h>

#include <utility>

#include "base/metrics.hpp"
#include "gateway/session.hpp"

namespace livefair {
namespace {

constexpr std::chrono::milliseconds load_period{250};

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
      overload_(shared.overload),
      redis_(shard.executor(), redis_options(shared.config, std::move(libraries))),
      bus_(redis_, redis_deadline(shared.config), shared.config.room.history_max),
      chat_desk_(redis_, redis_deadline(shared.config), shared.config.room.history_max, shared.config.room.chat_lines_per_s),
      question_desk_(redis_, redis_deadline(shared.config)),
      hub_(shard, bus_, shared.relay, std::move(sources.show_of), shared.config.room, shared.overload, shared.clock),
      services_{shared.config, shared.clock, shared.chat, shared.chat_filter, shared.overload, std::move(sources.find_identity),
                sources.ledger_side, sources.ledger_link, bus_, chat_desk_, question_desk_, hub_, directory_, shard.index()} {
    hub_.on_ban([this](const RoomId& room, const v1::BanChanged& ban) { directory_.remove_from_room(ban, room); });
}

RoomParts::~RoomParts() = default;

void RoomParts::start() {
    redis_.start();
    net::spawn(shard_.executor(), measure_load(), "measure_load");
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

net::Task<> RoomParts::measure_load() {
    auto lag = metrics::gauge("livefair_loop_lag_seconds", "How late a timer of the shard's loop was, at the last measurement.",
                              {{"shard", std::to_string(shard_.index())}});
    auto queued = metrics::gauge("livefair_outbox_bytes", "What waits in the outboxes of the shard's viewers, at the last measurement.",
                                 {{"shard", std::to_string(shard_.index())}});
    while (!stopped_) {
        const auto due = std::chrono::steady_clock::now() + load_period;
        co_await net::sleep_for(load_period);
        const auto late = std::chrono::steady_clock::now() - due;
        lag.set(std::chrono::duration<double>(late).count());
        const auto queued_bytes = directory_.queued_bytes();
        queued.set(static_cast<double>(queued_bytes));
        overload_.report(shard_.index(), late, queued_bytes);
        if (shard_.index() == 0) overload_.judge(room::resident_bytes());
    }
}

}  // namespace livefair
