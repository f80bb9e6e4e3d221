#include "net/websocket_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "net/deflate.hpp"
#include "net/websocket_connection.hpp"

namespace livefair::net {
namespace {

using asio::ip::tcp;

constexpr std::size_t answer_bytes_max = 16 * 1024;
/// Base64 of 16 bytes. A fixed key is enough: it only proves to us that the answer is a WebSocket server's.
constexpr std::string_view key = "bGl2ZWZhaXItY2xpZW50IQ==";

/// A socket that closes itself when its deadline passes; shared with the timer's handler.
struct Attempt {
    explicit Attempt(const asio::any_io_executor& executor) : socket(executor), deadline(executor) {}
    tcp::socket socket;
    asio::steady_timer deadline;
    bool has_timed_out = false;
};

void close_at_deadline(const std::shared_ptr<Attempt>& attempt, std::chrono::milliseconds deadline) {
    attempt->deadline.expires_after(deadline);
    attempt->deadline.async_wait([attempt](boost::system::error_code ec) {
        if (ec || !attempt->socket.is_open()) return;
        attempt->has_timed_out = true;
        boost::system::error_code ignored;
        attempt->socket.close(ignored);
    });
}

std::string to_request(const WebSocketClientOptions& options) {
    std::string request = "GET " + options.path + " HTTP/1.1\r\nHost: " + options.host + ':' + std::to_string(options.port) +
                          "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
    request += key;
    if (!options.subprotocol.empty()) request += "\r\nSec-WebSocket-Protocol: " + options.subprotocol;
    if (options.deflate) request += "\r\nSec-WebSocket-Extensions: " + std::string(deflate_answer);
    for (const auto& [name, value] : options.headers) request += "\r\n" + name + ": " + value;
    return request + "\r\n\r\n";
}

/// What a server's answer means; Errc{} when it is the 101 we wait for.
Errc judge(std::string_view head, const std::string& subprotocol) {
    if (head.starts_with("HTTP/1.1 403")) return Errc::forbidden;
    if (head.starts_with("HTTP/1.1 429")) return Errc::too_many_requests;
    const bool is_agreed = subprotocol.empty() || head.find("\r\nSec-WebSocket-Protocol: " + subprotocol + "\r\n") != head.npos;
    const bool is_accepted = head.find(accept_key(key)) != head.npos;
    return head.starts_with("HTTP/1.1 101") && is_agreed && is_accepted ? Errc{} : Errc::invalid_input;
}

}  // namespace

Task<Result<std::shared_ptr<WebSocket>>> connect_websocket(WebSocketClientOptions options) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, not_an_address);
    if (not_an_address) co_return make_error_code(Errc::invalid_input);
    const auto attempt = std::make_shared<Attempt>(co_await asio::this_coro::executor);
    close_at_deadline(attempt, options.deadline);
    const auto [connect_error] = co_await attempt->socket.async_connect(tcp::endpoint(address, options.port), as_result);
    boost::system::error_code failure = connect_error;
    std::string received;
    std::size_t head_bytes = 0;
    if (!failure) {
        boost::system::error_code ignored;
        attempt->socket.set_option(tcp::no_delay(true), ignored);
        const auto request = to_request(options);
        const auto [write_error, written] = co_await asio::async_write(attempt->socket, asio::buffer(request), as_result);
        failure = write_error;
    }
    if (!failure) {
        const auto [read_error, count] = co_await asio::async_read_until(
            attempt->socket, asio::dynamic_buffer(received, answer_bytes_max), "\r\n\r\n", as_result);
        failure = read_error;
        head_bytes = count;
    }
    attempt->deadline.cancel();
    if (attempt->has_timed_out) co_return make_error_code(Errc::timed_out);
    if (failure || !attempt->socket.is_open()) co_return make_error_code(Errc::closed);
    const auto refused = judge(std::string_view(received).substr(0, head_bytes), options.subprotocol);
    if (refused != Errc{}) co_return make_error_code(refused);
    const auto settings = std::make_shared<WebSocketSettings>();
    settings->subprotocol = options.subprotocol;
    settings->is_client = true;
    settings->limits.message_bytes_max = options.message_bytes_max;
    settings->limits.may_deflate = options.deflate && received.find("Sec-WebSocket-Extensions: permessage-deflate") < head_bytes;
    co_return std::make_shared<WebSocket>(
        std::make_shared<WebSocketConnection>(std::move(attempt->socket), settings, received.substr(head_bytes)));
}

}  // namespace livefair::net
