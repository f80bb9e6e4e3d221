#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/errc.hpp"

namespace livefair::rtmp {

/// Message types (RTMP 1.0 sections 5.4 and 7.1).
namespace message_type {
constexpr std::uint8_t set_chunk_size = 1, abort = 2, acknowledgement = 3, user_control = 4, window_size = 5, peer_bandwidth = 6;
constexpr std::uint8_t audio = 8, video = 9, data_amf3 = 15, command_amf3 = 17, data = 18, command = 20, aggregate = 22;
}  // namespace message_type

struct Message {
    std::uint8_t type = 0;
    std::uint32_t stream_id = 0;
    std::uint32_t timestamp_ms = 0;  ///< Wraps at 2^32.
    std::string payload;
};

struct ChunkLimits {
    std::size_t message_bytes_max = 4 << 20;
    std::size_t unfinished_bytes_max = 8 << 20;  ///< Sum over the unfinished messages of all chunk streams.
    std::size_t chunk_streams_max = 64;
};

/// Cuts a byte stream into messages (RTMP 1.0 section 5.3): all header forms, one-, two- and three-byte chunk stream ids, extended
/// timestamps. Memory is bounded by the limits; nothing is reserved for bytes that have not come.
class ChunkReader {
public:
    explicit ChunkReader(ChunkLimits limits) : limits_(limits) {}

    /// Consumes from `input` until one message is whole or `input` is used up.
    /// Errors: Errc::invalid_input (a compressed header on a new chunk stream), too_large (a limit). The connection must then be closed.
    Result<std::optional<Message>> next(std::string_view& input);
    /// From the next chunk on. Errors: Errc::invalid_input - 0 or above 2^31 - 1.
    Result<> set_chunk_size(std::uint32_t bytes);
    /// Forgets the unfinished message of a chunk stream; an unknown one is ignored.
    void abort(std::uint32_t chunk_stream_id);

private:
    struct ChunkStream {
        std::uint32_t timestamp_ms = 0;
        std::uint32_t delta_ms = 0;
        std::uint32_t length = 0;
        std::uint32_t stream_id = 0;
        std::uint8_t type = 0;
        bool extended = false;
        bool in_message = false;
        std::string payload;
    };
    /// Bytes of the header that starts with `header_`, as far as is known from it.
    std::size_t header_bytes_needed() const;
    Result<> begin_chunk();
    /// Some encoders don't repeat an extended timestamp on type-3 chunks, as the specification asks: the first such chunk shows which
    /// kind this one is. Returns the bytes of `header_` that are payload.
    std::size_t learn_extended_form(const ChunkStream& stream);
    Result<> read_message_header(ChunkStream& stream, unsigned format, std::size_t at);
    void drop_partial(ChunkStream& stream);
    Message finish_message(ChunkStream& stream);

    ChunkLimits limits_;
    std::size_t chunk_size_ = 128;
    std::string header_;              // of the chunk that is being read; at most 18 bytes
    ChunkStream* current_ = nullptr;  // whose payload comes next; nullptr while a header is read
    std::size_t chunk_left_ = 0;      // payload bytes still to come in this chunk
    std::size_t unfinished_bytes_ = 0;
    enum class ExtendedForm { unknown, repeated, left_out } extended_form_ = ExtendedForm::unknown;
    std::unordered_map<std::uint32_t, ChunkStream> streams_;
};

/// Encodes one message as chunks of `chunk_size` bytes on `chunk_stream_id` (2 to 63), with full headers.
std::string write_chunks(const Message& message, std::uint32_t chunk_stream_id, std::size_t chunk_size);

}  // namespace livefair::rtmp
