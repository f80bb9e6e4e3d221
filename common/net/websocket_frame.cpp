#include "net/websocket_frame.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "net/deflate.hpp"
#include "net/utf8.hpp"
#include "net/websocket.hpp"

namespace livefair::net {
namespace {

constexpr std::size_t control_bytes_max = 125;  // RFC 6455 §5.5
constexpr std::size_t close_reason_bytes_max = control_bytes_max - 2;
constexpr std::uint16_t no_close_code = 1005;
constexpr std::uint16_t bad_data = 1007;
constexpr unsigned char rsv1 = 0x40;

WebSocketEvent violation(std::uint16_t code) { return {WebSocketEvent::Kind::violation, {}, code}; }

/// Codes a peer may send (RFC 6455 §7.4.1 and IANA's list).
bool is_sendable_close_code(std::uint64_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

std::optional<WebSocketEvent> FrameReader::take(std::string_view& input) {
    if (input.empty()) return std::nullopt;
    if (!begun_) begun_ = std::make_unique<Begun>();
    auto event = take_frames(input);
    if (event && !is_fragmented_) begun_.reset();
    return event;
}

std::optional<WebSocketEvent> FrameReader::take_frames(std::string_view& input) {
    for (;;) {
        if (!in_payload_) {
            switch (take_header(input)) {
                case HeaderState::incomplete: return std::nullopt;
                case HeaderState::invalid: return violation(close_code::protocol_error);
                case HeaderState::too_large: return violation(close_code::too_big);
                case HeaderState::complete: break;
            }
            in_payload_ = true;
        }
        take_payload(input);
        if (payload_left_ > 0) return std::nullopt;
        in_payload_ = false;
        if (auto event = end_frame()) return event;
    }
}

FrameReader::HeaderState FrameReader::take_header(std::string_view& input) {
    for (;;) {
        std::size_t size = 2;
        if (begun_->header.size() >= 2) {
            const auto length = static_cast<unsigned char>(begun_->header[1]) & 127;
            size += (length == 126 ? 2 : length == 127 ? 8 : 0) + (is_masked_ ? 4 : 0);
            // Known from two bytes: a wrong first pair is refused before more of it is read.
            if ((static_cast<unsigned char>(begun_->header[1]) >> 7 != 0) != is_masked_) return HeaderState::invalid;
            if (begun_->header.size() == size) return check_header();
        }
        if (input.empty()) return HeaderState::incomplete;
        const auto count = std::min(size - begun_->header.size(), input.size());
        begun_->header.append(input.substr(0, count));
        input.remove_prefix(count);
    }
}

FrameReader::HeaderState FrameReader::check_header() {
    const auto first = static_cast<unsigned char>(begun_->header[0]);
    const std::size_t length = static_cast<unsigned char>(begun_->header[1]) & 127;
    ByteReader reader(std::string_view(begun_->header).substr(2));
    payload_left_ = length;
    if (length >= 126) payload_left_ = *reader.big_endian(length == 126 ? 2 : 8);
    std::copy(reader.rest().begin(), reader.rest().end(), reinterpret_cast<char*>(mask_));
    begun_->header.clear();
    payload_position_ = 0;
    is_final_ = (first & 0x80) != 0;
    opcode_ = first & 15;
    // RSV bits without an extension; a length that a shorter form could have held (RFC 6455 §5.2). RSV1 marks the first frame of a compressed
    // message (RFC 7692 6).
    const bool may_be_deflated = limits_.may_deflate && !is_control() && opcode_ != static_cast<std::uint8_t>(Opcode::continuation);
    if ((first & 0x70) != 0 && ((first & 0x70) != rsv1 || !may_be_deflated)) return HeaderState::invalid;
    if ((length == 126 && payload_left_ < 126) || (length == 127 && payload_left_ < 65'536)) return HeaderState::invalid;
    if (is_control()) {
        begun_->control.clear();
        const bool is_known = opcode_ <= static_cast<std::uint8_t>(Opcode::pong);
        return is_known && is_final_ && length <= control_bytes_max ? HeaderState::complete : HeaderState::invalid;
    }
    const bool is_continuation = opcode_ == static_cast<std::uint8_t>(Opcode::continuation);
    if (opcode_ > static_cast<std::uint8_t>(Opcode::binary) || is_continuation != is_fragmented_) return HeaderState::invalid;
    if (!is_continuation) {
        is_text_ = opcode_ == static_cast<std::uint8_t>(Opcode::text);
        is_deflated_ = (first & rsv1) != 0;
        fragments_ = 0;
        begun_->message.clear();
    }
    is_fragmented_ = !is_final_;
    if (++fragments_ > limits_.fragments_max) return HeaderState::too_large;
    return payload_left_ > limits_.message_bytes_max - begun_->message.size() ? HeaderState::too_large : HeaderState::complete;
}

void FrameReader::take_payload(std::string_view& input) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, input.size()));
    auto& to = is_control() ? begun_->control : begun_->message;
    const auto start = to.size();
    to.append(input.substr(0, count));
    if (is_masked_)
        for (std::size_t i = 0; i < count; ++i)
            to[start + i] = static_cast<char>(static_cast<unsigned char>(to[start + i]) ^ mask_[payload_position_++ & 3]);
    input.remove_prefix(count);
    payload_left_ -= count;
}

std::optional<WebSocketEvent> FrameReader::end_frame() {
    using Kind = WebSocketEvent::Kind;
    switch (static_cast<Opcode>(opcode_)) {
        case Opcode::close: return end_close();
        case Opcode::ping: return WebSocketEvent{Kind::ping, std::move(begun_->control), 0};
        case Opcode::pong: return WebSocketEvent{Kind::pong, std::move(begun_->control), 0};
        default: break;
    }
    if (!is_final_) return std::nullopt;
    return end_message();
}

WebSocketEvent FrameReader::end_message() {
    using Kind = WebSocketEvent::Kind;
    auto message = std::exchange(begun_->message, {});
    if (is_deflated_) {
        auto inflated = inflate_message(message, limits_.message_bytes_max);
        if (!inflated) return violation(to_errc(inflated.error()) == Errc::too_large ? close_code::too_big : bad_data);
        message = std::move(*inflated);
    }
    if (is_text_ && !is_utf8(message)) return violation(bad_data);
    return WebSocketEvent{is_text_ ? Kind::text : Kind::binary, std::move(message), 0};
}

WebSocketEvent FrameReader::end_close() {
    using Kind = WebSocketEvent::Kind;
    if (begun_->control.empty()) return {Kind::close, {}, no_close_code};
    const auto code = ByteReader(begun_->control).big_endian(2);
    if (!code || !is_sendable_close_code(*code)) return violation(close_code::protocol_error);
    auto reason = begun_->control.substr(2);
    if (!is_utf8(reason)) return violation(bad_data);
    return {Kind::close, std::move(reason), static_cast<std::uint16_t>(*code)};
}

std::string frame_header(Opcode opcode, std::size_t payload_bytes) {
    ByteWriter header;
    header.big_endian(0x80 | static_cast<std::uint8_t>(opcode), 1);
    if (payload_bytes <= control_bytes_max) header.big_endian(payload_bytes, 1);
    else if (payload_bytes < 65'536) header.big_endian(126, 1).big_endian(payload_bytes, 2);
    else header.big_endian(127, 1).big_endian(payload_bytes, 8);
    return header.take();
}

std::string wire_frame(Opcode opcode, std::string_view payload) {
    auto frame = frame_header(opcode, payload.size());
    frame.reserve(frame.size() + payload.size());
    return frame.append(payload);
}

std::string deflated_wire_frame(Opcode opcode, std::string_view payload) {
    auto frame = wire_frame(opcode, deflate_message(payload));
    frame[0] = static_cast<char>(static_cast<unsigned char>(frame[0]) | rsv1);
    return frame;
}

std::string masked_frame(Opcode opcode, std::string_view payload, std::uint32_t mask) {
    std::string frame = frame_header(opcode, payload.size());
    frame[1] = static_cast<char>(static_cast<unsigned char>(frame[1]) | 0x80);
    const auto mask_bytes = ByteWriter().big_endian(mask, 4).take();
    frame += mask_bytes;
    frame.reserve(frame.size() + payload.size());
    for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ mask_bytes[i & 3]);
    return frame;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    auto length = std::min(reason.size(), close_reason_bytes_max);
    // Not in the middle of a character: the reason must be UTF-8.
    while (length > 0 && length < reason.size() && (static_cast<unsigned char>(reason[length]) & 0xC0) == 0x80) --length;
    return ByteWriter().big_endian(code, 2).append(reason.substr(0, length)).take();
}

std::string accept_key(std::string_view key) {
    const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    std::string encoded(4 * ((SHA_DIGEST_LENGTH + 2) / 3), '\0');
    ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), digest, SHA_DIGEST_LENGTH);
    return encoded;
}

bool is_websocket_key(std::string_view key) {
    const auto is_base64 = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    };
    return key.size() == 24 && key.ends_with("==") && std::all_of(key.begin(), key.end() - 2, is_base64);
}

}  // namespace livefair::net
