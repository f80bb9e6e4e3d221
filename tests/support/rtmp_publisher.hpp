#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/flv_clip.hpp"

namespace livefair::test {

/// Which chunk message headers a publisher sends (RTMP 1.0 section 5.3.1.2).
enum class ChunkHeaders {
    full,      ///< Format 0 on every message.
    shortest,  ///< Format 1, 2 or 3 where the last message on the chunk stream allows it.
};

struct RtmpOptions {
    std::string host = "127.0.0.1";
    int port = 0;
    std::string app = "live";
    ChunkHeaders headers = ChunkHeaders::full;
    /// 2 to 65,599; above 63 the basic header has two bytes, above 319 three.
    std::uint32_t audio_chunk_stream = 4, video_chunk_stream = 6;
    /// Type-3 chunks of a message with an extended timestamp repeat it, as the specification and ffmpeg do.
    bool repeats_extended_timestamp = true;
    /// FourCCs that `connect` names (enhanced RTMP's fourCcList); none: the member is left out.
    std::vector<std::string> four_ccs = {};
    /// Longest wait of any call that names no other; then std::runtime_error.
    std::chrono::milliseconds deadline{10'000};
};

/// A blocking RTMP publisher for tests: says exactly what it is told, right or wrong. Its chunk writer is its own, so that a fault
/// in the server's is not hidden. Nothing is thrown when the server hangs up: sends return false and is_closed() says so.
class RtmpPublisher {
public:
    /// Connects the socket; says nothing yet. Throws std::runtime_error when nobody listens.
    explicit RtmpPublisher(RtmpOptions options);
    /// Closes the socket (FIN).
    ~RtmpPublisher();
    RtmpPublisher(RtmpPublisher&&) noexcept;

    void handshake();
    /// handshake (if it has not been), connect, releaseStream, FCPublish, createStream, publish. Returns the code of the server's
    /// onStatus ("NetStream.Publish.Start"); empty when it hung up without one.
    std::string publish(const std::string& key);

    bool send_video(std::uint32_t timestamp_ms, std::string_view body) { return send_message(9, timestamp_ms, body); }
    bool send_audio(std::uint32_t timestamp_ms, std::string_view body) { return send_message(8, timestamp_ms, body); }
    /// A data message (AMF0), for instance onMetaData.
    bool send_data(std::uint32_t timestamp_ms, std::string_view body) { return send_message(18, timestamp_ms, body); }
    bool send(const FlvTag& tag) { return send_message(tag.type, tag.timestamp_ms, tag.body); }
    /// Any message; media types go on their chunk streams and stream 1, others on chunk stream 3 and stream 0.
    bool send_message(std::uint8_t type, std::uint32_t timestamp_ms, std::string_view body);
    /// AMF0 command on stream 0 (or 1).
    bool send_command(std::string_view body, std::uint32_t stream_id = 0);
    bool send_raw(std::string_view bytes);
    /// Tells the server, and keeps to it.
    bool set_chunk_size(std::uint32_t bytes);

    /// Sends every tag of `clip` when its `at_ms` has come, `speed` times as fast as real time; 0: as fast as the socket takes it.
    /// False when the server hung up.
    bool play(const FlvClip& clip, double speed = 1);

    /// The code of the next onStatus or _error from the server; empty when it hangs up or `deadline` passes before one comes.
    std::string wait_status(std::chrono::milliseconds deadline);
    /// The description that came with the last code.
    const std::string& last_description() const;
    /// Whether the server hangs up within `deadline`; what it sends meanwhile is read.
    bool closes_within(std::chrono::milliseconds deadline);
    bool is_closed() const;
    /// Ends the stream as encoders do: FCUnpublish, deleteStream, then closes.
    void unpublish();
    /// Closes with a reset instead of a FIN.
    void reset();
    int socket() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::test
