#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "rtmp/session.hpp"

/// What RTMP clients say, and a client's view of a session.
namespace livefair::test {

constexpr std::size_t block_bytes = 1536;

/// Feeds `bytes` to a reader in pieces of `piece` bytes; the messages, or the error that ended it.
inline Result<std::vector<rtmp::Message>> read_messages(rtmp::ChunkReader& reader, std::string_view bytes, std::size_t piece) {
    std::vector<rtmp::Message> messages;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        auto input = bytes.substr(at, piece);
        while (!input.empty()) {
            auto message = reader.next(input);
            if (!message) return message.error();
            if (*message) messages.push_back(std::move(**message));
        }
    }
    return messages;
}

/// A chunk header of format 0, then the payload given, which may be less than `length`.
inline std::string first_chunk(std::string basic_header, std::uint32_t timestamp, std::uint32_t length, std::uint8_t type, std::string_view payload) {
    ByteWriter out;
    out.append(basic_header).big_endian(timestamp, 3).big_endian(length, 3).big_endian(type, 1).big_endian(0x01000000, 4).append(payload);
    return out.take();
}

inline std::string command(rtmp::AmfWriter body) { return rtmp::write_chunks({rtmp::message_type::command, 0, 0, body.take()}, 3, 128); }
inline std::string greeting() { return std::string(1, 3) + std::string(2 * block_bytes, 'c'); }
inline std::string connect() {
    rtmp::AmfWriter body;
    body.text("connect").number(1).object({{"app", "live"}, {"tcUrl", "rtmp://a/live"}});
    return command(std::move(body));
}
inline std::string create_stream() { return command(rtmp::AmfWriter().text("createStream").number(4).null()); }
inline std::string publish(std::string_view name) {
    return command(rtmp::AmfWriter().text("publish").number(5).null().text(name).text("live"));
}

/// A client's view of a session: what was sent to it, and the other actions.
struct Client {
    explicit Client(rtmp::ChunkLimits limits = {}) : session(limits) {}
    void feed(std::string_view bytes, std::size_t piece = 1000) {
        for (std::size_t at = 0; at < bytes.size(); at += piece) take(session.feed(bytes.substr(at, piece)));
    }
    void take(rtmp::Actions actions) {
        for (auto& action : actions) {
            if (auto* send = std::get_if<rtmp::Send>(&action)) sent += send->bytes;
            if (auto* request = std::get_if<rtmp::PublishRequested>(&action)) requests.push_back(*request);
            if (auto* item = std::get_if<rtmp::Media>(&action)) media.push_back(*item);
            if (auto* end = std::get_if<rtmp::Closed>(&action)) closed = *end;
        }
    }
    /// From the handshake to the accepted publish.
    void start_publishing() {
        feed(greeting() + connect() + create_stream() + publish("key"));
        take(session.accept_publish());
        sent.clear();
    }
    bool was_told(std::string_view text) const { return sent.find(text) != std::string::npos; }

    rtmp::Session session;
    std::string sent;
    std::vector<rtmp::PublishRequested> requests;
    std::vector<rtmp::Media> media;
    std::optional<rtmp::Closed> closed;
};

}  // namespace livefair::test
