#include "net/websocket.hpp"

#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "base/check.hpp"
#include "net/websocket_connection.hpp"

namespace livefair::net {

/// Turns the connection's calls into the ends of timers that coroutines wait on.
class WebSocket::Impl final : public WebSocketConnection::Owner, public std::enable_shared_from_this<Impl> {
public:
    explicit Impl(std::shared_ptr<WebSocketConnection> connection)
        : connection_(std::move(connection)),
          read_(connection_->executor(), never),
          written_(connection_->executor(), never),
          ended_(connection_->executor(), never) {}

    void start() { connection_->start(shared_from_this()); }
    WebSocketConnection& connection() { return *connection_; }

    static Task<Result<Message>> read(std::shared_ptr<Impl> self) {
        // Only now: a close that came behind the last message must not keep its reader from answering.
        if (!self->message_) self->connection_->resume();
        while (!self->message_ && self->connection_->is_open()) co_await self->read_.async_wait(as_result);
        if (!self->message_) co_return make_error_code(self->why_ended_);
        auto message = std::move(*self->message_);
        self->message_.reset();
        co_return message;
    }

    static Task<Result<>> write(std::shared_ptr<Impl> self, SharedBytes frame) {
        if (!self->connection_->is_open()) co_return make_error_code(self->why_ended_);
        self->connection_->write(std::move(frame));
        while (self->connection_->is_open() && !self->connection_->is_writable()) co_await self->written_.async_wait(as_result);
        if (!self->connection_->is_open()) co_return make_error_code(self->why_ended_);
        co_return Result<>();
    }

    static Task<> close(std::shared_ptr<Impl> self, std::uint16_t code, std::string reason) {
        self->connection_->close(code, reason);
        self->wake();
        while (!self->has_ended_) co_await self->ended_.async_wait(as_result);
    }

    void abort() {
        connection_->abort();
        wake();
    }

private:
    static constexpr auto never = asio::steady_timer::time_point::max();

    void on_message(WebSocketMessage message) override {
        connection_->pause();
        message_ = std::move(message);
        read_.cancel();
    }
    void on_written() override { written_.cancel(); }
    void on_end(Errc why) override {
        why_ended_ = why;
        has_ended_ = true;
        wake();
        ended_.cancel();
    }
    void wake() {
        read_.cancel();
        written_.cancel();
    }

    const std::shared_ptr<WebSocketConnection> connection_;
    std::optional<Message> message_;  ///< Came, and was not read yet: the connection is paused.
    Errc why_ended_ = Errc::closed;
    bool has_ended_ = false;
    asio::steady_timer read_, written_, ended_;  ///< Cancelled to wake those who wait.
};

WebSocket::WebSocket(std::shared_ptr<WebSocketConnection> connection) : impl_(std::make_shared<Impl>(std::move(connection))) { impl_->start(); }
WebSocket::~WebSocket() {
    if (impl_->connection().is_open()) impl_->abort();
}
std::string_view WebSocket::subprotocol() const { return impl_->connection().subprotocol(); }
asio::any_io_executor WebSocket::executor() { return impl_->connection().executor(); }
Task<Result<WebSocket::Message>> WebSocket::read() { return Impl::read(impl_); }
Task<Result<>> WebSocket::write(SharedBytes bytes, bool text) { return Impl::write(impl_, impl_->connection().frame_of(*bytes, text)); }
Task<> WebSocket::close(std::uint16_t code, std::string reason) { return Impl::close(impl_, code, std::move(reason)); }
std::uint16_t WebSocket::peer_close_code() const { return impl_->connection().peer_close_code(); }
void WebSocket::abort() { impl_->abort(); }

}  // namespace livefair::net
