#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/errc.hpp"
#include "rtmp/amf0.hpp"
#include "rtmp/chunk.hpp"

namespace livefair::push {

/// Write these bytes to the server.
struct Send {
    std::string bytes;
};
/// The server has accepted the stream: media may be sent.
struct Started {};
/// The server will not have the stream (its code and words, as they came, bounded): hang up.
struct Refused {
    std::string code;
    std::string description;
};
/// The session is over for another reason: hang up. `why` is ours.
struct Ended {
    Errc reason = Errc::closed;
    std::string why;
};
using Action = std::variant<Send, Started, Refused, Ended>;
using Actions = std::vector<Action>;

struct ClientOptions {
    std::string app;
    std::string tc_url;
    std::string key;  ///< The name to publish under; a secret.
    /// FourCCs named in `connect` (enhanced RTMP): servers of the future want to know.
    std::vector<std::string> four_ccs;
};

/// The client's side of a publisher's RTMP connection, without I/O: bytes in, actions out. Not thread-safe.
/// handshake, connect, releaseStream, FCPublish, createStream, publish (RTMP 1.0 section 7.2); answers pings and windows.
class ClientSession {
public:
    explicit ClientSession(ClientOptions options);

    /// What to say first: C0 and C1. Once.
    std::string hello();
    /// After Refused or Ended every call gives nothing.
    Actions feed(std::string_view bytes);
    bool is_started() const { return state_ == State::publishing; }

    /// One FLV tag body, in two pieces (so that a frame is copied once), as chunks. Only while is_started().
    std::string video(std::uint32_t timestamp_ms, std::string_view head, std::string_view data) const;
    std::string audio(std::uint32_t timestamp_ms, std::string_view head, std::string_view data) const;
    /// A data message: AMF0 values.
    std::string data(std::string_view body) const;
    /// Says goodbye: FCUnpublish and deleteStream. Only while is_started().
    std::string goodbye();

private:
    enum class State { version, block, reply, connecting, creating, asking, publishing, over };
    void handshake(std::string_view& input);
    void on_message(const rtmp::Message& message);
    void on_control(const rtmp::Message& message);
    void on_command(std::string_view body);
    void on_result(double transaction, const std::vector<rtmp::AmfValue>& values);
    void on_status(const std::vector<rtmp::AmfValue>& values);
    void acknowledge();
    void connect();
    void create_stream();
    void publish(std::uint32_t stream_id);
    void command(rtmp::AmfWriter body, std::uint32_t stream_id = 0);
    void control(std::uint8_t type, std::uint64_t value);
    void send(std::string bytes);
    void refuse(const std::vector<rtmp::AmfValue>& values);
    void end(Errc reason, std::string why);

    const ClientOptions options_;
    State state_ = State::version;
    std::string received_;  // of the handshake
    rtmp::ChunkReader chunks_;
    Actions actions_;
    std::uint32_t stream_id_ = 0;
    std::size_t chunk_bytes_ = 128;  // what we send
    std::uint64_t received_bytes_ = 0;
    std::uint64_t acknowledged_bytes_ = 0;
    std::uint64_t window_bytes_ = 2'500'000;
};

}  // namespace livefair::push
