#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/errc.hpp"
#include "net/admission.hpp"
#include "net/poller.hpp"
#include "net/websocket.hpp"
#include "net/websocket_frame.hpp"

namespace livefair::net {

/// Of all connections of one server, or of one client.
struct WebSocketSettings {
    std::string subprotocol;
    bool is_client = false;              ///< We are the client: our frames are masked, the peer's are not.
    bool is_event_stream = false;        ///< Server-sent events in place of a WebSocket, see WebSocketConnection.
    FrameReader::Limits limits;          ///< Of what the peer sends.
    std::chrono::milliseconds idle{0};   ///< A peer silent for this long is closed, and pinged at 2/5 of it; 0: never.
    std::chrono::milliseconds message_time{10'000};  ///< A message that has begun must be whole by then.
};

/// A WebSocket after the handshake: frames out, messages in, no memory for either while nothing moves. Lives on one shard, in its Poller.
/// Control frames wait in a queue of their own and are sent between data frames, never inside one.
/// Answers pings by itself, pings at 2/5 of the idle time, and closes a silent peer. Message bytes, fragments (16) and the time of one message
/// (10 s) are bounded.
/// With settings.is_event_stream the frames are server-sent events (WHATWG HTML 9.2) and nothing is read: pings are comments, and the close frame is an
/// event "close" with {"code":3001,"reason":"..."}.
class WebSocketConnection final : public std::enable_shared_from_this<WebSocketConnection>, private Watched, private Timed {
public:
    /// Held by the connection until on_end(), so it may hold the connection.
    class Owner {
    public:
        virtual ~Owner() = default;
        virtual void on_message(WebSocketMessage message) = 0;
        /// What had to wait, for room or for its batch (SendBatch), has gone. Not called for a frame that goes at once.
        virtual void on_written() = 0;
        /// The last call, in a turn of the loop of its own. closed: by either side; too_large, invalid_input, timed_out: by us, for the peer's fault.
        virtual void on_end(Errc why) = 0;
    };

    /// `received`: what came after the handshake. `places`: given back at the end.
    WebSocketConnection(asio::ip::tcp::socket socket, std::shared_ptr<const WebSocketSettings> settings, std::string received = {},
                        std::vector<Admissions::Guard> places = {});
    ~WebSocketConnection();

    /// Once, before anything else.
    void start(std::shared_ptr<Owner> owner);

    const std::string& subprotocol() const { return settings_->subprotocol; }
    bool is_event_stream() const { return settings_->is_event_stream; }
    /// Frames of deflated_wire_frame() may be written.
    bool deflates() const { return settings_->limits.may_deflate; }
    asio::any_io_executor executor() const { return poller_.executor(); }
    bool is_open() const { return state_ == State::open; }
    /// Open, and no frame waits for room.
    bool is_writable() const { return is_open() && !frame_; }

    /// A message as write() takes it. For a server's frames all is alike: those that go to many are made once, by wire_frame().
    SharedBytes frame_of(std::string_view message, bool text) const;
    /// Sends one frame, now or as the peer makes room. Only while is_writable().
    void write(SharedBytes frame);
    /// For SendBatch: what of the frame that waits for its batch is to be sent where; no descriptor: nothing any more.
    struct Unsent {
        int descriptor = -1;
        std::string_view bytes;
    };
    Unsent unsent() const;
    /// For SendBatch: so many bytes have gone, or minus the error; after -EAGAIN it is tried again, alone.
    void on_sent(int result);
    /// No more messages until resume(); at most one read's bytes are kept meanwhile.
    void pause() { is_paused_ = true; }
    void resume();
    /// Finishes the frame under way, sends a close frame and waits at most 1 s for the peer's. No more messages from here on.
    /// After close_code::slow the peer has the idle time to make room for it.
    void close(std::uint16_t code, std::string_view reason) { begin_close(code, reason, Errc::closed); }
    /// Drops the connection.
    void abort() { end(Errc::closed); }
    /// The code in the peer's close frame: 0 while none has come, 1005 when it gave none.
    std::uint16_t peer_close_code() const { return peer_close_code_; }

private:
    using Time = TimerWheel::Time;
    enum class State : std::uint8_t { open, closing, closed };

    void on_ready(bool readable, bool writable) override;
    void on_shutdown() override;
    void on_time() override;

    void receive();
    void take(std::string_view bytes);
    void ignore(std::string_view bytes);
    void handle(WebSocketEvent event);
    void answer_ping(std::string_view payload);
    void flush();
    bool send_some();
    void begin_close(std::uint16_t code, std::string_view reason, Errc why);
    void end(Errc why);
    void watch();
    void push_control(Opcode opcode, std::string_view payload);
    std::string control_frame(Opcode opcode, std::string_view payload) const;
    /// What the peer sends is not frames, or can't be trusted to be.
    bool reads_no_frames() const { return has_violated_ || settings_->is_event_stream; }
    void watch_message_time();
    void schedule();

    Poller& poller_;
    const std::shared_ptr<const WebSocketSettings> settings_;
    std::shared_ptr<Owner> owner_;
    std::vector<Admissions::Guard> places_;
    FrameReader reader_;
    std::unique_ptr<std::string> unread_;  ///< Came while paused.
    SharedBytes frame_;                    ///< On its way out.
    std::string control_;                  ///< Control frames that wait; the first may have begun.
    std::uint32_t frame_sent_ = 0;
    std::uint32_t control_sent_ = 0;
    std::uint32_t ignored_bytes_ = 0;
    int descriptor_;
    Time heard_at_;
    Time pinged_at_{};
    Time moved_at_{};  ///< The peer has taken bytes.
    Time message_began_at_{};
    std::uint16_t peer_close_code_ = 0;
    Errc why_closed_ = Errc::closed;
    State state_ = State::open;
    bool is_paused_ = false;
    bool is_taking_ = false;
    bool is_batched_ = false;  ///< The frame waits for its batch; nothing may be sent before.
    bool reads_ = true;   ///< As the poller knows it.
    bool writes_ = false;
    bool has_peer_closed_ = false;
    bool has_violated_ = false;
};

}  // namespace livefair::net
