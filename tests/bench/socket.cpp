#include "bench/socket.hpp"

#include <boost/asio/this_coro.hpp>

#include "bench/api.hpp"
#include "net/websocket_client.hpp"

namespace livefair::bench {

namespace {
constexpr std::size_t outgoing_max = 1000;
constexpr auto never = std::chrono::steady_clock::time_point::max();

/// For a site's address such as "http://127.0.0.1:8080".
net::WebSocketClientOptions options_for(const std::string& url) {
    const auto host_at = url.find("//") + 2;
    const auto colon = url.rfind(':');
    net::WebSocketClientOptions options;
    options.host = url.substr(host_at, colon - host_at);
    options.port = static_cast<std::uint16_t>(std::stoul(url.substr(colon + 1)));
    options.subprotocol = "livefair.v1.proto";
    return options;
}
}  // namespace

Socket::Socket(net::asio::any_io_executor executor, std::shared_ptr<net::WebSocket> websocket, Listener listener)
    : executor_(executor), websocket_(std::move(websocket)), listener_(std::move(listener)), outgoing_added_(executor, never) {}

Socket::~Socket() = default;

net::Task<Result<std::shared_ptr<Socket>>> Socket::connect(std::string url, std::string token, Listener listener) {
    const auto executor = co_await net::asio::this_coro::executor;
    net::WebSocketClientOptions options = options_for(url);
    auto websocket = co_await net::connect_websocket(std::move(options));
    if (!websocket) co_return websocket.error();
    const std::shared_ptr<Socket> socket(new Socket(executor, std::move(*websocket), std::move(listener)));
    net::spawn(executor, socket->read_all(), "bench socket reader");
    net::spawn(executor, socket->write_all(), "bench socket writer");
    v1::ClientMessage hello;
    hello.mutable_hello()->set_token(std::move(token));
    const auto welcome = co_await socket->request(std::move(hello));
    if (!welcome) {
        socket->close();
        co_return welcome.error();
    }
    // The coroutines share `socket`; the caller shares this handle, and the last of its copies closes the connection.
    co_return std::shared_ptr<Socket>(socket.get(), [socket](Socket*) { socket->close(); });
}

net::Task<Result<v1::ServerMessage>> Socket::request(v1::ClientMessage message, std::chrono::milliseconds deadline) {
    const auto self = shared_from_this();
    Waiting waiting(executor_);
    const std::uint32_t id = ++last_request_id_;
    message.set_request_id(id);
    const auto sent = send(message);
    if (!sent) co_return sent.error();
    waiting_[id] = &waiting;
    waiting.timer.expires_after(deadline);
    co_await waiting.timer.async_wait(net::as_result);
    waiting_.erase(id);
    if (!waiting.answered) co_return make_error_code(open_ ? Errc::timed_out : Errc::closed);
    if (waiting.answer.has_failure()) co_return make_error_code(errc_named(waiting.answer.failure().code()));
    co_return std::move(waiting.answer);
}

Result<> Socket::send(const v1::ClientMessage& message) {
    if (!open_) return make_error_code(Errc::closed);
    if (outgoing_.size() >= outgoing_max) return make_error_code(Errc::too_large);
    outgoing_.push_back(message.SerializeAsString());
    outgoing_added_.cancel();
    return {};
}

void Socket::close() {
    if (!open_) return;
    websocket_->abort();
    end();
}

net::Task<> Socket::read_all() {
    const auto self = shared_from_this();
    while (open_) {
        auto message = co_await websocket_->read();
        // The listener may be gone once its owner has closed the socket.
        if (!message || !open_) break;
        v1::ServerMessage parsed;
        if (parsed.ParseFromString(message->bytes)) take(std::move(parsed));
    }
    end();
}

net::Task<> Socket::write_all() {
    const auto self = shared_from_this();
    while (open_) {
        if (outgoing_.empty()) {
            outgoing_added_.expires_at(never);
            co_await outgoing_added_.async_wait(net::as_result);
            continue;
        }
        auto bytes = std::make_shared<const std::string>(std::move(outgoing_.front()));
        outgoing_.pop_front();
        const auto written = co_await websocket_->write(std::move(bytes), false);
        if (!written) break;
    }
    end();
}

void Socket::take(v1::ServerMessage message) {
    const auto found = message.request_id() == 0 ? waiting_.end() : waiting_.find(message.request_id());
    if (found == waiting_.end()) {
        if (listener_) listener_(message);
        return;
    }
    found->second->answer = std::move(message);
    found->second->answered = true;
    found->second->timer.cancel();
}

void Socket::end() {
    if (!open_) return;
    open_ = false;
    websocket_->abort();
    outgoing_added_.cancel();
    for (const auto& [id, waiting] : waiting_) waiting->timer.cancel();
}

}  // namespace livefair::bench
