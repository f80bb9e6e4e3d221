#include "net/websocket.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <optional>
#include <random>

#include "base/check.hpp"
#include "net/websocket_connection.hpp"

namespace livefair::net {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Kind = WebSocketEvent::Kind;

constexpr std::chrono::milliseconds close_wait{1000};
constexpr std::chrono::milliseconds default_write_wait{60'000};
constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::size_t drain_bytes_max = 1024 * 1024;
constexpr std::size_t buffers_per_write = 16;
constexpr std::size_t waiting_pongs_max = 8;

/// All sockets of a thread read through one buffer, so that an idle connection holds none.
thread_local std::array<char, read_bytes> read_buffer;

/// Masks only hide bytes from proxies that know no WebSocket; our client speaks to loopback.
std::uint32_t next_mask() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return static_cast<std::uint32_t>(random());
}

/// Bytes of one frame on their way out; `body` is shared with other connections.
struct Outgoing {
    std::string head;
    SharedBytes body;
    std::size_t sent = 0;

    std::size_t size() const { return head.size() + (body ? body->size() : 0); }
};

}  // namespace

/// The connection itself; reads, writes and timers hold it by shared_ptr, so that a close can finish after the WebSocket is gone.
class WebSocket::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(tcp::socket socket, WebSocketSettings settings, std::string received)
        : socket_(std::move(socket)),
          settings_(std::move(settings)),
          reader_(!settings_.is_client, settings_.limits),
          received_(std::move(received)),
          timer_(socket_.get_executor()),
          drained_(socket_.get_executor()) {
        boost::system::error_code ec;
        socket_.non_blocking(true, ec);
        if (ec) abort();
    }

    void start() { schedule(); }
    const std::string& subprotocol() const { return settings_.subprotocol; }
    std::uint16_t peer_close_code() const { return peer_close_code_; }
    asio::any_io_executor executor() { return socket_.get_executor(); }

    static Task<Result<Message>> read(std::shared_ptr<Impl> self) {
        LF_CHECK(!self->is_reading_);
        while (self->state_ == State::open) {
            if (!self->has_received()) {
                self->is_reading_ = true;
                co_await self->socket_.async_wait(tcp::socket::wait_read, as_result);
                self->is_reading_ = false;
                if (self->state_ != State::open) break;
                if (!self->receive()) continue;
            }
            if (auto message = self->take_message()) co_return std::move(*message);
        }
        co_return make_error_code(self->why_closed_);
    }

    static Task<Result<>> write(std::shared_ptr<Impl> self, SharedBytes bytes, bool text) {
        if (self->state_ != State::open) co_return make_error_code(Errc::closed);
        self->push(text ? Opcode::text : Opcode::binary, std::move(bytes));
        while (self->state_ == State::open && !self->out_.empty()) {
            const auto sent_before = self->bytes_sent_;
            const auto wait = self->settings_.idle.count() > 0 ? self->settings_.idle : default_write_wait;
            self->drained_.expires_after(wait);
            const auto [ec] = co_await self->drained_.async_wait(as_result);
            const bool is_stuck = !ec && !self->out_.empty() && self->bytes_sent_ == sent_before;
            if (!is_stuck || self->state_ != State::open) continue;
            self->abort();
            co_return make_error_code(Errc::timed_out);
        }
        if (self->state_ != State::open) co_return make_error_code(Errc::closed);
        co_return Result<>();
    }

    static Task<> close(std::shared_ptr<Impl> self, std::uint16_t code, std::string reason) {
        if (self->state_ != State::open) co_return;
        self->begin_close(code, reason, Errc::closed);
        co_await drain(self);
    }

    void abort() {
        if (state_ == State::closed) return;
        state_ = State::closed;
        boost::system::error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
        drained_.cancel();
        out_.clear();
    }

    /// The owner is gone. A close under way may finish: it is bounded by close_wait.
    void release() {
        if (state_ == State::open) abort();
    }

private:
    enum class State { open, closing, closed };

    bool has_received() const { return received_at_ < received_.size(); }

    /// Reads what is there; false when that is nothing.
    bool receive() {
        boost::system::error_code ec;
        const auto count = socket_.read_some(asio::buffer(read_buffer), ec);
        if (ec == asio::error::would_block) return false;
        if (ec) {
            abort();
            return false;
        }
        heard_at_ = Clock::now();
        received_.assign(read_buffer.data(), count);
        received_at_ = 0;
        return true;
    }

    /// Takes events off what was received until a message (or the end of the connection) is there.
    std::optional<Result<Message>> take_message() {
        while (auto event = take_event()) {
            switch (event->kind) {
                case Kind::text:
                case Kind::binary: return Message{std::move(event->bytes), event->kind == Kind::text};
                case Kind::ping: answer_ping(std::move(event->bytes)); break;
                case Kind::pong: break;
                case Kind::close: end_by_peer(event->close_code); return make_error_code(Errc::closed);
                case Kind::violation: return end_by_violation(event->close_code);
            }
            if (state_ != State::open) return make_error_code(why_closed_);
        }
        return std::nullopt;
    }

    std::optional<WebSocketEvent> take_event() {
        std::string_view rest = std::string_view(received_).substr(received_at_);
        auto event = reader_.take(rest);
        received_at_ = received_.size() - rest.size();
        if (rest.empty()) {
            // Kept only while it holds bytes: an idle connection should be small.
            received_ = {};
            received_at_ = 0;
        }
        watch_message_time();
        return event;
    }

    void answer_ping(std::string payload) {
        // A peer that sends pings and reads nothing gets no more of them (RFC 6455 §5.5.3 asks for the newest alone).
        if (out_.size() < waiting_pongs_max) push(Opcode::pong, share_bytes(std::move(payload)));
    }

    void end_by_peer(std::uint16_t code) {
        constexpr std::uint16_t none_given = 1005;
        has_peer_closed_ = true;
        peer_close_code_ = code;
        begin_close(code == none_given ? close_code::normal : code, {}, Errc::closed);
    }

    /// Tells the peer why, and reads on for a moment so that what it still sends does not reset the connection under that.
    Result<Message> end_by_violation(std::uint16_t code) {
        const auto why = code == close_code::too_big ? Errc::too_large : Errc::invalid_input;
        has_violated_ = true;
        begin_close(code, {}, why);
        spawn(socket_.get_executor(), drain(shared_from_this()), "websocket_drain");
        return make_error_code(why);
    }

    /// Sends the close frame. From here on read() and write() fail, and the connection ends within close_wait.
    void begin_close(std::uint16_t code, std::string_view reason, Errc why) {
        if (state_ != State::open) return;
        state_ = State::closing;
        why_closed_ = why;
        boost::system::error_code ignored;
        if (is_reading_) socket_.cancel(ignored);
        drained_.cancel();
        timer_.expires_after(close_wait);
        wait_for_timer();
        push(Opcode::close, share_bytes(close_payload(code, reason)));
    }

    /// Waits for the peer's close frame, or its end.
    static Task<> drain(std::shared_ptr<Impl> self) {
        for (std::size_t drained = 0; self->state_ == State::closing && drained < drain_bytes_max;) {
            if (!self->has_violated_ && self->has_received()) {
                const auto event = self->take_event();
                if (event && (event->kind == Kind::close || event->kind == Kind::violation)) break;
                continue;
            }
            const auto [ec] = co_await self->socket_.async_wait(tcp::socket::wait_read, as_result);
            if (ec || self->state_ != State::closing || !self->receive()) continue;
            drained += self->received_.size();
        }
        self->abort();
    }

    void push(Opcode opcode, SharedBytes body) {
        if (settings_.is_client) out_.push_back({masked_frame(opcode, *body, next_mask()), nullptr});
        else out_.push_back({frame_header(opcode, body->size()), std::move(body)});
        flush();
    }

    /// Writes as much as the kernel takes now; the rest when the socket is writable again.
    void flush() {
        while (!out_.empty() && !is_waiting_to_write_) {
            boost::system::error_code ec;
            const auto count = socket_.write_some(next_buffers(), ec);
            if (ec == asio::error::would_block) return wait_to_write();
            if (ec) return abort();
            bytes_sent_ += count;
            drop_sent(count);
        }
        if (!out_.empty()) return;
        drained_.cancel();
        if (state_ == State::closing && has_peer_closed_) return abort();
        // A peer that broke the rules can't be trusted to answer: it sees our end at once.
        boost::system::error_code ignored;
        if (state_ == State::closing && has_violated_) socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }

    std::array<asio::const_buffer, buffers_per_write> next_buffers() const {
        std::array<asio::const_buffer, buffers_per_write> buffers;
        for (std::size_t i = 0; i < std::min(out_.size(), buffers_per_write / 2); ++i) {
            const auto& frame = out_[i];
            const auto head_sent = std::min(frame.sent, frame.head.size());
            buffers[2 * i] = asio::buffer(frame.head) + head_sent;
            if (frame.body) buffers[2 * i + 1] = asio::buffer(*frame.body) + (frame.sent - head_sent);
        }
        return buffers;
    }

    void drop_sent(std::size_t count) {
        while (count > 0) {
            auto& frame = out_.front();
            const auto of_this = std::min(count, frame.size() - frame.sent);
            frame.sent += of_this;
            count -= of_this;
            if (frame.sent == frame.size()) out_.pop_front();
        }
    }

    void wait_to_write() {
        is_waiting_to_write_ = true;
        socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](boost::system::error_code) {
            // An error here is a cancelled wait or a broken socket: the next write tells which.
            self->is_waiting_to_write_ = false;
            if (self->state_ != State::closed) self->flush();
        });
    }

    void watch_message_time() {
        if (!reader_.is_inside_message()) {
            message_began_at_.reset();
        } else if (!message_began_at_) {
            message_began_at_ = Clock::now();
            if (state_ == State::open) schedule();
        }
    }

    /// Sets the timer to whatever is due first: a ping, the end of a silent peer, the end of a message that takes too long.
    void schedule() {
        if (settings_.idle.count() == 0) return;
        auto due = std::min(std::max(heard_at_, pinged_at_) + settings_.idle * 2 / 5, heard_at_ + settings_.idle);
        if (message_began_at_) due = std::min(due, *message_began_at_ + settings_.message_time);
        timer_.expires_at(due);
        wait_for_timer();
    }

    void wait_for_timer() {
        timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
            if (!ec && self->timer_.expiry() <= Clock::now()) self->on_timer();
        });
    }

    void on_timer() {
        if (state_ != State::open) return abort();
        const auto now = Clock::now();
        const bool is_silent = now >= heard_at_ + settings_.idle;
        if (is_silent || (message_began_at_ && now >= *message_began_at_ + settings_.message_time)) {
            begin_close(is_silent ? close_code::no_pong : close_code::protocol_error, {}, Errc::timed_out);
            spawn(socket_.get_executor(), drain(shared_from_this()), "websocket_drain");
            return;
        }
        if (now >= std::max(heard_at_, pinged_at_) + settings_.idle * 2 / 5) {
            pinged_at_ = now;
            push(Opcode::ping, share_bytes({}));
        }
        if (state_ == State::open) schedule();
    }

    tcp::socket socket_;
    const WebSocketSettings settings_;
    FrameReader reader_;
    std::string received_;  ///< What came and was not taken yet, from received_at_ on; at most read_bytes.
    std::size_t received_at_ = 0;
    std::deque<Outgoing> out_;  ///< One message of write(), and a bounded number of control frames.
    std::uint64_t bytes_sent_ = 0;
    asio::steady_timer timer_;    ///< Heartbeat while open, the end of the close handshake while closing.
    asio::steady_timer drained_;  ///< write() sleeps on it; cancelled when out_ is empty.
    Clock::time_point heard_at_ = Clock::now();
    Clock::time_point pinged_at_{};
    std::optional<Clock::time_point> message_began_at_;
    State state_ = State::open;
    Errc why_closed_ = Errc::closed;
    bool is_reading_ = false;
    bool is_waiting_to_write_ = false;
    bool has_peer_closed_ = false;
    std::uint16_t peer_close_code_ = 0;
    bool has_violated_ = false;
};

WebSocket::WebSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocket::~WebSocket() { impl_->release(); }
std::string_view WebSocket::subprotocol() const { return impl_->subprotocol(); }
asio::any_io_executor WebSocket::executor() { return impl_->executor(); }
Task<Result<WebSocket::Message>> WebSocket::read() { return Impl::read(impl_); }
Task<Result<>> WebSocket::write(SharedBytes bytes, bool text) { return Impl::write(impl_, std::move(bytes), text); }
Task<> WebSocket::close(std::uint16_t code, std::string reason) { return Impl::close(impl_, code, std::move(reason)); }
std::uint16_t WebSocket::peer_close_code() const { return impl_->peer_close_code(); }
void WebSocket::abort() { impl_->abort(); }

std::shared_ptr<WebSocket> make_websocket(tcp::socket socket, WebSocketSettings settings, std::string received) {
    auto impl = std::make_shared<WebSocket::Impl>(std::move(socket), std::move(settings), std::move(received));
    impl->start();
    return std::make_shared<WebSocket>(std::move(impl));
}

}  // namespace livefair::net
