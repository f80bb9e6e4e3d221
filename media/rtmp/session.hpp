#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/errc.hpp"
#include "rtmp/amf0.hpp"
#include "rtmp/chunk.hpp"
#include "rtmp/handshake.hpp"

namespace livefair::rtmp {

/// Write these bytes to the peer.
struct Send {
    std::string bytes;
};
/// The peer wants to publish under this name (the stream key). The session reads on only after accept_publish() or refuse().
struct PublishRequested {
    std::string app;
    std::string name;
};
/// One FLV tag body from the publisher. `timestamp_ms` wraps at 2^32.
struct Media {
    enum class Kind { audio, video, data };
    Kind kind = Kind::data;
    std::uint32_t timestamp_ms = 0;
    std::string payload;
};
/// The session is over: send what came before and close the connection. `why` is for the log and names no key.
struct Closed {
    Errc reason = Errc::closed;
    std::string why;
};
using Action = std::variant<Send, PublishRequested, Media, Closed>;
using Actions = std::vector<Action>;

/// The server's side of one publisher's RTMP connection, without I/O: bytes in, actions out. Not thread-safe.
/// Knows ffmpeg, librtmp (OBS) and GStreamer: connect, releaseStream, FCPublish, createStream, publish, FCUnpublish, deleteStream.
class Session {
public:
    explicit Session(ChunkLimits limits) : chunks_(limits) {}

    /// After a Closed action every call does nothing.
    Actions feed(std::string_view bytes);
    /// Answers PublishRequested with NetStream.Publish.Start and goes on with bytes that came meanwhile.
    Actions accept_publish();
    /// Sends onStatus with level error (for instance NetStream.Publish.BadName), then closes.
    Actions refuse(std::string_view code, std::string_view description);
    bool is_publishing() const { return state_ == State::publishing; }

private:
    enum class State { handshake, greeted, connected, asked, publishing, closed };
    struct Command {
        std::string name;
        double transaction = 0;
        std::vector<AmfValue> values;  // all of the message, the name included
    };
    void run(std::string_view input);
    void close(Errc reason, std::string why);
    void acknowledge();
    void on_message(Message message);
    void on_media(Message message);
    void on_aggregate(const Message& message);
    void on_control(const Message& message);
    void on_command(std::string_view body);
    void on_connect(const Command& command);
    void on_create_stream(const Command& command);
    void on_publish(const Command& command);
    void send_result(double transaction, AmfWriter values);
    void send_status(std::string_view level, std::string_view code, std::string_view description);
    void send_command(std::string body, std::uint32_t stream_id);
    void send_control(std::uint8_t type, std::string body);
    void send(std::string bytes) { actions_.push_back(Send{std::move(bytes)}); }

    State state_ = State::handshake;
    Handshake handshake_;
    ChunkReader chunks_;
    Actions actions_;
    std::string unread_;  // came after the publish command and before its answer; at most one feed() long
    std::string app_;
    int streams_made_ = 0;
    std::uint64_t received_bytes_ = 0;
    std::uint64_t acknowledged_bytes_ = 0;
    std::uint64_t window_bytes_ = 2'500'000;
};

}  // namespace livefair::rtmp
