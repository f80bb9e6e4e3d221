#include "program.hpp"

#include <cstdlib>

#include "api/api.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "gateway/streams.hpp"
#include "room/wire.hpp"

namespace livefair {
namespace {

constexpr std::chrono::milliseconds drain_poll{20};

net::HttpOptions http_options(const Config& config) {
    net::HttpOptions options;
    options.header_bytes_max = config.limits.header_bytes_max;
    options.body_bytes_max = config.limits.body_bytes_max;
    options.large_path = api::import_path;
    options.large_body_bytes_max = config.limits.import_bytes_max;
    options.handshake_ms = config.limits.handshake_ms;
    options.idle_ms = config.limits.idle_ms;
    options.connections_max = config.limits.connections_max;
    options.connections_per_address = config.limits.connections_per_address;
    options.message_bytes_max = config.limits.message_bytes_max;
    options.trusted_addresses = config.limits.trusted_addresses;
    options.proxy_addresses = config.limits.proxy_addresses;
    return options;
}

}  // namespace

Program::Program(const Config& config, const Clock& clock, const auth::Origins& origins, net::Shards& shards, Role& role)
    : config_(config), clock_(clock), origins_(origins), shards_(shards), role_(role), overload_(config.overload, shards.size(), clock), signals_(main_, SIGTERM, SIGINT) {}

Program::~Program() = default;

void Program::bind() {
    auto options = http_options(config_);
    options.address = config_.server.address;
    options.port = static_cast<std::uint16_t>(config_.server.port);
    options.subprotocols = {std::string(room::proto_subprotocol), std::string(room::json_subprotocol)};
    options.websocket_deflate = config_.server.websocket_deflate;
    options.refuses_upgrade = [this](const net::HttpRequest& request) {
        const auto origin = request.header("origin");
        const bool is_ours = request.path == "/ws" || request.path == gateway::stream_path;
        if (!is_ours || (!origin.empty() && !origins_.allows(origin))) return 403;
        return overload_.load() == room::Load::refuse ? 503 : 0;
    };
    options.is_stream = [](const net::HttpRequest& request) { return request.path == gateway::stream_path; };
    site_ = std::make_unique<net::HttpServer>(
        shards_, std::move(options), [this](net::Shard& shard, net::HttpRequest request) { return handle(shard, std::move(request)); },
        [this](net::Shard& shard, net::HttpRequest request, std::shared_ptr<net::WebSocketConnection> connection) {
            role_.serve(shard, std::move(request), std::move(connection));
        });
    site_->start();

    auto health_options = http_options(config_);
    health_options.port = static_cast<std::uint16_t>(config_.server.health_port);
    health_ = std::make_unique<net::HttpServer>(shards_, std::move(health_options),
                                                [this](net::Shard& shard, net::HttpRequest request) { return health(shard, std::move(request)); });
    health_->start();
}

void Program::run_until_stopped() {
    signals_.async_wait([this](boost::system::error_code ec, int) {
        if (ec) return;
        signals_.async_wait([](boost::system::error_code again, int) {
            if (!again) std::_Exit(EXIT_FAILURE);
        });
        net::spawn(main_.get_executor(), drain(), "drain");
    });
    main_.run();
    shards_.stop();
}

net::Task<> Program::drain() {
    const std::chrono::milliseconds limit(config_.server.drain_ms);
    const auto deadline = clock_.steady() + limit;
    log::info("drain_started", {{"connections", site_->connections()}, {"limit_ms", config_.server.drain_ms}});
    role_.begin_drain();
    site_->stop_accepting();
    for (unsigned i = 0; i < shards_.size(); ++i) net::spawn(shards_.at(i).executor(), role_.directory(i).drain(limit / 2), "drain_sessions");
    while (site_->connections() > 0 && clock_.steady() < deadline) co_await net::sleep_for(drain_poll);
    log::info("drain_ended", {{"connections_dropped", site_->connections()}});
    health_->stop_accepting();
    role_.stop_shards();
    signals_.cancel();
}

net::Task<net::HttpResponse> Program::handle(net::Shard& shard, net::HttpRequest request) {
    if (request.method != "POST" || request.path != gateway::stream_path) return role_.handle(shard, std::move(request));
    return gateway::post_to_stream(
        shards_, [this](unsigned index) -> gateway::Directory& { return role_.directory(index); }, std::move(request), config_.limits.message_bytes_max);
}

net::Task<net::HttpResponse> Program::health(net::Shard& shard, net::HttpRequest request) {
    if (request.path == "/healthz") co_return net::HttpResponse::text(200, "{\"alive\":true}");
    if (request.path == "/ready" && overload_.load() == room::Load::refuse)
        co_return net::HttpResponse::text(503, R"({"ready":false,"overload":"refuse"})");
    if (request.path == "/ready") co_return co_await role_.ready(shard);
    if (request.path == "/metrics") {
        metrics::gauge("livefair_connections", "Open connections of the site, WebSockets included.")
            .set(static_cast<double>(site_->connections()));
        co_return net::HttpResponse::text(200, metrics::to_text(), "text/plain; version=0.0.4");
    }
    co_return net::HttpResponse::text(404, "{\"paths\":[\"/healthz\",\"/ready\",\"/metrics\"]}");
}

}  // namespace livefair
