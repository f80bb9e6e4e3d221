#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <memory>
#include <string>

#include "net/http.hpp"
#include "net/http_client.hpp"
#include "net/websocket.hpp"
#include "net/websocket_client.hpp"
#include "net/websocket_connection.hpp"
#include "support/run_task.hpp"

namespace livefair::test {

/// An HttpServer on two shards and a port of the kernel's choice, and a loop for the test's own clients.
struct ServerFixture {
    /// Runs one WebSocket until it ends; it closes when the task is done.
    using WebSocketTask = std::function<net::Task<>(net::Shard& shard, std::shared_ptr<net::WebSocket> socket)>;

    explicit ServerFixture(net::HttpOptions options = {}, net::HttpHandler handler = echo,
                           WebSocketTask websocket_task = echo_messages)
        : server(std::make_unique<net::HttpServer>(shards, std::move(options), std::move(handler), run_as(std::move(websocket_task)))) {
        server->start();
        shards.start();
    }
    ~ServerFixture() {
        server.reset();
        shards.stop();
    }

    /// Answers with method, path, address and body in lines.
    static net::Task<net::HttpResponse> echo(net::Shard&, net::HttpRequest request) {
        auto response = net::HttpResponse::text(200, request.method + '\n', "text/plain");
        response.body.push_back(share_bytes(request.path + '\n'));
        response.body.push_back(share_bytes(request.address + '\n'));
        response.body.push_back(share_bytes(std::move(request.body)));
        co_return response;
    }

    /// Sends each message back.
    static net::Task<> echo_messages(net::Shard&, std::shared_ptr<net::WebSocket> socket) {
        for (;;) {
            auto message = co_await socket->read();
            if (!message) co_return;
            const auto written = co_await socket->write(share_bytes(std::move(message->bytes)), message->text);
            if (!written) co_return;
        }
    }

    static net::WebSocketHandler run_as(WebSocketTask task) {
        return [task = std::move(task)](net::Shard& shard, net::HttpRequest, std::shared_ptr<net::WebSocketConnection> connection) {
            auto running = task(shard, std::make_shared<net::WebSocket>(std::move(connection)));
            net::spawn(shard.executor(), std::move(running), "websocket_task");
        };
    }

    net::HttpResponse request(const std::string& method, const std::string& target, const std::string& body = {},
                              net::HttpHeaders headers = {}) {
        net::HttpClient client(context.get_executor(), "127.0.0.1", server->port());
        return run_task(context, client.request(method, target, std::move(headers), body, std::chrono::seconds(10))).value();
    }

    Result<std::shared_ptr<net::WebSocket>> connect(net::WebSocketClientOptions options = {}) {
        options.port = server->port();
        return run_task(context, net::connect_websocket(std::move(options)));
    }

    net::Shards shards{2};
    std::unique_ptr<net::HttpServer> server;
    net::asio::io_context context{1};
};

/// A blocking socket for bytes that no proper client sends.
class RawConnection {
public:
    /// `receive_bytes`: the kernel keeps about so much that is not read; 0: as much as it likes.
    explicit RawConnection(std::uint16_t port, int receive_bytes = 0) : socket_(context_) {
        socket_.open(net::asio::ip::tcp::v4());
        if (receive_bytes > 0) socket_.set_option(net::asio::socket_base::receive_buffer_size(receive_bytes));
        socket_.connect({net::asio::ip::address_v4::loopback(), port});
        const timeval patience{10, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    /// False when the server has closed already.
    bool send(std::string_view bytes) {
        boost::system::error_code ec;
        net::asio::write(socket_, net::asio::buffer(bytes), ec);
        return !ec;
    }
    /// All that comes until the server closes.
    std::string read_to_end() {
        while (read_some()) {
        }
        return received_;
    }
    /// All that came once it contains `text`, or the server closed.
    std::string read_until(std::string_view text) {
        while (received_.find(text) == std::string::npos && read_some()) {
        }
        return received_;
    }
    /// Whether the server has closed by now; what has come before is kept.
    bool has_ended() {
        char bytes[4096];
        for (;;) {
            const auto count = ::recv(socket_.native_handle(), bytes, sizeof bytes, MSG_DONTWAIT);
            if (count <= 0) return count == 0 || errno == ECONNRESET;
            received_.append(bytes, static_cast<std::size_t>(count));
        }
    }
    /// True when the server closed rather than the test's patience of ten seconds ending.
    bool was_closed() const { return was_closed_; }
    void close() { socket_.close(); }

private:
    bool read_some() {
        char bytes[4096];
        const auto count = ::recv(socket_.native_handle(), bytes, sizeof bytes, 0);
        was_closed_ = count == 0 || (count < 0 && errno == ECONNRESET);
        if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
        return count > 0;
    }

    net::asio::io_context context_;
    net::asio::ip::tcp::socket socket_;
    std::string received_;
    bool was_closed_ = false;
};

}  // namespace livefair::test
