#include "app.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "auth/media_secret.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "hls/publication.hpp"
#include "ingest/ingest.hpp"
#include "net/http.hpp"
#include "net/shard.hpp"
#include "origin/origin.hpp"
#include "room_taps.hpp"

namespace livefair::media {
namespace {

/// Players load playlists often over few connections; a request has no body.
net::HttpOptions hls_options(const Config& config) {
    net::HttpOptions options;
    options.address = config.media.address;
    options.port = static_cast<std::uint16_t>(config.media.hls_port);
    options.header_bytes_max = config.limits.header_bytes_max;
    options.body_bytes_max = 1024;
    options.handshake_ms = config.limits.handshake_ms;
    options.idle_ms = config.limits.idle_ms;
    options.connections_max = config.limits.connections_max;
    options.connections_per_address = config.limits.connections_per_address;
    options.trusted_addresses = config.limits.trusted_addresses;
    options.proxy_addresses = config.limits.proxy_addresses;
    return options;
}

net::HttpOptions health_options(const Config& config) {
    net::HttpOptions options;
    options.port = static_cast<std::uint16_t>(config.media.health_port);
    options.connections_max = 100;
    return options;
}

}  // namespace

class App::Impl {
public:
    explicit Impl(Config config)
        : config_(std::move(config)),
          shards_(static_cast<unsigned>(config_.server.shards)),
          taps_(config_, system_clock(), shards_, publications_),
          origin_(config_, system_clock(), shards_, auth::load_media_secret(config_.media.secret_file), publications_,
                  taps_.thumbnailer()),
          ingest_(config_, system_clock(), shards_, publications_,
                  [this](net::Shard& shard, const RoomId& room) { return taps_.make(shard, room); }),
          hls_(shards_, hls_options(config_),
               [this](net::Shard& shard, net::HttpRequest request) { return origin_.handle(shard, std::move(request)); }),
          health_(shards_, health_options(config_),
                  [this](net::Shard&, net::HttpRequest request) { return answer_health(std::move(request)); }) {}

    void start() {
        hls_.start();
        health_.start();
        taps_.start();
        origin_.start();
        ingest_.start();
        shards_.start();
    }

    std::string ready_line() const {
        return "{\"ready\":\"livefair-media\",\"hls_port\":" + std::to_string(hls_.port()) +
               ",\"rtmp_port\":" + std::to_string(ingest_.port()) +
               (ingest_.tls_port() ? ",\"rtmps_port\":" + std::to_string(*ingest_.tls_port()) : "") + ",\"health_port\":" + std::to_string(health_.port()) + "}";
    }

    void drain() {
        draining_ = true;
        ingest_.drain();
        hls_.stop_accepting();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(config_.server.drain_ms);
        // Leaves time for the last stream states to reach Redis, too.
        do {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        } while (hls_.connections() > 0 && std::chrono::steady_clock::now() < deadline);
        health_.stop_accepting();
        shards_.stop();
    }

private:
    net::Task<net::HttpResponse> answer_health(net::HttpRequest request) {
        if (request.path == "/healthz") co_return net::HttpResponse::text(200, "{\"status\":\"ok\"}");
        if (request.path == "/metrics") co_return net::HttpResponse::text(200, metrics::to_text() + ingest_.metrics_text(), "text/plain; version=0.0.4");
        if (request.path == "/ready") {
            const bool ready = !draining_ && ingest_.is_ready();
            const std::string why = draining_ ? "draining" : ready ? "" : "redis";
            co_return net::HttpResponse::text(ready ? 200 : 503, ready ? "{\"ready\":true}" : "{\"ready\":false,\"why\":\"" + why + "\"}");
        }
        co_return net::HttpResponse::text(404, "{\"code\":\"not_found\"}");
    }

    Config config_;
    std::atomic<bool> draining_ = false;
    hls::Publications publications_;
    net::Shards shards_;
    RoomTaps taps_;
    origin::Origin origin_;
    ingest::Ingest ingest_;
    net::HttpServer hls_;
    net::HttpServer health_;
};

App::App(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}
App::~App() = default;
void App::start() { impl_->start(); }
std::string App::ready_line() const { return impl_->ready_line(); }
void App::drain() { impl_->drain(); }

}  // namespace livefair::media
