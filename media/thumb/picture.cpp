#include "thumb/picture.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace livefair::thumb {
namespace {

constexpr std::int64_t pixels_max = 7680 * 4320;
constexpr int quality = 5;  // of mjpeg's 1 (best) to 31: about 20 KB at 480 x 270

struct FreeContext {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeScaler {
    void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using Context = std::unique_ptr<AVCodecContext, FreeContext>;
using Frame = std::unique_ptr<AVFrame, FreeFrame>;
using Packet = std::unique_ptr<AVPacket, FreePacket>;

AVCodecID codec_of(codec::VideoKind kind) {
    if (kind == codec::VideoKind::hevc) return AV_CODEC_ID_HEVC;
    return kind == codec::VideoKind::av1 ? AV_CODEC_ID_AV1 : AV_CODEC_ID_H264;
}

Result<Context> open_decoder(const KeyFrame& frame) {
    const auto* codec = avcodec_find_decoder(codec_of(frame.kind));
    if (!codec) return make_error_code(Errc::unsupported);
    Context context(avcodec_alloc_context3(codec));
    if (!context) return make_error_code(Errc::internal);
    context->extradata = static_cast<std::uint8_t*>(av_mallocz(frame.record.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (!context->extradata) return make_error_code(Errc::internal);
    std::memcpy(context->extradata, frame.record.data(), frame.record.size());
    context->extradata_size = static_cast<int>(frame.record.size());
    context->thread_count = 1;
    context->max_pixels = pixels_max;
    // Not seen in a picture that is scaled down, and a quarter of the work.
    context->skip_loop_filter = AVDISCARD_ALL;
    if (avcodec_open2(context.get(), codec, nullptr) < 0) return make_error_code(Errc::invalid_input);
    return context;
}

Result<Frame> decode(const KeyFrame& key_frame) {
    const auto decoder = open_decoder(key_frame);
    if (!decoder) return decoder.error();
    const auto data = std::string_view(*key_frame.bytes).substr(key_frame.offset);
    Packet packet(av_packet_alloc());
    Frame frame(av_frame_alloc());
    if (!packet || !frame || av_new_packet(packet.get(), static_cast<int>(data.size())) < 0) return make_error_code(Errc::internal);
    std::memcpy(packet->data, data.data(), data.size());
    packet->flags = AV_PKT_FLAG_KEY;
    auto* context = decoder->get();
    // The flush brings out a picture that waits for others to be put in order.
    if (avcodec_send_packet(context, packet.get()) < 0 || avcodec_send_packet(context, nullptr) < 0 ||
        avcodec_receive_frame(context, frame.get()) < 0)
        return make_error_code(Errc::invalid_input);
    const bool is_sound = frame->width > 0 && frame->height > 0 && (frame->flags & AV_FRAME_FLAG_CORRUPT) == 0 && frame->decode_error_flags == 0;
    if (!is_sound) return make_error_code(Errc::invalid_input);
    return frame;
}

/// The picture as it is shown (pixels may be oblong), not wider than `width_max`, with even sides.
Result<Frame> scale(const AVFrame& source, int width_max) {
    const auto sar = source.sample_aspect_ratio;
    const double stretch = sar.num > 0 && sar.den > 0 ? std::clamp(double(sar.num) / sar.den, 0.25, 4.0) : 1.0;
    const double shown_width = source.width * stretch;
    const double factor = std::min(1.0, width_max / shown_width);
    Frame small(av_frame_alloc());
    if (!small) return make_error_code(Errc::internal);
    small->format = AV_PIX_FMT_YUVJ420P;
    small->width = std::max(16, static_cast<int>(shown_width * factor / 2 + 0.5) * 2);
    small->height = std::clamp(static_cast<int>(source.height * factor / 2 + 0.5) * 2, 16, 16 * width_max);
    if (av_frame_get_buffer(small.get(), 0) < 0) return make_error_code(Errc::internal);
    const std::unique_ptr<SwsContext, FreeScaler> scaler(
        sws_getContext(source.width, source.height, static_cast<AVPixelFormat>(source.format), small->width, small->height,
                       AV_PIX_FMT_YUVJ420P, SWS_BILINEAR, nullptr, nullptr, nullptr));
    if (!scaler || sws_scale(scaler.get(), source.data, source.linesize, 0, source.height, small->data, small->linesize) < 0)
        return make_error_code(Errc::internal);
    return small;
}

Result<std::string> encode(AVFrame& picture) {
    const auto* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    Context context(codec ? avcodec_alloc_context3(codec) : nullptr);
    Packet packet(av_packet_alloc());
    if (!context || !packet) return make_error_code(Errc::internal);
    context->width = picture.width;
    context->height = picture.height;
    context->pix_fmt = AV_PIX_FMT_YUVJ420P;
    context->time_base = {1, 1};
    context->thread_count = 1;
    context->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    context->global_quality = picture.quality = FF_QP2LAMBDA * quality;
    picture.pts = 0;
    if (avcodec_open2(context.get(), codec, nullptr) < 0 || avcodec_send_frame(context.get(), &picture) < 0 ||
        avcodec_send_frame(context.get(), nullptr) < 0 || avcodec_receive_packet(context.get(), packet.get()) < 0)
        return make_error_code(Errc::internal);
    return std::string(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
}

}  // namespace

Result<std::string> to_jpeg(const KeyFrame& frame, int width_max) {
    // Its messages are no JSON lines, and what matters of them is in the return codes.
    av_log_set_level(AV_LOG_QUIET);
    const auto decoded = decode(frame);
    if (!decoded) return decoded.error();
    const auto small = scale(**decoded, width_max);
    if (!small) return small.error();
    return encode(**small);
}

}  // namespace livefair::thumb
