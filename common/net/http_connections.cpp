#include "net/http_connections.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "base/log.hpp"
#include "net/http_headers.hpp"
#include "net/http_message.hpp"
#include "net/upgrade.hpp"
#include "net/websocket_connection.hpp"

namespace livefair::net {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr std::size_t read_bytes = 8 * 1024;
/// Of a file, in memory at once for one connection.
constexpr std::uint64_t file_piece_bytes_max = 256 * 1024;
/// Of a file in memory: handed to the kernel at once, before other connections have their turn; then copied, to wait for room.
constexpr std::uint64_t send_bytes_max = 1024 * 1024, waiting_piece_bytes_max = 4096;
constexpr milliseconds linger_time{500};
/// Proxies are not to keep events back.
constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n"
    "Connection: close\r\n\r\n";
constexpr std::size_t linger_bytes_max = 256 * 1024;

/// As people write it in the configuration: IPv4 in its short form, also when it came over an IPv6 socket.
std::string to_text(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

/// Told without waiting: a flood of connections must not be able to hold anything here.
void refuse_at_once(tcp::socket& socket) {
    constexpr std::string_view answer =
        "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(answer), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

/// Those parts of `body` that lie in the range.
void append_range(std::vector<asio::const_buffer>& buffers, const std::vector<SharedBytes>& body, std::uint64_t offset,
                  std::uint64_t length) {
    for (const auto& part : body) {
        const auto skipped = std::min<std::uint64_t>(offset, part->size());
        const auto taken = std::min<std::uint64_t>(length, part->size() - skipped);
        if (taken > 0) buffers.emplace_back(part->data() + skipped, taken);
        offset -= skipped;
        length -= taken;
    }
}

void drop_front(std::vector<asio::const_buffer>& buffers, std::size_t bytes) {
    auto first = buffers.begin();
    for (; first != buffers.end() && first->size() <= bytes; ++first) bytes -= first->size();
    if (first != buffers.end()) *first += bytes;
    buffers.erase(buffers.begin(), first);
}

}  // namespace

/// What one connection's coroutine works with; lives in its frame.
struct Connections::Connection {
    Connection(Shard& on, tcp::socket socket, RequestReader::Limits limits)
        : shard(on), stream(std::move(socket)), reader(limits), buffer(read_bytes, '\0') {}
    Shard& shard;
    boost::beast::tcp_stream stream;
    RequestReader reader;
    std::string buffer;
    std::string_view unread;  ///< Part of `buffer`: came, and belongs to the next request.
    std::string peer;
    bool is_proxy = false;
    std::vector<Admissions::Guard> places;  ///< Go on to the WebSocket that the connection becomes.
};

Connections::Connections(unsigned shard_count, HttpOptions options, HttpHandler http_handler, WebSocketHandler websocket_handler)
    : options_(std::move(options)),
      http_handler_(std::move(http_handler)),
      websocket_handler_(std::move(websocket_handler)),
      admissions_(std::make_shared<Admissions>(options_.connections_max, options_.connections_per_address)),
      proxied_(std::make_shared<Admissions>(options_.connections_max, options_.connections_per_address)),
      waiting_(shard_count) {
    WebSocketSettings settings;
    settings.limits.message_bytes_max = static_cast<std::size_t>(options_.message_bytes_max);
    settings.idle = milliseconds(options_.idle_ms);
    settings.is_event_stream = true;
    event_stream_settings_ = std::make_shared<const WebSocketSettings>(settings);
    settings.is_event_stream = false;
    const auto& names = options_.subprotocols;
    for (const auto& name : names.empty() ? std::vector<std::string>{""} : names) {
        settings.subprotocol = name;
        for (const bool deflates : {false, true}) {
            settings.limits.may_deflate = deflates;
            websocket_settings_.emplace(std::pair(name, deflates), std::make_shared<const WebSocketSettings>(settings));
        }
    }
}

void Connections::close_waiting(const Shard& shard) {
    for (auto* connection : waiting_[shard.index()]) connection->stream.close();
}

Task<> Connections::serve(std::shared_ptr<Connections> self, Shard& shard, tcp::socket socket) {
    boost::system::error_code ec;
    const auto endpoint = socket.remote_endpoint(ec);
    if (ec) co_return;
    const auto peer = to_text(endpoint.address());
    const auto& options = self->options_;
    const bool is_proxy = contains(options.proxy_addresses, peer);
    const bool is_exempt = is_proxy || contains(options.trusted_addresses, peer);
    auto place = self->admissions_->enter(is_exempt ? std::string() : peer);
    if (!place) {
        refuse_at_once(socket);
        co_return;
    }
    socket.non_blocking(true, ec);
    if (ec) co_return;
    Connection connection(shard, std::move(socket), self->reader_limits());
    connection.peer = peer;
    connection.is_proxy = is_proxy;
    connection.places.push_back(std::move(*place));
    co_await self->serve_requests(connection);
}

RequestReader::Limits Connections::reader_limits() const {
    RequestReader::Limits limits;
    limits.header_bytes_max = static_cast<std::size_t>(options_.header_bytes_max);
    limits.body_bytes_max = static_cast<std::size_t>(options_.body_bytes_max);
    limits.large_path = options_.large_path;
    limits.large_body_bytes_max = static_cast<std::size_t>(options_.large_body_bytes_max);
    limits.large_places = large_places_;
    return limits;
}

Task<> Connections::serve_requests(Connection& connection) {
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
        if (options_.is_stream && request.method == "GET" && options_.is_stream(request)) {
            const int refused_with = !websocket_handler_ ? 403 : options_.refuses_upgrade ? options_.refuses_upgrade(request) : 0;
            co_await take_over(connection, std::move(request), refused_with, std::string(stream_head), event_stream_settings_);
            co_return;
        }
        const bool goes_on = co_await answer(connection, std::move(request));
        if (!goes_on) co_return;
    }
}

Task<RequestReader::State> Connections::read_request(Connection& connection, bool is_first) {
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

Task<Result<>> Connections::receive(Connection& connection) {
    auto& waiting = waiting_[connection.shard.index()];
    const bool may_be_closed = connection.reader.is_idle();
    if (may_be_closed && is_stopping_) co_return make_error_code(Errc::closed);
    if (may_be_closed) waiting.insert(&connection);
    const auto [ec, count] = co_await connection.stream.async_read_some(asio::buffer(connection.buffer), as_result);
    waiting.erase(&connection);
    if (ec) co_return make_error_code(Errc::closed);
    connection.unread = std::string_view(connection.buffer).substr(0, count);
    co_return Result<>();
}

std::string Connections::client_address(const Connection& connection, const HttpRequest& request) const {
    if (!connection.is_proxy) return connection.peer;
    const auto forwarded = list_of(request, "x-forwarded-for");
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(forwarded.empty() ? std::string() : forwarded.back(), ec);
    return ec ? connection.peer : to_text(address);
}

Task<bool> Connections::answer(Connection& connection, HttpRequest request) {
    const bool keeps_alive = connection.reader.keeps_alive();
    const auto preferences = preferences_of(request);
    connection.stream.expires_never();
    HttpResponse response;
    try {
        response = co_await http_handler_(connection.shard, std::move(request));
    } catch (const std::exception& exception) {
        log::error("http_handler_failed", {{"why", exception.what()}});
        response = HttpResponse::text(500, {}, "text/plain");
    }
    const bool goes_on = keeps_alive && !is_stopping_;
    auto delivery = make_delivery(preferences, std::move(response));
    const auto written = co_await write(connection, std::move(delivery), preferences.is_head, goes_on);
    if (!written) co_return false;
    if (!goes_on) co_await linger(connection);
    co_return goes_on;
}

Task<Result<>> Connections::write(Connection& connection, Delivery delivery, bool is_head, bool keeps_alive) {
    const auto& response = delivery.response;
    const auto head = response_head(response, delivery.length, keeps_alive);
    std::vector<asio::const_buffer> buffers = {asio::buffer(head)};
    const bool has_body = !is_head && response.status != 204 && response.status != 304;
    if (has_body && !response.file) append_range(buffers, response.body, delivery.offset, delivery.length);
    const auto written = co_await write_all(connection, std::move(buffers));
    if (!written) co_return written.error();
    if (!has_body || !response.file) co_return Result<>();
    if (response.file->file->is_in_memory()) co_return co_await send_file(connection, *response.file, delivery.offset, delivery.length);
    co_return co_await write_file(connection, *response.file, delivery.offset, delivery.length);
}

Task<Result<>> Connections::write_all(Connection& connection, std::vector<asio::const_buffer> buffers) {
    // Nearly every answer has room in the socket's buffer: then it needs no timer, no reactor and no turn in the shard's queue.
    boost::system::error_code full;
    drop_front(buffers, connection.stream.socket().write_some(buffers, full));
    while (!buffers.empty()) {
        connection.stream.expires_after(milliseconds(options_.idle_ms));
        const auto [ec, count] = co_await connection.stream.async_write_some(buffers, as_result);
        if (ec) co_return make_error_code(Errc::closed);
        drop_front(buffers, count);
    }
    co_return Result<>();
}

Task<Result<>> Connections::send_file(Connection& connection, FileBody body, std::uint64_t offset, std::uint64_t length) {
    for (std::uint64_t done = 0; done < length;) {
        const auto from = body.offset + offset + done;
        const auto sent = body.file->send(connection.stream.socket().native_handle(), from,
                                          static_cast<std::size_t>(std::min(length - done, send_bytes_max)));
        if (!sent) co_return sent.error();
        done += *sent;
        if (done == length) break;
        // No room, or enough for one turn: the stream waits, with its deadline, by writing the next few bytes itself.
        const auto piece = body.file->read(from + *sent, static_cast<std::size_t>(std::min(length - done, waiting_piece_bytes_max)));
        if (!piece) co_return piece.error();
        connection.stream.expires_after(milliseconds(options_.idle_ms));
        const auto [ec, count] = co_await connection.stream.async_write_some(asio::buffer(*piece), as_result);
        if (ec) co_return make_error_code(Errc::closed);
        done += count;
    }
    co_return Result<>();
}

Task<Result<>> Connections::write_file(Connection& connection, FileBody body, std::uint64_t offset, std::uint64_t length) {
    for (std::uint64_t done = 0; done < length;) {
        const auto wanted = static_cast<std::size_t>(std::min(length - done, file_piece_bytes_max));
        const auto piece = co_await files_.read(connection.shard, body.file, body.offset + offset + done, wanted);
        if (!piece) co_return piece.error();
        connection.stream.expires_after(milliseconds(options_.idle_ms));
        const auto [ec, count] = co_await asio::async_write(connection.stream, asio::buffer(*piece), as_result);
        if (ec) co_return make_error_code(Errc::closed);
        done += piece->size();
    }
    co_return Result<>();
}

Task<> Connections::refuse(Connection& connection, HttpResponse response) {
    const auto length = body_bytes(response);
    Delivery delivery{std::move(response), 0, length};
    const auto written = co_await write(connection, std::move(delivery), false, false);
    if (written) co_await linger(connection);
}

Task<> Connections::linger(Connection& connection) {
    boost::system::error_code shut;
    connection.stream.socket().shutdown(tcp::socket::shutdown_send, shut);
    connection.stream.expires_after(linger_time);
    // Whoever sends a table that is too large is to read why.
    const auto most = std::max(linger_bytes_max, 2 * static_cast<std::size_t>(options_.large_body_bytes_max));
    for (std::size_t taken = 0; taken < most;) {
        const auto [ec, count] =
            co_await connection.stream.async_read_some(asio::buffer(connection.buffer), as_result);
        if (ec) co_return;
        taken += count;
    }
}

Task<> Connections::upgrade(Connection& connection, HttpRequest request) {
    const auto checked = websocket_handler_ ? check_upgrade(request, options_) : Upgrade{400, {}, false};
    const auto head = switching_head(request, checked);
    const auto& settings = checked.refused_with == 0 ? websocket_settings_.at({checked.subprotocol, checked.deflates}) : nullptr;
    co_await take_over(connection, std::move(request), checked.refused_with, head, settings);
}

Task<> Connections::take_over(Connection& connection, HttpRequest request, int refused_with, std::string head,
                              std::shared_ptr<const WebSocketSettings> settings) {
    // Bytes before our answer can't be those of a client that waits for it.
    if (refused_with == 0 && !connection.unread.empty()) refused_with = 400;
    // Behind a proxy the limit per address holds for the address it names.
    if (connection.is_proxy && refused_with == 0 && !contains(options_.trusted_addresses, request.address)) {
        if (auto entered = proxied_->enter(request.address)) connection.places.push_back(std::move(*entered));
        else refused_with = 429;
    }
    if (refused_with != 0) {
        auto refusal = HttpResponse::text(refused_with, {}, "text/plain");
        if (refused_with == 503) refusal.headers.emplace_back("Retry-After", "5");
        if (refused_with == 426) refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
        co_await refuse(connection, std::move(refusal));
        co_return;
    }
    const auto [ec, count] = co_await asio::async_write(connection.stream, asio::buffer(head), as_result);
    if (ec) co_return;
    auto websocket = std::make_shared<WebSocketConnection>(connection.stream.release_socket(), std::move(settings), std::string(),
                                                           std::move(connection.places));
    websocket_handler_(connection.shard, std::move(request), std::move(websocket));
}

}  // namespace livefair::net
