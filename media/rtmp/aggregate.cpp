#include "rtmp/aggregate.hpp"

#include "base/bytes.hpp"

namespace livefair::rtmp {
namespace {

constexpr std::size_t tags_max = 1024;

}  // namespace

Result<std::vector<Message>> split_aggregate(const Message& aggregate) {
    constexpr std::size_t back_pointer_bytes = 4;
    ByteReader in(aggregate.payload);
    std::vector<Message> messages;
    std::uint32_t first_ms = 0;
    while (in.left() > 0) {
        if (messages.size() >= tags_max) return make_error_code(Errc::too_large);
        const auto type = in.big_endian(1);
        const auto length = in.big_endian(3);
        const auto low = in.big_endian(3), high = in.big_endian(1);
        const auto stream_id = in.big_endian(3);
        const auto body = stream_id ? in.take(*length) : Result<std::string_view>(stream_id.error());
        if (!body) return body.error();
        const auto time_ms = static_cast<std::uint32_t>(*high << 24 | *low);
        if (messages.empty()) first_ms = time_ms;
        messages.push_back({static_cast<std::uint8_t>(*type), aggregate.stream_id, aggregate.timestamp_ms + (time_ms - first_ms), std::string(*body)});
        // Some writers leave the last one out.
        if (in.left() > 0 && !in.take(back_pointer_bytes)) return make_error_code(Errc::invalid_input);
    }
    return messages;
}

}  // namespace livefair::rtmp
