#include "gateway_app.hpp"

#include <livefair/v1/catalog.pb.h>

#include "chat_rate.hpp"

namespace livefair {

/// What one shard has for itself.
struct GatewayApp::Parts final : room::Inbox {
    Parts(const SharedRoomParts& shared, const gateway::LedgerAddress& address, auth::IdentityCache& identities, net::Shard& shard)
        : link(shard.executor(), address, identities, shared.clock), rooms(shared, shard, {}, sources()) {}

    void on_message(const std::string& channel, const SharedBytes& payload) override { rooms.on_message(channel, payload); }
    void on_subscribed(const std::string& channel) override { rooms.on_subscribed(channel); }
    void on_lost(const std::string& channel) override { rooms.on_lost(channel); }

    RoomSources sources() {
        RoomSources sources;
        sources.show_of = [this](RoomId room) { return link.show_of(std::move(room)); };
        sources.find_identity = [this](std::string token) { return link.find_identity(std::move(token)); };
        sources.ledger_link = &link;
        return sources;
    }

    gateway::LedgerLink link;
    RoomParts rooms;
};

GatewayApp::GatewayApp(Config config)
    : config_(std::move(config)),
      clock_(system_clock()),
      ledger_address_(config_.server.ledger_url),
      shards_(static_cast<unsigned>(config_.server.shards)),
      origins_(config_.site.url, config_.site.allowed_origins),
      chat_(clock_, chat_rate(config_)),
      chat_filter_(config_.room),
      relay_(shards_, redis::options_from(config_)),
      program_(config_, clock_, origins_, shards_, *this) {
    program_.bind();
    const SharedRoomParts shared{config_, clock_, chat_, chat_filter_, program_.overload(), relay_};
    std::vector<room::Hub*> hubs;
    for (unsigned i = 0; i < shards_.size(); ++i) {
        parts_.push_back(std::make_unique<Parts>(shared, ledger_address_, identities_, shards_.at(i)));
        relay_.attach(i, *parts_.back());
        relay_.want(i, media_channel);
        relay_.want(i, orders_channel);
        hubs.push_back(&parts_.back()->rooms.hub());
    }
    census_ = std::make_unique<room::Census>(shards_, std::move(hubs), parts_[0]->rooms.bus(), parts_[0]->rooms.question_desk());
}

GatewayApp::~GatewayApp() { shards_.stop(); }

void GatewayApp::start() {
    for (const auto& parts : parts_) parts->rooms.shard().post([&rooms = parts->rooms] { rooms.start(); });
    shards_.at(0).post([this] {
        relay_.start();
        net::spawn(shards_.at(0).executor(), census_->run(), "census");
    });
    shards_.start();
}

net::Task<net::HttpResponse> GatewayApp::handle(net::Shard&, net::HttpRequest) {
    co_return net::HttpResponse::text(404, R"({"code":"not_found","messageZh":"本程序只提供 /ws。","messageEn":"This program serves /ws alone."})");
}

void GatewayApp::serve(net::Shard& shard, net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) {
    parts_[shard.index()]->rooms.serve(std::move(request), std::move(connection));
}

net::Task<net::HttpResponse> GatewayApp::ready(net::Shard& shard) {
    // Without the ledger's program viewers still see what goes on: a gateway stays in service.
    const bool connected = parts_[shard.index()]->rooms.redis().is_connected();
    const bool is_ready = connected && !draining_;
    co_return net::HttpResponse::text(is_ready ? 200 : 503, std::string(R"({"ready":)") + (is_ready ? "true" : "false") + R"(,"redis":)" +
                                                                (connected ? "true" : "false") + R"(,"draining":)" + (draining_ ? "true}" : "false}"));
}

gateway::Directory& GatewayApp::directory(unsigned shard) { return parts_[shard]->rooms.directory(); }

void GatewayApp::stop_shards() {
    shards_.at(0).post([this] {
        census_->stop();
        relay_.stop();
    });
    for (const auto& parts : parts_) parts->rooms.shard().post([&rooms = parts->rooms] { rooms.stop(); });
}

}  // namespace livefair
