#include "net/http.hpp"

#include "net/http_connections.hpp"
#include "net/listener.hpp"

namespace livefair::net {

using asio::ip::tcp;

class HttpServer::Impl {
public:
    Impl(Shards& shards, HttpOptions options, HttpHandler http_handler, WebSocketHandler websocket_handler)
        : shards_(shards),
          connections_(std::make_shared<Connections>(shards.size(), std::move(options), std::move(http_handler),
                                                     std::move(websocket_handler))),
          listener_(shards, connections_->options().address, connections_->options().port,
                    [connections = connections_](Shard& shard, tcp::socket socket) {
                        return Connections::serve(connections, shard, std::move(socket));
                    }) {}

    ~Impl() { connections_->stop_files(); }

    void start() { listener_.start(); }
    std::uint16_t port() const { return listener_.port(); }
    std::int64_t connections() const { return connections_->count(); }

    void stop_accepting() {
        connections_->begin_stop();
        listener_.stop();
        for (unsigned index = 0; index < shards_.size(); ++index)
            shards_.at(index).post([connections = connections_, &shard = shards_.at(index)] {
                connections->close_waiting(shard);
            });
    }

private:
    Shards& shards_;
    const std::shared_ptr<Connections> connections_;
    Listener listener_;
};

HttpServer::HttpServer(Shards& shards, HttpOptions options, HttpHandler http_handler, WebSocketHandler websocket_handler)
    : impl_(std::make_shared<Impl>(shards, std::move(options), std::move(http_handler), std::move(websocket_handler))) {}

HttpServer::~HttpServer() { impl_->stop_accepting(); }

void HttpServer::start() { impl_->start(); }

std::uint16_t HttpServer::port() const { return impl_->port(); }

void HttpServer::stop_accepting() { impl_->stop_accepting(); }

std::int64_t HttpServer::connections() const { return impl_->connections(); }

}  // namespace livefair::net
