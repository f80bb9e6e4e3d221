#include "rtmp/chunk.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.hpp"

namespace livefair::rtmp {
namespace {

constexpr std::uint32_t extended_timestamp = 0xFFFFFF;
/// Message header bytes after the basic header, by format (section 5.3.1.2).
constexpr std::array<std::size_t, 4> message_header_bytes = {11, 7, 3, 0};

std::uint8_t byte_at(const std::string& bytes, std::size_t index) { return static_cast<std::uint8_t>(bytes[index]); }

std::uint32_t big_endian_at(const std::string& bytes, std::size_t index, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | byte_at(bytes, index + i);
    return value;
}

/// 1, 2 or 3, by the six low bits of the first byte (section 5.3.1.1).
std::size_t basic_header_bytes(std::uint8_t first) {
    const auto low = first & 63;
    return low == 0 ? 2 : low == 1 ? 3 : 1;
}

std::uint32_t chunk_stream_id_of(const std::string& header) {
    const std::uint32_t low = byte_at(header, 0) & 63;
    if (low == 0) return 64u + byte_at(header, 1);
    if (low == 1) return 64u + byte_at(header, 1) + 256u * byte_at(header, 2);
    return low;
}

}  // namespace

Result<std::optional<Message>> ChunkReader::next(std::string_view& input) {
    while (!input.empty()) {
        if (!current_) {
            const auto wanted = header_.empty() ? 1 : header_bytes_needed();
            const auto count = std::min(input.size(), wanted - header_.size());
            header_ += input.substr(0, count);
            input.remove_prefix(count);
            if (header_.size() < wanted || header_bytes_needed() > header_.size()) continue;
            if (const auto begun = begin_chunk(); !begun) return begun.error();
        }
        auto& stream = *current_;
        const auto count = std::min(input.size(), chunk_left_);
        if (unfinished_bytes_ + count > limits_.unfinished_bytes_max) return make_error_code(Errc::too_large);
        stream.payload += input.substr(0, count);
        input.remove_prefix(count);
        chunk_left_ -= count;
        unfinished_bytes_ += count;
        if (chunk_left_ > 0) break;
        current_ = nullptr;
        if (stream.payload.size() == stream.length) return std::optional<Message>(finish_message(stream));
    }
    return std::optional<Message>();
}

std::size_t ChunkReader::header_bytes_needed() const {
    const auto first = byte_at(header_, 0);
    const unsigned format = first >> 6;
    const auto basic = basic_header_bytes(first);
    const auto plain = basic + message_header_bytes[format];
    if (header_.size() < plain) return plain;
    if (format < 3) return plain + (big_endian_at(header_, basic, 3) == extended_timestamp ? 4 : 0);
    const auto found = streams_.find(chunk_stream_id_of(header_));
    const bool extended = found != streams_.end() && found->second.extended && extended_form_ != ExtendedForm::left_out;
    return plain + (extended ? 4 : 0);
}

Result<> ChunkReader::begin_chunk() {
    const unsigned format = byte_at(header_, 0) >> 6;
    const auto id = chunk_stream_id_of(header_);
    auto found = streams_.find(id);
    if (found == streams_.end()) {
        // Format 1 on a new chunk stream is against the letter, but librtmp begins its control stream with it.
        if (format > 1) return make_error_code(Errc::invalid_input);
        if (streams_.size() >= limits_.chunk_streams_max) return make_error_code(Errc::too_large);
        found = streams_.try_emplace(id).first;
    }
    auto& stream = found->second;
    if (const auto read = read_message_header(stream, format, basic_header_bytes(byte_at(header_, 0))); !read) return read.error();
    chunk_left_ = std::min<std::size_t>(chunk_size_, stream.length - stream.payload.size());
    const auto payload_bytes = format == 3 ? learn_extended_form(stream) : 0;
    stream.payload += std::string_view(header_).substr(header_.size() - payload_bytes);
    chunk_left_ -= payload_bytes;
    unfinished_bytes_ += payload_bytes;
    header_.clear();
    current_ = &stream;
    return {};
}

std::size_t ChunkReader::learn_extended_form(const ChunkStream& stream) {
    constexpr std::size_t width = 4;
    // A chunk shorter than the field can't have lent it its payload; nothing is learnt from it.
    if (!stream.extended || extended_form_ != ExtendedForm::unknown || chunk_left_ < width) return 0;
    const bool repeated = big_endian_at(header_, header_.size() - width, width) == stream.delta_ms;
    extended_form_ = repeated ? ExtendedForm::repeated : ExtendedForm::left_out;
    return repeated ? 0 : width;
}

Result<> ChunkReader::read_message_header(ChunkStream& stream, unsigned format, std::size_t at) {
    if (format < 3) {
        drop_partial(stream);
        std::uint32_t time = big_endian_at(header_, at, 3);
        stream.extended = time == extended_timestamp;
        if (stream.extended) time = big_endian_at(header_, at + message_header_bytes[format], 4);
        stream.timestamp_ms = format == 0 ? time : stream.timestamp_ms + time;
        stream.delta_ms = time;
        if (format < 2) {
            stream.length = big_endian_at(header_, at + 3, 3);
            stream.type = byte_at(header_, at + 6);
        }
        if (format == 0) {
            for (std::size_t i = 4; i-- > 0;) stream.stream_id = stream.stream_id << 8 | byte_at(header_, at + 7 + i);
        }
    } else if (!stream.in_message) {
        // Section 5.3.1.2.4: format 3 at a message's start repeats the delta; after format 0 that is its timestamp.
        stream.timestamp_ms += stream.delta_ms;
    }
    if (stream.length > limits_.message_bytes_max) return make_error_code(Errc::too_large);
    stream.in_message = true;
    return {};
}

void ChunkReader::drop_partial(ChunkStream& stream) {
    unfinished_bytes_ -= stream.payload.size();
    stream.payload.clear();
    stream.in_message = false;
}

Message ChunkReader::finish_message(ChunkStream& stream) {
    unfinished_bytes_ -= stream.payload.size();
    stream.in_message = false;
    return {stream.type, stream.stream_id, stream.timestamp_ms, std::exchange(stream.payload, {})};
}

Result<> ChunkReader::set_chunk_size(std::uint32_t bytes) {
    if (bytes == 0 || bytes > 0x7FFFFFFF) return make_error_code(Errc::invalid_input);
    chunk_size_ = bytes;
    return {};
}

void ChunkReader::abort(std::uint32_t chunk_stream_id) {
    const auto found = streams_.find(chunk_stream_id);
    if (found != streams_.end()) drop_partial(found->second);
}

std::string write_chunks(const Message& message, std::uint32_t chunk_stream_id, std::size_t chunk_size) {
    ByteWriter out;
    const bool extended = message.timestamp_ms >= extended_timestamp;
    out.big_endian(chunk_stream_id, 1)
        .big_endian(extended ? extended_timestamp : message.timestamp_ms, 3)
        .big_endian(message.payload.size(), 3)
        .big_endian(message.type, 1);
    for (unsigned i = 0; i < 4; ++i) out.big_endian(message.stream_id >> (8 * i) & 255, 1);
    const std::string_view payload = message.payload;
    for (std::size_t at = 0;; at += chunk_size) {
        if (at > 0) out.big_endian(0xC0 | chunk_stream_id, 1);
        if (extended) out.big_endian(message.timestamp_ms, 4);
        out.append(payload.substr(at, chunk_size));
        if (payload.size() - at <= chunk_size) return out.take();
    }
}

}  // namespace livefair::rtmp
