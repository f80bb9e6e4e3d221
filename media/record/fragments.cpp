#include "record/fragments.hpp"

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
}

#include <algorithm>
#include <vector>

#include "base/bytes.hpp"
#include "record/fragmented_input.hpp"

namespace livefair::record {

std::size_t complete_parts_bytes(std::string_view file) {
    std::size_t complete = 0;
    bool after_moof = false;
    ByteReader in(file);
    for (;;) {
        const auto at = file.size() - in.left();
        const auto size = in.big_endian(4);
        const auto type = in.take(4);
        constexpr std::uint64_t head_bytes = 8;
        // The muxer writes 32-bit sizes; 0 and 1 (to the end, 64 bits) are not ours.
        if (!size || !type || *size < head_bytes || !in.take(*size - head_bytes)) return complete;
        if (*type == "moof" && !after_moof) {
            after_moof = true;
        } else if (*type == "mdat" && after_moof) {
            after_moof = false;
            complete = at + *size;
        } else {
            return complete;
        }
    }
}

Result<std::int64_t> media_duration_us(const std::string& init, const std::string& segment) {
    std::vector<std::string> pieces = {segment, init};
    FragmentedInput input([&pieces] {
        if (pieces.empty()) return std::string();
        auto piece = std::move(pieces.back());
        pieces.pop_back();
        return piece;
    });
    if (!input.context() || input.context()->nb_streams == 0) return make_error_code(Errc::invalid_input);
    auto& context = *input.context();
    std::vector<std::int64_t> sums(context.nb_streams);
    auto* packet = av_packet_alloc();
    while (av_read_frame(&context, packet) >= 0) {
        const auto index = static_cast<std::size_t>(packet->stream_index);
        if (index < sums.size()) sums[index] += std::max<std::int64_t>(packet->duration, 0);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    std::size_t lead = 0;
    for (std::size_t i = 0; i < sums.size(); ++i)
        if (context.streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO) lead = i;
    const auto duration_us = av_rescale_q(sums[lead], context.streams[lead]->time_base, {1, 1'000'000});
    if (duration_us <= 0) return make_error_code(Errc::invalid_input);
    return duration_us;
}

}  // namespace livefair::record
