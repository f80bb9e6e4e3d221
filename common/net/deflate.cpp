#include "net/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "base/check.hpp"
#include "net/http_headers.hpp"

namespace livefair::net {
namespace {

constexpr int raw_window_bits = -15;  // zlib's way to say: without a header
/// What a flush ends with, and a message leaves out.
constexpr std::string_view flush_tail("\0\0\xFF\xFF", 4);

struct EndDeflate {
    void operator()(z_stream* stream) const {
        deflateEnd(stream);
        delete stream;
    }
};
struct EndInflate {
    void operator()(z_stream* stream) const {
        inflateEnd(stream);
        delete stream;
    }
};

void give(z_stream& stream, std::string_view bytes) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
}

/// One for all messages of a thread: making one costs more than most messages do.
z_stream& deflater() {
    static thread_local const auto stream = [] {
        // Level 1: frames of a few kilobytes come out 4 % larger than at 6, in a third of the time.
        constexpr int level = 1, memory_level = 8;
        std::unique_ptr<z_stream, EndDeflate> made(new z_stream{});
        LF_CHECK(deflateInit2(made.get(), level, Z_DEFLATED, raw_window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
        return made;
    }();
    LF_CHECK(deflateReset(stream.get()) == Z_OK);
    return *stream;
}

z_stream& inflater() {
    static thread_local const auto stream = [] {
        std::unique_ptr<z_stream, EndInflate> made(new z_stream{});
        LF_CHECK(inflateInit2(made.get(), raw_window_bits) == Z_OK);
        return made;
    }();
    LF_CHECK(inflateReset(stream.get()) == Z_OK);
    return *stream;
}

/// Whether `text` is a window size, 8 to 15, without a leading zero.
bool is_window(std::string_view text) {
    return text == "8" || text == "9" || (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5');
}

std::string_view unquoted(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

/// One parameter of an offer; `seen`: those before it.
bool is_acceptable(std::string_view parameter, std::set<std::string>& seen) {
    const auto equals = parameter.find('=');
    const auto name = to_lower(trim(parameter.substr(0, equals)));
    const bool has_value = equals != parameter.npos;
    const auto value = has_value ? unquoted(trim(parameter.substr(equals + 1))) : std::string_view();
    if (!seen.insert(name).second) return false;
    if (name == "server_no_context_takeover" || name == "client_no_context_takeover") return !has_value;
    if (name == "client_max_window_bits") return !has_value || is_window(value);
    return name == "server_max_window_bits" && value == "15";
}

}  // namespace

std::string deflate_message(std::string_view message) {
    auto& stream = deflater();
    give(stream, message);
    std::string payload(deflateBound(&stream, message.size()) + 16, '\0');
    stream.next_out = reinterpret_cast<Bytef*>(payload.data());
    stream.avail_out = static_cast<uInt>(payload.size());
    LF_CHECK(deflate(&stream, Z_SYNC_FLUSH) == Z_OK && stream.avail_in == 0 && stream.avail_out > 0);
    payload.resize(payload.size() - stream.avail_out);
    LF_CHECK(payload.ends_with(flush_tail));
    payload.resize(payload.size() - flush_tail.size());
    return payload;
}

Result<std::string> inflate_message(std::string_view payload, std::size_t bytes_max) {
    auto& stream = inflater();
    std::string message;
    std::array<char, 4096> piece;
    for (const auto part : {payload, flush_tail}) {
        give(stream, part);
        for (bool is_full = true; is_full;) {
            stream.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream.avail_out = static_cast<uInt>(piece.size());
            const int status = inflate(&stream, Z_SYNC_FLUSH);
            const auto count = piece.size() - stream.avail_out;
            if (count > bytes_max - message.size()) return make_error_code(Errc::too_large);
            message.append(piece.data(), count);
            // A final block ends the message; after it comes at most the header of the flush's empty block (RFC 7692 7.2.3.4).
            if (status == Z_STREAM_END && stream.avail_in <= 1) return message;
            // Z_BUF_ERROR: it has all it can have of this part.
            if (status != Z_OK && status != Z_BUF_ERROR) return make_error_code(Errc::invalid_input);
            is_full = stream.avail_out == 0;
        }
    }
    // Not in the midst of a block, whose data the flush would then have been.
    constexpr int at_end_of_block = 128;
    if ((stream.data_type & at_end_of_block) == 0) return make_error_code(Errc::invalid_input);
    return message;
}

bool accepts_deflate(std::string_view offer) {
    std::set<std::string> seen;
    for (bool is_name = true;; is_name = false) {
        const auto end = offer.find(';');
        const auto part = trim(offer.substr(0, end));
        if (is_name ? to_lower(part) != "permessage-deflate" : !is_acceptable(part, seen)) return false;
        if (end == offer.npos) return true;
        offer.remove_prefix(end + 1);
    }
}

}  // namespace livefair::net
