#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/errc.hpp"

/// RFC 6455 framing without sockets: bytes to messages and control frames, payloads to frames.
namespace livefair::net {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// What a peer sent, or the rule it broke.
struct WebSocketEvent {
    enum class Kind { text, binary, ping, pong, close, violation };
    Kind kind;
    std::string bytes;             ///< Whole message; payload of a ping or pong; reason of a close.
    std::uint16_t close_code = 0;  ///< Of close (1005: none was given), and the code to answer a violation with.
};

/// Reads one peer's frames. After a violation it must not be fed again. Of extensions there is permessage-deflate, when that was agreed on: other
/// RSV bits are violations.
class FrameReader {
public:
    struct Limits {
        std::size_t message_bytes_max = 8192;
        unsigned fragments_max = 16;  ///< Frames of one message: the size limit alone would let empty ones come for ever.
        bool may_deflate = false;     ///< permessage-deflate was agreed on (deflate.hpp); `message_bytes_max` holds before and after inflating.
    };
    /// `is_masked`: frames must be masked (from a client) or must not be (from a server), RFC 6455 §5.1.
    FrameReader(bool is_masked, Limits limits) : is_masked_(is_masked), limits_(limits) {}

    /// Takes bytes off the front of `input` until one event is whole; nullopt when `input` ran out first.
    std::optional<WebSocketEvent> take(std::string_view& input);
    /// True while a message or a frame has begun and not ended.
    bool is_inside_message() const { return begun_ != nullptr; }

private:
    enum class HeaderState { incomplete, complete, invalid, too_large };
    std::optional<WebSocketEvent> take_frames(std::string_view& input);
    HeaderState take_header(std::string_view& input);
    HeaderState check_header();
    void take_payload(std::string_view& input);
    std::optional<WebSocketEvent> end_frame();
    WebSocketEvent end_message();
    WebSocketEvent end_close();
    bool is_control() const { return (opcode_ & 8) != 0; }

    bool is_masked_;
    Limits limits_;
    /// What has come of a frame and of a message. None while nothing has begun: an idle viewer should be small.
    struct Begun {
        std::string header;   ///< Bytes of a header that is not whole yet, at most 14.
        std::string message;  ///< Of the data message that is being put together.
        std::string control;  ///< Payload of the current control frame.
    };
    std::unique_ptr<Begun> begun_;
    unsigned char mask_[4] = {};
    std::uint64_t payload_left_ = 0;
    std::uint64_t payload_position_ = 0;
    unsigned fragments_ = 0;
    std::uint8_t opcode_ = 0;
    bool is_final_ = false;
    bool in_payload_ = false;
    bool is_fragmented_ = false;  ///< A data frame without FIN has come; continuations must follow.
    bool is_text_ = false;
    bool is_deflated_ = false;
};

/// The header of one unmasked, final frame.
std::string frame_header(Opcode opcode, std::size_t payload_bytes);
/// A whole frame of a server: final, not masked, so the same bytes for every client.
std::string wire_frame(Opcode opcode, std::string_view payload);
/// The same, compressed; for clients with which permessage-deflate was agreed on.
std::string deflated_wire_frame(Opcode opcode, std::string_view payload);
/// A whole frame of a client: final, masked with `mask` (RFC 6455 §5.3).
std::string masked_frame(Opcode opcode, std::string_view payload, std::uint32_t mask);
/// The payload of a close frame; `reason` is cut to 123 bytes.
std::string close_payload(std::uint16_t code, std::string_view reason);
/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2).
std::string accept_key(std::string_view key);
/// Whether `key` is base64 of 16 bytes.
bool is_websocket_key(std::string_view key);

}  // namespace livefair::net
