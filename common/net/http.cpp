#include "net/http.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>
#include <set>

#include "base/log.hpp"
#include "net/admission.hpp"
#include "net/http_message.hpp"
#include "net/listener.hpp"
#include "net/request_reader.hpp"
#include "net/websocket_connection.hpp"

namespace livefair::net {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr std::size_t read_bytes = 8 * 1024;
/// Slowest reader that is waited for, after idle_ms.
constexpr std::uint64_t write_bytes_per_ms_min = 8;
constexpr milliseconds linger_time{500};
constexpr std::size_t linger_bytes_max = 256 * 1024;

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

/// As people write it in the configuration: IPv4 in its short form, also when it came over an IPv6 socket.
std::string to_text(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return lower;
}

/// All entries of a header that is a comma-separated list, from all its lines, in order.
std::vector<std::string> list_of(const HttpRequest& request, std::string_view name) {
    std::vector<std::string> entries;
    for (const auto& [header, value] : request.headers) {
        if (header != name) continue;
        for (std::string_view rest = value; !rest.empty();) {
            const auto entry = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
            if (!trim(entry).empty()) entries.emplace_back(trim(entry));
        }
    }
    return entries;
}

/// Whether the request asks for a WebSocket at all; whether rightly is decided by check_upgrade().
bool is_upgrade(const HttpRequest& request) { return !request.header("upgrade").empty(); }

/// What all connections share. Their coroutines hold it, so it may outlive the HttpServer and must own nothing of a shard.
class Connections {
public:
    Connections(unsigned shard_count, HttpOptions options, HttpHandler http_handler, WebSocketHandler websocket_handler)
        : options_(std::move(options)),
          http_handler_(std::move(http_handler)),
          websocket_handler_(std::move(websocket_handler)),
          admissions_(std::make_shared<Admissions>(options_.connections_max, options_.connections_per_address)),
          waiting_(shard_count) {}

    const HttpOptions& options() const { return options_; }
    std::int64_t count() const { return admissions_->total(); }
    /// From now on no connection waits for another request. Thread-safe.
    void begin_stop() { is_stopping_ = true; }
    /// Closes those that wait already. On the shard.
    void close_waiting(const Shard& shard) {
        for (auto* stream : waiting_[shard.index()]) stream->close();
    }

    /// One connection from accept to end. Static, so that the coroutine's frame holds `self`.
    static Task<> serve(std::shared_ptr<Connections> self, Shard& shard, tcp::socket socket) {
        boost::system::error_code ec;
        const auto endpoint = socket.remote_endpoint(ec);
        if (ec) co_return;
        const auto peer = to_text(endpoint.address());
        const auto& options = self->options_;
        const bool is_proxy = contains(options.proxy_addresses, peer);
        const bool is_exempt = is_proxy || contains(options.trusted_addresses, peer);
        const auto place = self->admissions_->enter(is_exempt ? std::string() : peer);
        if (!place) {
            refuse_at_once(socket);
            co_return;
        }
        Connection connection(shard, std::move(socket), self->reader_limits());
        connection.peer = peer;
        connection.is_proxy = is_proxy;
        co_await self->serve_requests(connection);
    }

private:
    using Stream = boost::beast::tcp_stream;

    /// What one connection's coroutine works with; lives in its frame.
    struct Connection {
        Connection(Shard& on, tcp::socket socket, RequestReader::Limits limits)
            : shard(on), stream(std::move(socket)), reader(limits), buffer(read_bytes, '\0') {}
        Shard& shard;
        Stream stream;
        RequestReader reader;
        std::string buffer;
        std::string_view unread;  ///< Part of `buffer`: came, and belongs to the next request.
        std::string peer;
        bool is_proxy = false;
    };

    /// Told without waiting: a flood of connections must not be able to hold anything here.
    static void refuse_at_once(tcp::socket& socket) {
        constexpr std::string_view answer =
            "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(answer), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
    }

    RequestReader::Limits reader_limits() const {
        RequestReader::Limits limits;
        limits.header_bytes_max = static_cast<std::size_t>(options_.header_bytes_max);
        limits.body_bytes_max = static_cast<std::size_t>(options_.body_bytes_max);
        return limits;
    }

    Task<> serve_requests(Connection& connection) {
        for (bool is_first = true;; is_first = false) {
            const auto state = co_await read_request(connection, is_first);
            if (state == RequestReader::State::need_more) co_return;
            if (state == RequestReader::State::refused) {
                auto refusal = HttpResponse::text(connection.reader.status(), {}, "text/plain");
                if (refusal.status == 405) refusal.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
                co_await refuse(connection, std::move(refusal));
                co_return;
            }
            auto request = connection.reader.take_request();
            request.address = client_address(connection, request);
            if (is_upgrade(request)) {
                co_await upgrade(connection, std::move(request));
                co_return;
            }
            const bool goes_on = co_await answer(connection, std::move(request));
            if (!goes_on) co_return;
        }
    }

    /// Reads until a request is whole (or refused). need_more: the connection ended, or a deadline passed.
    Task<RequestReader::State> read_request(Connection& connection, bool is_first) {
        using State = RequestReader::State;
        auto& stream = connection.stream;
        const auto wait = is_first ? options_.handshake_ms : options_.idle_ms;
        stream.expires_after(milliseconds(wait));
        bool has_begun = false;
        for (;;) {
            auto state = connection.unread.empty() ? State::need_more : connection.reader.read(connection.unread);
            if (!connection.reader.is_idle() && !std::exchange(has_begun, true))
                stream.expires_after(milliseconds(options_.handshake_ms));
            if (state == State::expects_continue) {
                constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
                const auto [ec, count] = co_await asio::async_write(stream, asio::buffer(go_on), as_result);
                if (ec) co_return State::need_more;
                continue;
            }
            if (state != State::need_more) co_return state;
            const auto received = co_await receive(connection);
            if (!received) co_return State::need_more;
        }
    }

    Task<Result<>> receive(Connection& connection) {
        auto& waiting = waiting_[connection.shard.index()];
        const bool may_be_closed = connection.reader.is_idle();
        if (may_be_closed && is_stopping_) co_return make_error_code(Errc::closed);
        if (may_be_closed) waiting.insert(&connection.stream);
        const auto [ec, count] = co_await connection.stream.async_read_some(asio::buffer(connection.buffer), as_result);
        waiting.erase(&connection.stream);
        if (ec) co_return make_error_code(Errc::closed);
        connection.unread = std::string_view(connection.buffer).substr(0, count);
        co_return Result<>();
    }

    std::string client_address(const Connection& connection, const HttpRequest& request) const {
        if (!connection.is_proxy) return connection.peer;
        const auto forwarded = list_of(request, "x-forwarded-for");
        boost::system::error_code ec;
        const auto address = asio::ip::make_address(forwarded.empty() ? std::string() : forwarded.back(), ec);
        return ec ? connection.peer : to_text(address);
    }

    /// Hands the request to the handler and writes its answer. False: the connection ends.
    Task<bool> answer(Connection& connection, HttpRequest request) {
        const bool keeps_alive = connection.reader.keeps_alive();
        const bool is_head = request.method == "HEAD";
        connection.stream.expires_never();
        HttpResponse response;
        try {
            response = co_await http_handler_(connection.shard, std::move(request));
        } catch (const std::exception& exception) {
            log::error("http_handler_failed", {{"why", exception.what()}});
            response = HttpResponse::text(500, {}, "text/plain");
        }
        const bool goes_on = keeps_alive && !is_stopping_;
        const auto written = co_await write(connection, response, is_head, goes_on);
        if (!written) co_return false;
        if (!goes_on) co_await linger(connection);
        co_return goes_on;
    }

    Task<Result<>> write(Connection& connection, const HttpResponse& response, bool is_head, bool keeps_alive) {
        const auto head = response_head(response, keeps_alive);
        std::vector<asio::const_buffer> buffers = {asio::buffer(head)};
        const bool has_body = !is_head && response.status != 204 && response.status != 304;
        if (has_body)
            for (const auto& part : response.body) buffers.push_back(asio::buffer(*part));
        const auto patience = options_.idle_ms + static_cast<std::int64_t>(body_bytes(response) / write_bytes_per_ms_min);
        connection.stream.expires_after(milliseconds(patience));
        const auto [ec, count] = co_await asio::async_write(connection.stream, buffers, as_result);
        if (ec) co_return make_error_code(Errc::closed);
        co_return Result<>();
    }

    Task<> refuse(Connection& connection, HttpResponse response) {
        const auto written = co_await write(connection, response, false, false);
        if (written) co_await linger(connection);
    }

    /// Takes what the peer still sends, for a moment: closing with unread bytes would reset the connection and could
    /// destroy the answer on its way.
    Task<> linger(Connection& connection) {
        boost::system::error_code shut;
        connection.stream.socket().shutdown(tcp::socket::shutdown_send, shut);
        connection.stream.expires_after(linger_time);
        for (std::size_t taken = 0; taken < linger_bytes_max;) {
            const auto [ec, count] =
                co_await connection.stream.async_read_some(asio::buffer(connection.buffer), as_result);
            if (ec) co_return;
            taken += count;
        }
    }

    struct Upgrade {
        int refused_with = 0;
        std::string subprotocol;
    };

    /// RFC 6455 §4.2.1, and our own: Origin and subprotocol.
    Upgrade check_upgrade(const HttpRequest& request) const {
        const auto connection = list_of(request, "connection");
        const auto upgrades = list_of(request, "upgrade");
        const auto keys = list_of(request, "sec-websocket-key");
        const bool asks = std::any_of(connection.begin(), connection.end(),
                                      [](const auto& token) { return to_lower(token) == "upgrade"; });
        const bool is_well_formed = request.method == "GET" && request.body.empty() && asks && upgrades.size() == 1 &&
                                    to_lower(upgrades.front()) == "websocket" && keys.size() == 1 &&
                                    is_websocket_key(keys.front());
        if (!websocket_handler_ || !is_well_formed) return {400, {}};
        if (request.header("sec-websocket-version") != "13") return {426, {}};
        if (options_.may_upgrade && !options_.may_upgrade(request)) return {403, {}};
        const auto offered = list_of(request, "sec-websocket-protocol");
        for (const auto& name : options_.subprotocols)
            if (contains(offered, name)) return {0, name};
        return {options_.subprotocols.empty() ? 0 : 400, {}};
    }

    Task<> upgrade(Connection& connection, HttpRequest request) {
        auto checked = check_upgrade(request);
        // Bytes before our answer can't be frames of a client that waits for it.
        if (checked.refused_with == 0 && !connection.unread.empty()) checked.refused_with = 400;
        // Behind a proxy the limit per address holds for the address it names.
        std::optional<Admissions::Guard> place;
        if (connection.is_proxy && checked.refused_with == 0 && !contains(options_.trusted_addresses, request.address)) {
            if (auto entered = proxied_->enter(request.address)) place.emplace(std::move(*entered));
            else checked.refused_with = 429;
        }
        if (checked.refused_with != 0) {
            auto refusal = HttpResponse::text(checked.refused_with, {}, "text/plain");
            if (checked.refused_with == 426) refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
            co_await refuse(connection, std::move(refusal));
            co_return;
        }
        const auto head = switching_head(request, checked.subprotocol);
        const auto [ec, count] = co_await asio::async_write(connection.stream, asio::buffer(head), as_result);
        if (ec) co_return;
        connection.stream.expires_never();
        co_await run_websocket(connection, std::move(request), std::move(checked.subprotocol));
    }

    static std::string switching_head(const HttpRequest& request, const std::string& subprotocol) {
        std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
        head += accept_key(trim(request.header("sec-websocket-key")));
        if (!subprotocol.empty()) head += "\r\nSec-WebSocket-Protocol: " + subprotocol;
        return head + "\r\n\r\n";
    }

    Task<> run_websocket(Connection& connection, HttpRequest request, std::string subprotocol) {
        WebSocketSettings settings;
        settings.subprotocol = std::move(subprotocol);
        settings.limits.message_bytes_max = static_cast<std::size_t>(options_.message_bytes_max);
        settings.idle = milliseconds(options_.idle_ms);
        connection.buffer = {};
        const auto socket = make_websocket(connection.stream.release_socket(), std::move(settings));
        co_await websocket_handler_(connection.shard, std::move(request), socket);
        co_await socket->close(close_code::normal, {});
    }

    const HttpOptions options_;
    const HttpHandler http_handler_;
    const WebSocketHandler websocket_handler_;
    const std::shared_ptr<Admissions> admissions_;
    /// WebSockets by the address that a proxy named; the proxy's connections count in admissions_.
    const std::shared_ptr<Admissions> proxied_ =
        std::make_shared<Admissions>(options_.connections_max, options_.connections_per_address);
    std::atomic<bool> is_stopping_ = false;
    /// By shard, each used on its shard alone: connections that wait for the first byte of a request.
    std::vector<std::set<Stream*>> waiting_;
};

}  // namespace

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
