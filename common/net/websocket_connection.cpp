#include "net/websocket_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <random>
#include <utility>

#include "base/check.hpp"
#include "net/send_batch.hpp"

namespace livefair::net {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = WebSocketEvent::Kind;

constexpr std::chrono::milliseconds close_wait{1000};
constexpr std::uint32_t drain_bytes_max = 1024 * 1024;
/// Of pongs and pings that wait for room.
constexpr std::size_t control_bytes_max = 1024;
/// The kernel keeps no more for one viewer than this and what is on its way (twice the number): a slow one is seen early.
constexpr int send_buffer_bytes = 32 * 1024;

/// All sockets of a thread read through one buffer, so that an idle connection holds none.
thread_local std::array<char, 16 * 1024> read_buffer;

/// Masks only hide bytes from proxies that know no WebSocket; our client speaks to loopback.
std::uint32_t next_mask() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return static_cast<std::uint32_t>(random());
}

std::string to_frame(bool is_client, Opcode opcode, std::string_view payload) {
    return is_client ? masked_frame(opcode, payload, next_mask()) : wire_frame(opcode, payload);
}

}  // namespace

WebSocketConnection::WebSocketConnection(asio::ip::tcp::socket socket, std::shared_ptr<const WebSocketSettings> settings, std::string received,
                                         std::vector<Admissions::Guard> places)
    : poller_(Poller::of(socket.get_executor())),
      settings_(std::move(settings)),
      places_(std::move(places)),
      reader_(!settings_->is_client, settings_->limits),
      heard_at_(Clock::now()) {
    if (!received.empty()) unread_ = std::make_unique<std::string>(std::move(received));
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    if (!settings_->is_client) socket.set_option(asio::socket_base::send_buffer_size(send_buffer_bytes), ignored);
    descriptor_ = socket.release(ignored);
    // Its peer says nothing that could be missed: only the kernel sees that nothing arrives any more.
    const auto patience = static_cast<unsigned>(settings_->idle.count());
    if (settings_->is_event_stream) ::setsockopt(descriptor_, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
}

WebSocketConnection::~WebSocketConnection() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void WebSocketConnection::start(std::shared_ptr<Owner> owner) {
    owner_ = std::move(owner);
    if (descriptor_ < 0 || !poller_.add(descriptor_, *this)) return end(Errc::closed);
    schedule();
    if (!unread_) return;
    pause();
    asio::post(poller_.executor(), [self = shared_from_this()] { self->resume(); });
}

SharedBytes WebSocketConnection::frame_of(std::string_view message, bool text) const {
    return share_bytes(to_frame(settings_->is_client, text ? Opcode::text : Opcode::binary, message));
}

void WebSocketConnection::on_shutdown() { owner_.reset(); }

void WebSocketConnection::on_ready(bool readable, bool writable) {
    const auto self = shared_from_this();
    if (writable && writes_) flush();
    if (readable && state_ != State::closed) receive();
}

void WebSocketConnection::receive() {
    if (is_paused_) {
        // More waits in the kernel. A peer that has hung up can't be paused, only ended.
        if (!std::exchange(reads_, false)) return end(Errc::closed);
        return watch();
    }
    const auto count = ::recv(descriptor_, read_buffer.data(), read_buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return end(why_closed_);
    heard_at_ = Clock::now();
    const std::string_view bytes(read_buffer.data(), static_cast<std::size_t>(count));
    if (state_ == State::closing || settings_->is_event_stream) ignore(bytes);
    else take(bytes);
}

void WebSocketConnection::take(std::string_view bytes) {
    is_taking_ = true;
    while (state_ == State::open) {
        if (is_paused_) {
            if (!bytes.empty()) unread_ = std::make_unique<std::string>(bytes);
            break;
        }
        auto event = reader_.take(bytes);
        if (!event) break;
        handle(std::move(*event));
    }
    is_taking_ = false;
    watch_message_time();
}

void WebSocketConnection::handle(WebSocketEvent event) {
    switch (event.kind) {
        case Kind::text:
        case Kind::binary: return owner_->on_message({std::move(event.bytes), event.kind == Kind::text});
        case Kind::ping: return answer_ping(event.bytes);
        case Kind::pong: return;
        case Kind::close: {
            constexpr std::uint16_t none_given = 1005;
            has_peer_closed_ = true;
            peer_close_code_ = event.close_code;
            return begin_close(event.close_code == none_given ? close_code::normal : event.close_code, {}, Errc::closed);
        }
        case Kind::violation:
            has_violated_ = true;
            return begin_close(event.close_code, {}, event.close_code == close_code::too_big ? Errc::too_large : Errc::invalid_input);
    }
}

void WebSocketConnection::resume() {
    if (!std::exchange(is_paused_, false) || is_taking_ || state_ != State::open) return;
    const auto self = shared_from_this();
    if (const auto unread = std::move(unread_)) take(*unread);
    if (!is_paused_ && state_ == State::open && !reads_) {
        reads_ = true;
        watch();
    }
}

void WebSocketConnection::answer_ping(std::string_view payload) {
    // A peer that sends pings and reads nothing gets no more of them (RFC 6455 5.5.3 asks for the newest alone).
    if (control_.size() < control_bytes_max) push_control(Opcode::pong, payload);
}

/// Waits for the peer's close frame, or its end.
void WebSocketConnection::ignore(std::string_view bytes) {
    ignored_bytes_ += static_cast<std::uint32_t>(bytes.size());
    if (ignored_bytes_ > drain_bytes_max) return end(why_closed_);
    while (!reads_no_frames()) {
        const auto event = reader_.take(bytes);
        if (!event) return;
        if (event->kind == Kind::close || event->kind == Kind::violation) return end(why_closed_);
    }
}

void WebSocketConnection::begin_close(std::uint16_t code, std::string_view reason, Errc why) {
    if (state_ != State::open) return;
    state_ = State::closing;
    why_closed_ = why;
    if (frame_sent_ == 0 && !is_batched_) frame_.reset();
    is_paused_ = false;
    unread_.reset();
    // A frozen page that wakes up should learn that it was too slow, and may come back.
    const bool is_patient = code == close_code::slow && settings_->idle > close_wait;
    poller_.set_timer(*this, Clock::now() + (is_patient ? settings_->idle : close_wait));
    if (!std::exchange(reads_, true)) watch();
    push_control(Opcode::close, close_payload(code, reason));
}

void WebSocketConnection::end(Errc why) {
    if (std::exchange(state_, State::closed) == State::closed) return;
    poller_.cancel_timer(*this);
    if (descriptor_ >= 0) {
        poller_.remove(descriptor_, *this);
        ::close(std::exchange(descriptor_, -1));
    }
    frame_.reset();
    control_ = {};
    unread_.reset();
    places_.clear();
    if (owner_) asio::post(poller_.executor(), [owner = std::exchange(owner_, nullptr), why] { owner->on_end(why); });
}

void WebSocketConnection::write(SharedBytes frame) {
    LF_CHECK(is_writable());
    frame_ = std::move(frame);
    frame_sent_ = 0;
    if (poller_.sends().is_open() && control_.empty()) {
        is_batched_ = true;
        poller_.sends().add(shared_from_this());
    } else {
        flush();
    }
}

WebSocketConnection::Unsent WebSocketConnection::unsent() const {
    if (state_ == State::closed) return {};
    return {descriptor_, *frame_};
}

void WebSocketConnection::on_sent(int result) {
    is_batched_ = false;
    if (state_ == State::closed) return;
    if (result < 0 && result != -EAGAIN && result != -EINTR) return end(Errc::closed);
    if (result > 0) frame_sent_ += static_cast<std::uint32_t>(result);
    if (frame_sent_ == frame_->size()) {
        frame_sent_ = 0;
        frame_.reset();
    }
    if (frame_ || !control_.empty()) flush();
    if (is_writable()) owner_->on_written();
}

void WebSocketConnection::push_control(Opcode opcode, std::string_view payload) {
    control_ += control_frame(opcode, payload);
    flush();
}

std::string WebSocketConnection::control_frame(Opcode opcode, std::string_view payload) const {
    if (!settings_->is_event_stream) return to_frame(settings_->is_client, opcode, payload);
    if (opcode != Opcode::close) return ":\n\n";
    // Our own reasons: nothing in them needs an escape in JSON.
    ByteReader reader(payload);
    const auto code = *reader.big_endian(2);
    return "event: close\ndata: {\"code\":" + std::to_string(code) + ",\"reason\":\"" + std::string(reader.rest()) + "\"}\n\n";
}

/// Writes as much as the kernel takes now; the rest when there is room.
void WebSocketConnection::flush() {
    if (is_batched_) return;
    while (frame_ || !control_.empty()) {
        if (!send_some()) return;
    }
    const bool had_waited = std::exchange(writes_, false);
    if (had_waited) watch();
    if (state_ == State::open) {
        if (had_waited) owner_->on_written();
        return;
    }
    if (has_peer_closed_) return end(why_closed_);
    // A peer that broke the rules can't be trusted to answer: it sees our end at once.
    if (reads_no_frames()) ::shutdown(descriptor_, SHUT_WR);
    poller_.set_timer(*this, Clock::now() + close_wait);
}

/// False: there is no room, or the connection has ended.
bool WebSocketConnection::send_some() {
    // A frame that has begun is finished first; then control frames go before the next.
    const bool is_control = control_sent_ > 0 || (frame_sent_ == 0 && !control_.empty());
    const std::string& bytes = is_control ? control_ : *frame_;
    auto& sent = is_control ? control_sent_ : frame_sent_;
    const auto count = ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) return true;
    if (count < 0 && errno != EAGAIN) {
        end(Errc::closed);
        return false;
    }
    if (count < 0) {
        if (!std::exchange(writes_, true)) {
            moved_at_ = Clock::now();
            watch();
        }
        return false;
    }
    if (writes_) moved_at_ = Clock::now();
    sent += static_cast<std::uint32_t>(count);
    if (sent < bytes.size()) return true;
    sent = 0;
    if (is_control) control_ = {};
    else frame_.reset();
    return true;
}

void WebSocketConnection::watch() {
    if (descriptor_ >= 0) poller_.change(descriptor_, *this, reads_, writes_);
}

void WebSocketConnection::watch_message_time() {
    if (!reader_.is_inside_message()) {
        message_began_at_ = {};
    } else if (message_began_at_ == Time()) {
        message_began_at_ = Clock::now();
        schedule();
    }
}

/// Sets the timer to whatever is due first: a ping, the end of a silent peer, of a message that takes too long, of a frame that does not move.
void WebSocketConnection::schedule() {
    if (state_ != State::open || settings_->idle.count() == 0) return;
    auto due = std::min(std::max(heard_at_, pinged_at_) + settings_->idle * 2 / 5, heard_at_ + settings_->idle);
    if (message_began_at_ != Time()) due = std::min(due, message_began_at_ + settings_->message_time);
    poller_.set_timer(*this, due);
}

void WebSocketConnection::on_time() {
    const auto self = shared_from_this();
    const auto now = Clock::now();
    if (state_ != State::open) return end(why_closed_);
    // The owner is busy with this peer's message, and has not looked whether there are more.
    if (is_paused_) heard_at_ = now;
    const bool is_silent = now >= heard_at_ + settings_->idle;
    if (is_silent || (message_began_at_ != Time() && now >= message_began_at_ + settings_->message_time))
        return begin_close(is_silent ? close_code::no_pong : close_code::protocol_error, {}, Errc::timed_out);
    if (writes_ && now >= moved_at_ + settings_->idle) return end(Errc::timed_out);
    if (now >= std::max(heard_at_, pinged_at_) + settings_->idle * 2 / 5) {
        pinged_at_ = now;
        if (settings_->is_event_stream) heard_at_ = now;  // it can't answer
        if (control_.size() < control_bytes_max) push_control(Opcode::ping, {});
    }
    schedule();
}

}  // namespace livefair::net
