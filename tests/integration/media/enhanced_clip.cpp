#include "integration/media/enhanced_clip.hpp"

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <stdexcept>

#include "base/bytes.hpp"
#include "rtmp/amf0.hpp"

namespace livefair::test {
namespace {

constexpr std::uint8_t video_type = 9, data_type = 18;
constexpr unsigned enhanced = 0x80, key_frame = 1 << 4, inter_frame = 2 << 4;
constexpr unsigned sequence_start = 0, coded_frames = 1, coded_frames_x = 3;

struct Closer {
    void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

std::string view(const std::uint8_t* data, int size) { return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)}; }

std::string tag_head(unsigned frame_type, unsigned packet_type, const std::string& four_cc) {
    return std::string(1, static_cast<char>(enhanced | frame_type | packet_type)) + four_cc;
}

}  // namespace

FlvClip enhanced_clip(const std::string& mp4_file, const std::string& four_cc) {
    AVFormatContext* opened = nullptr;
    if (avformat_open_input(&opened, mp4_file.c_str(), nullptr, nullptr) < 0) throw std::runtime_error("can't open " + mp4_file);
    const std::unique_ptr<AVFormatContext, Closer> context(opened);
    const auto& stream = *context->streams[0];
    const std::unique_ptr<AVPacket, Closer> packet(av_packet_alloc());
    const auto to_ms = [&](std::int64_t time) { return av_rescale_q(time, stream.time_base, {1, 1000}); };
    FlvClip clip;
    // It says that no sound will come.
    clip.tags.push_back({data_type, 0, 0, rtmp::AmfWriter().text("@setDataFrame").text("onMetaData").object({}, {{"width", stream.codecpar->width}}).take()});
    const auto record = view(stream.codecpar->extradata, stream.codecpar->extradata_size);
    clip.tags.push_back({video_type, 0, 0, tag_head(key_frame, sequence_start, four_cc) + record});
    std::int64_t first_dts = AV_NOPTS_VALUE;
    while (av_read_frame(context.get(), packet.get()) >= 0) {
        if (first_dts == AV_NOPTS_VALUE) first_dts = packet->dts;
        const auto dts = packet->dts - first_dts, composition = packet->pts - packet->dts;
        const auto frame_type = (packet->flags & AV_PKT_FLAG_KEY) != 0 ? key_frame : inter_frame;
        const bool names_composition = four_cc == "hvc1" && composition != 0;
        ByteWriter body;
        body.append(tag_head(frame_type, names_composition || four_cc == "av01" ? coded_frames : coded_frames_x, four_cc));
        if (names_composition) body.big_endian(static_cast<std::uint64_t>(to_ms(composition)) & 0xFFFFFF, 3);
        body.append(view(packet->data, packet->size));
        clip.tags.push_back({video_type, to_ms(dts), static_cast<std::uint32_t>(to_ms(dts)), body.take()});
        clip.duration_ms = to_ms(dts + packet->duration);
        av_packet_unref(packet.get());
    }
    return clip;
}

}  // namespace livefair::test
